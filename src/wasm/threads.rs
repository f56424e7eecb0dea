//! Threads of a module that shares its memory: workers beside the classifier's own.

use crate::kernels::{set_team, Crew, Member};
use js_sys::{global, Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Worker;

    #[wasm_bindgen(constructor, catch)]
    fn new(url: &JsValue, options: &JsValue) -> Result<Worker, JsValue>;

    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &Worker, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &Worker, listener: &Function);

    #[wasm_bindgen(method, setter)]
    fn set_onerror(this: &Worker, listener: &Function);

    #[wasm_bindgen(method)]
    fn terminate(this: &Worker);

    #[wasm_bindgen(js_name = postMessage)]
    fn tell(message: &JsValue);
}

/// Starts a crew of so many threads, this one included, that all kernels work with from then on. `glue` is the address of the
/// JavaScript that this module came with. Returns how many there are: one where the others could not be started.
#[wasm_bindgen(js_name = initThreadPool)]
pub async fn start(size: usize, glue: String) -> usize {
    match size {
        0 | 1 => 1,
        _ => started(size, &glue).await.unwrap_or(1),
    }
}

/// # Errors
/// What the browser says.
async fn started(size: usize, glue: &str) -> Result<usize, JsValue> {
    let crew = Crew::of_members(size);
    let workers: Vec<Worker> = (1..size).map(|_| worker()).collect::<Result<_, _>>()?;
    let answers: Array = workers.iter().map(|worker| invite(worker, crew.member(), glue)).collect();
    let answers = JsFuture::from(Promise::all(&answers)).await;
    if answers.is_ok_and(|answers| Array::from(&answers).iter().all(|answer| joined(&answer)))
        && set_team(Box::new(crew))
    {
        return Ok(size);
    }
    workers.iter().for_each(Worker::terminate);
    Ok(1)
}

/// Whether a worker's message is that of [`join`], and not why it could not.
fn joined(event: &JsValue) -> bool {
    Reflect::get(event, &"data".into()).is_ok_and(|data| data.is_null())
}

/// One more worker of the script that this one runs.
fn worker() -> Result<Worker, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"module".into())?;
    let location = Reflect::get(&global(), &"location".into())?;
    Worker::new(&vouched(&Reflect::get(&location, &"href".into())?)?, &options)
}

/// The address under the policy `polyhead`, where the browser knows Trusted Types.
fn vouched(url: &JsValue) -> Result<JsValue, JsValue> {
    let types = Reflect::get(&global(), &"trustedTypes".into())?;
    if types.is_undefined() {
        return Ok(url.clone());
    }
    let rules = Object::new();
    let rule = Closure::<dyn Fn(JsValue) -> JsValue>::new(|url| url).into_js_value();
    Reflect::set(&rules, &"createScriptURL".into(), &rule)?;
    let policy = function(&types, "createPolicy")?.call2(&types, &"polyhead".into(), &rules)?;
    function(&policy, "createScriptURL")?.call1(&policy, url)
}

fn function(of: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(of, &name.into())?.dyn_into()
}

/// Lets the worker work as a member. Resolves with its first message.
fn invite(worker: &Worker, member: Member, glue: &str) -> Promise {
    let member = member.seat() as f64;
    Promise::new(&mut |resolve, reject| {
        worker.set_onmessage(&resolve);
        worker.set_onerror(&reject);
        let message = Object::new();
        let parts: [(&str, JsValue); 5] = [
            ("verb", "join".into()),
            ("glue", glue.into()),
            ("module", wasm_bindgen::module()),
            ("memory", wasm_bindgen::memory()),
            ("member", member.into()),
        ];
        let set = parts.iter().try_for_each(|(name, part)| Reflect::set(&message, &(*name).into(), part).map(|_| ()));
        if let Err(error) = set.and_then(|()| worker.post_message(&message)) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    })
}

/// Works as the member, which the classifier's worker made, until that worker ends.
#[wasm_bindgen]
pub fn join(member: usize) {
    let Some(member) = Member::of_seat(member) else { return };
    let lost = member.clone();
    tell(&JsValue::NULL);
    let work = Closure::once_into_js(move || member.work());
    // A trap comes back as what JavaScript throws.
    if work.unchecked_into::<Function>().call0(&JsValue::UNDEFINED).is_err() {
        lost.lost();
    }
}
