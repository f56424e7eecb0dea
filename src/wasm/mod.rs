//! The classifier as JavaScript sees it.

mod error;
mod options;
mod section;
mod source;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::ranking::{rank, Ranking};
use error::{foreign, to_js};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the worker or page was started, with the browser's finest resolution.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
}

/// Writes panics to the console in words.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// A merged model, prepared to run.
#[wasm_bindgen]
pub struct Classifier(crate::classifier::Classifier);

/// A ranking, and the time it took.
#[derive(Serialize)]
struct Timed {
    #[serde(flatten)]
    ranking: Ranking,
    milliseconds: f64,
}

#[wasm_bindgen]
impl Classifier {
    /// The model that this very module carries in its section `polyhead.model`.
    ///
    /// # Errors
    /// "no-model" where there is none; those of `fromBytes`.
    pub fn embedded() -> Result<Classifier, JsValue> {
        let model = section::model().map_err(to_js)?;
        crate::classifier::Classifier::from_bytes("embedded", &model).map(Classifier).map_err(to_js)
    }

    /// The bytes of a merged file.
    ///
    /// # Errors
    /// What the file is instead, or why it does not run.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(model: &[u8]) -> Result<Classifier, JsValue> {
        crate::classifier::Classifier::from_bytes("model", model).map(Classifier).map_err(to_js)
    }

    /// All labels, in the model's order.
    ///
    /// # Errors
    /// None that is known of.
    #[wasm_bindgen(unchecked_return_type = "{ label: string, heads: string[] }[]")]
    pub fn labels(&self) -> Result<JsValue, JsValue> {
        serde_wasm_bindgen::to_value(self.0.labels()).map_err(foreign)
    }

    /// The names of the heads, in the model's order.
    pub fn heads(&self) -> Vec<String> {
        self.0.heads().to_vec()
    }

    /// Ranks the labels of one picture.
    ///
    /// # Errors
    /// "not-a-picture", "broken-picture", "limit" and "source" where the source gives no picture; "rank-option"; those of
    /// the model.
    #[wasm_bindgen(
        unchecked_return_type = "{ labels: { label: string, heads: string[], probability: number }[], heads: { head: string, probability: number }[], none?: number, milliseconds: number }"
    )]
    pub async fn classify(
        &self,
        #[wasm_bindgen(
            unchecked_param_type = "Blob | ImageBitmap | ImageData | { data: Uint8Array | Uint8ClampedArray, width: number, height: number } | OffscreenCanvas | VideoFrame"
        )]
        source: JsValue,
        #[wasm_bindgen(unchecked_param_type = "{ topK?: number, threshold?: number } | undefined")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let start = now();
        let options = options::read(options).map_err(to_js)?;
        let picture = source::picture(source).await.map_err(to_js)?;
        let scores = self.0.run(&picture).map_err(to_js)?;
        let ranking = rank(self.0.labels(), self.0.heads(), &scores, &options).map_err(to_js)?;
        let answer = Timed { ranking, milliseconds: now() - start };
        // Flattened structs come as maps, which JavaScript should see as plain objects.
        answer.serialize(&serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true)).map_err(foreign)
    }
}
