//! JavaScript bindings of the classifier.

mod bitmap_pixels;
mod embedded_model;
mod error;
mod explanation;
mod image_source;
mod options;
#[cfg(target_feature = "atomics")]
mod threads;
#[cfg(feature = "workshop")]
pub mod workshop;

use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::classifier::{rank, rank_logits, RankedLogit, Ranking};
use error::{foreign, to_js};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the start of the worker or page, with the browser's finest resolution.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
}

/// Writes panic messages to the console.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// A merged model, prepared to run.
#[wasm_bindgen]
pub struct Classifier(crate::classifier::Classifier);

/// A ranking with the total time of decoding, resizing and running.
#[derive(Serialize, Tsify)]
struct TimedRanking {
    #[serde(flatten)]
    ranking: Ranking,
    /// The raw scores, largest first, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    logits: Option<Vec<RankedLogit>>,
    milliseconds: f64,
}

/// Converts to a plain object, including flattened structs and JSON, which would otherwise be maps.
fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true)).map_err(foreign)
}

/// The image sources of browsers and Node.js.
#[wasm_bindgen(typescript_custom_section)]
const IMAGE_SOURCE: &str = r#"
/** Rows from the top; 4 bytes per pixel (RGBA, straight alpha), or 3 (RGB). */
export interface Pixels {
    data: Uint8Array | Uint8ClampedArray;
    width: number;
    height: number;
}

/** A source of an image. */
export type ImageSource = Blob | ImageBitmap | ImageData | Pixels | OffscreenCanvas | VideoFrame;
"#;

/// Ranks the labels of a source, and measures the time.
async fn ranking(
    classifier: &crate::classifier::Classifier,
    source: JsValue,
    options: JsValue,
) -> Result<JsValue, JsValue> {
    let start = now();
    let (options, with_logits) = options::read(options).map_err(to_js)?;
    let image = image_source::image(source).await.map_err(to_js)?;
    let scores = classifier.run(&image).map_err(to_js)?;
    let ranking = rank(classifier.labels(), classifier.heads(), &scores, &options).map_err(to_js)?;
    let logits = with_logits.then(|| rank_logits(classifier.logit_labels(), &scores)).transpose().map_err(to_js)?;
    plain(&TimedRanking { ranking, logits, milliseconds: now() - start })
}

#[wasm_bindgen]
impl Classifier {
    /// Loads a merged file, or without bytes the model embedded in this module's section `polyhead.model`.
    ///
    /// # Errors
    /// "no-model" if there is none; those of `Classifier::from_bytes`.
    #[wasm_bindgen(constructor)]
    pub fn new(model: Option<Vec<u8>>) -> Result<Classifier, JsValue> {
        crate::kernels::warm_up();
        let built = match model {
            Some(model) => crate::classifier::Classifier::from_bytes("model", model),
            None => {
                embedded_model::model().and_then(|model| crate::classifier::Classifier::from_bytes("embedded", model))
            }
        };
        built.map(Classifier).map_err(to_js)
    }

    /// All labels, in the model's order.
    ///
    /// # Errors
    /// None known.
    #[wasm_bindgen(unchecked_return_type = "Label[]")]
    pub fn labels(&self) -> Result<JsValue, JsValue> {
        serde_wasm_bindgen::to_value(self.0.labels()).map_err(foreign)
    }

    /// The shorter side, in pixels, of a video frame that the model needs.
    #[wasm_bindgen(js_name = inputSize)]
    pub fn input_size(&self) -> u32 {
        self.0.preprocessing().shorter_side()
    }

    /// The names of the heads, in the model's order.
    pub fn heads(&self) -> Vec<String> {
        self.0.heads().to_vec()
    }

    /// Ranks the labels of one image.
    ///
    /// # Errors
    /// "not-an-image", "broken-image", "limit" and "source" if the source is not an image; "option"; those of the
    /// model.
    #[wasm_bindgen(unchecked_return_type = "TimedRanking")]
    pub async fn classify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ImageSource")] source: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ClassifyOptions")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        ranking(&self.0, source, options).await
    }

    /// The probabilities of the labels, in their order, for one preprocessed input in the layout of the card's
    /// preprocessing.
    ///
    /// # Errors
    /// "engine" if the number of values differs from the model's input.
    #[wasm_bindgen(js_name = classifyTensor)]
    pub fn classify_tensor(&self, tensor: &[f32]) -> Result<Vec<f32>, JsValue> {
        self.0.run_tensor(tensor).map(|scores| scores.probabilities).map_err(to_js)
    }

    /// The time per layer, in execution order, on one synthetic image.
    ///
    /// # Errors
    /// "engine" if the model fails.
    #[wasm_bindgen(unchecked_return_type = "Timing[]")]
    pub fn profile(&self) -> Result<JsValue, JsValue> {
        plain(&self.0.profile(now).map_err(to_js)?)
    }

    /// The model card: labels, heads, preprocessing, rule, sources.
    ///
    /// # Errors
    /// None known.
    #[wasm_bindgen(unchecked_return_type = "ModelCard")]
    pub fn card(&self) -> Result<JsValue, JsValue> {
        plain(self.0.card())
    }

    /// The class activation maps of one image.
    ///
    /// # Errors
    /// "not-linear" if no head is linear; as `classify` if the source is not an image.
    #[wasm_bindgen(unchecked_return_type = "Explanation")]
    pub async fn explain(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ImageSource")] source: JsValue,
    ) -> Result<JsValue, JsValue> {
        let image = image_source::image(source).await.map_err(to_js)?;
        explanation::to_js(&self.0.explain(&image).map_err(to_js)?)
    }
}
