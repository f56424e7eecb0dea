//! Starts worker threads that share the module's memory.

use crate::kernels::{set_executor, ThreadPool, Worker as PoolWorker};
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

/// Starts a pool of `size` threads, this one included, for all kernels. `glue` is the URL of the JavaScript that this
/// module was loaded with. Returns the number of threads: 1 if the others cannot be started.
#[wasm_bindgen(js_name = initThreadPool)]
pub async fn start(size: usize, glue: String) -> usize {
    match size {
        0 | 1 => 1,
        _ => started(size, &glue).await.unwrap_or(1),
    }
}

/// # Errors
/// The browser's exception.
async fn started(size: usize, glue: &str) -> Result<usize, JsValue> {
    let pool = ThreadPool::with_threads(size);
    let workers: Vec<Worker> = (1..size).map(|_| worker()).collect::<Result<_, _>>()?;
    let answers: Array = workers.iter().map(|worker| invite(worker, pool.worker(), glue)).collect();
    let answers = JsFuture::from(Promise::all(&answers)).await;
    if answers.is_ok_and(|answers| Array::from(&answers).iter().all(|answer| joined(&answer)))
        && set_executor(Box::new(pool))
    {
        return Ok(size);
    }
    workers.iter().for_each(Worker::terminate);
    Ok(1)
}

/// Whether a worker's message is the one from [`join`], and not an error.
fn joined(event: &JsValue) -> bool {
    Reflect::get(event, &"data".into()).is_ok_and(|data| data.is_null())
}

/// Starts another worker with the script of this one.
fn worker() -> Result<Worker, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"module".into())?;
    let location = Reflect::get(&global(), &"location".into())?;
    Worker::new(&vouched(&Reflect::get(&location, &"href".into())?)?, &options)
}

/// The URL under the policy `polyhead`, if the browser supports Trusted Types.
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

/// Starts a web worker as a worker of the pool. Resolves with its first message.
fn invite(worker: &Worker, pool_worker: PoolWorker, glue: &str) -> Promise {
    let slot = pool_worker.slot() as f64;
    Promise::new(&mut |resolve, reject| {
        worker.set_onmessage(&resolve);
        worker.set_onerror(&reject);
        let message = Object::new();
        let parts: [(&str, JsValue); 5] = [
            ("verb", "join".into()),
            ("glue", glue.into()),
            ("module", wasm_bindgen::module()),
            ("memory", wasm_bindgen::memory()),
            ("slot", slot.into()),
        ];
        let set = parts.iter().try_for_each(|(name, part)| Reflect::set(&message, &(*name).into(), part).map(|_| ()));
        if let Err(error) = set.and_then(|()| worker.post_message(&message)) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    })
}

/// Runs the pool's worker of this slot, which the classifier's web worker created, until the pool ends.
#[wasm_bindgen]
pub fn join(slot: usize) {
    let Some(pool_worker) = PoolWorker::of_slot(slot) else { return };
    let lost = pool_worker.clone();
    tell(&JsValue::NULL);
    let work = Closure::once_into_js(move || pool_worker.work());
    // A trap is thrown as a JavaScript exception.
    if work.unchecked_into::<Function>().call0(&JsValue::UNDEFINED).is_err() {
        lost.mark_lost();
    }
}
