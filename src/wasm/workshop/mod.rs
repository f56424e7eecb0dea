//! JavaScript bindings of a workshop project.

mod values;

use js_sys::{Object, Reflect, Uint8Array};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;

use super::{explanation, image_source, ranking};
use crate::merge::Weights;
use crate::project::{labels_of_text, EvidenceOptions, FitOptions, ImageInfo, MergeOptions, Project};
use crate::report;
use values::{change, files, get, of_files, options, plain, told};

/// Models, images, evidence, and what is made of them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Workshop(Project);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct CheckOptions {
    seed: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct DownloadOptions {
    weights: Weights,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SiteOptions {
    title: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct TextOptions {
    file: Option<String>,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen]
impl Workshop {
    /// An empty project.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Workshop {
        Workshop::default()
    }

    /// Everything that a page shows.
    ///
    /// # Errors
    /// None that is known of.
    #[wasm_bindgen(unchecked_return_type = "WorkshopState")]
    pub fn state(&self) -> Result<JsValue, JsValue> {
        plain(&self.0.state())
    }

    /// Takes in the models of a drop, with the files beside them.
    ///
    /// # Errors
    /// "option" for what is no list of files.
    #[wasm_bindgen(js_name = addFiles, unchecked_return_type = "{ models: WorkshopModel[], unused: string[] }")]
    pub fn add_files(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFile[]")] dropped: JsValue,
    ) -> Result<JsValue, JsValue> {
        let dropped = files(dropped).map_err(|e| told(&self.0, e))?;
        plain(&self.0.add_files(dropped))
    }

    /// States something about a model; null takes it back.
    ///
    /// # Errors
    /// "no-such-item", "option", "preprocessing", "sidecar" for a text that holds no labels.
    #[wasm_bindgen(js_name = editModel, unchecked_return_type = "WorkshopModel")]
    pub fn edit_model(
        &mut self,
        id: u32,
        #[wasm_bindgen(
            unchecked_param_type = "{ name?: string | null, labels?: string[] | string | null, preprocessing?: WorkshopPreprocessing | null, size?: number | null }"
        )]
        stated: JsValue,
    ) -> Result<JsValue, JsValue> {
        let edited = self.0.edit_model(id, |statement| {
            let labels = match get(&stated, "labels").as_string() {
                Some(text) => Some(Some(labels_of_text(&text)?)),
                None => change(&stated, "labels", "an array of texts, or the text of a file")?,
            };
            change(&stated, "name", "a text")?.into_iter().for_each(|name| statement.name = name);
            labels.into_iter().for_each(|labels| statement.labels = labels);
            let preprocessing = change(&stated, "preprocessing", "a preprocessing description")?;
            preprocessing.into_iter().for_each(|value| statement.preprocessing = value);
            change(&stated, "size", "pixels")?.into_iter().for_each(|size| statement.size = size);
            Ok(())
        });
        let edited = edited.map(|view| plain(&view));
        edited.map_err(|e| told(&self.0, e))?
    }

    /// # Errors
    /// "no-such-item".
    #[wasm_bindgen(js_name = removeModel)]
    pub fn remove_model(&mut self, id: u32) -> Result<(), JsValue> {
        self.0.remove_model(id).map_err(|e| told(&self.0, e))
    }

    /// Puts a model at another place among the models.
    ///
    /// # Errors
    /// "no-such-item".
    #[wasm_bindgen(js_name = moveModel)]
    pub fn move_model(&mut self, id: u32, to: usize) -> Result<(), JsValue> {
        self.0.move_model(id, to).map_err(|e| told(&self.0, e))
    }

    /// Merges the models; with the options of the last time if there are none.
    ///
    /// # Errors
    /// Those of the merge, with the field that corrects it.
    #[wasm_bindgen(unchecked_return_type = "WorkshopMerge")]
    pub fn merge(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopMergeOptions | undefined")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = match chosen.is_null() || chosen.is_undefined() {
            true => Ok(self.0.options().clone()),
            false => options::<MergeOptions>("merge", chosen),
        };
        let merged = chosen.and_then(|chosen| self.0.merge(chosen).map(|report| plain(&report)));
        merged.map_err(|e| told(&self.0, e))?
    }

    /// The label of the model that a folder's name means.
    ///
    /// # Errors
    /// "not-merged", "no-such-label", "ambiguous-label", "unknown-head".
    #[wasm_bindgen(js_name = labelOf, unchecked_return_type = "{ label: string, head: string | null }")]
    pub fn label_of(&self, text: &str, head: Option<String>) -> Result<JsValue, JsValue> {
        let label = self.0.label_of(text, head.as_deref()).map_err(|e| told(&self.0, e))?;
        plain(&serde_json::json!({ "label": label, "head": head }))
    }

    /// Observes one image; what was computed for its very bytes is not computed again.
    ///
    /// # Errors
    /// Those of `labelOf`; those of a classifier where the source gives no image.
    #[wasm_bindgen(unchecked_return_type = "WorkshopImage")]
    pub async fn observe(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Blob | ImageBitmap | ImageData | OffscreenCanvas")] image: JsValue,
        #[wasm_bindgen(
            unchecked_param_type = "{ name: string, label?: string | null, head?: string | null, unseen?: boolean, id?: number }"
        )]
        about: JsValue,
    ) -> Result<JsValue, JsValue> {
        let about: ImageInfo = options("about", about).map_err(|e| told(&self.0, e))?;
        let file = image_source::bytes(&image).await.map_err(|e| told(&self.0, e))?;
        let pixels = match &file {
            Some(bytes) => {
                let known = self.0.observe_known(&about, &digest(bytes)).map_err(|e| told(&self.0, e))?;
                if let Some(known) = known {
                    return plain(&known);
                }
                image_source::image(image).await
            }
            None => image_source::image(image).await,
        };
        let pixels = pixels.map_err(|e| told(&self.0, e))?;
        // What never was a file is known by its pixels.
        let sha256 = file.map_or_else(|| digest(&pixels.rgb), |bytes| digest(&bytes));
        let observed = match self.0.observe_known(&about, &sha256) {
            Ok(None) => self.0.observe(about, &sha256, &pixels),
            Ok(Some(known)) => Ok(known),
            Err(error) => Err(error),
        };
        plain(&observed.map_err(|e| told(&self.0, e))?)
    }

    /// Says something else of an image; nothing is computed again.
    ///
    /// # Errors
    /// "no-such-item"; those of `labelOf`.
    #[wasm_bindgen(js_name = editImage, unchecked_return_type = "WorkshopImage")]
    pub fn edit_image(
        &mut self,
        id: u32,
        #[wasm_bindgen(unchecked_param_type = "{ label?: string | null, head?: string | null, unseen?: boolean }")]
        said: JsValue,
    ) -> Result<JsValue, JsValue> {
        let read = || {
            let label = change::<String>(&said, "label", "a text")?;
            let head = change::<String>(&said, "head", "a text")?;
            let unseen = change::<bool>(&said, "unseen", "true or false")?;
            Ok((label, head, unseen))
        };
        let (label, head, unseen) = read().map_err(|e| told(&self.0, e))?;
        let edited = self.0.edit_image(id, |about| {
            label.into_iter().for_each(|label| about.label = label);
            head.into_iter().for_each(|head| about.head = head);
            unseen.into_iter().for_each(|unseen| about.unseen = unseen);
        });
        plain(&edited.map_err(|e| told(&self.0, e))?)
    }

    /// # Errors
    /// "no-such-item".
    #[wasm_bindgen(js_name = removeImage)]
    pub fn remove_image(&mut self, id: u32) -> Result<(), JsValue> {
        self.0.remove_image(id).map_err(|e| told(&self.0, e))
    }

    /// Measures whether the heads can be compared, and names the images that are worth a thumbnail.
    ///
    /// # Errors
    /// "not-merged", "no-images".
    #[wasm_bindgen(unchecked_return_type = "{ report: WorkshopReport, wanted: string[] }")]
    pub fn check(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "{ seed?: number } | undefined")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<CheckOptions>("check", chosen);
        let checked = chosen.and_then(|CheckOptions { seed }| {
            let report = self.0.check(seed)?;
            Ok(plain(&serde_json::json!({ "report": report, "wanted": report::wanted(report) })))
        });
        checked.map_err(|e| told(&self.0, e))?
    }

    /// The last check as one page; thumbnails are addresses by the images' names.
    ///
    /// # Errors
    /// "no-images" before a check.
    #[wasm_bindgen(js_name = checkPage)]
    pub fn check_page(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Record<string, string> | undefined")] thumbnails: JsValue,
    ) -> Result<String, JsValue> {
        let thumbnails = options("thumbnails", thumbnails);
        thumbnails.and_then(|thumbnails| self.0.check_page(&thumbnails)).map_err(|e| told(&self.0, e))
    }

    /// How large a file of evidence becomes, in bytes.
    ///
    /// # Errors
    /// "not-merged", "option", "limit".
    #[wasm_bindgen(js_name = evidenceSize)]
    pub fn evidence_size(
        &self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopEvidenceOptions | undefined")] chosen: JsValue,
    ) -> Result<f64, JsValue> {
        let chosen = options::<EvidenceOptions>("evidence", chosen);
        chosen.and_then(|chosen| self.0.evidence_size(&chosen)).map(|n| n as f64).map_err(|e| told(&self.0, e))
    }

    /// The labelled images as a file of evidence.
    ///
    /// # Errors
    /// Those of `evidenceSize`; "unknown-head", "no-images".
    pub fn evidence(
        &self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopEvidenceOptions | undefined")] chosen: JsValue,
    ) -> Result<Vec<u8>, JsValue> {
        let chosen = options::<EvidenceOptions>("evidence", chosen);
        chosen.and_then(|chosen| self.0.evidence(&chosen)).map_err(|e| told(&self.0, e))
    }

    /// Takes in a file of evidence.
    ///
    /// # Errors
    /// "not-merged", "malformed-evidence", "other-model", "different-evidence".
    #[wasm_bindgen(js_name = addEvidence, unchecked_return_type = "WorkshopEvidence")]
    pub fn add_evidence(&mut self, name: &str, bytes: Vec<u8>) -> Result<JsValue, JsValue> {
        let added = self.0.add_evidence(name, bytes).map(|view| plain(&view));
        added.map_err(|e| told(&self.0, e))?
    }

    /// # Errors
    /// "no-such-item".
    #[wasm_bindgen(js_name = removeEvidence)]
    pub fn remove_evidence(&mut self, id: u32) -> Result<(), JsValue> {
        self.0.remove_evidence(id).map_err(|e| told(&self.0, e))
    }

    /// Compares the rules.
    ///
    /// # Errors
    /// Those of the fit.
    #[wasm_bindgen(unchecked_return_type = "WorkshopFit")]
    pub fn fit(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFitOptions | undefined")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<FitOptions>("fit", chosen);
        let fitted = chosen.and_then(|chosen| self.0.fit(chosen).map(|summary| plain(&summary)));
        fitted.map_err(|e| told(&self.0, e))?
    }

    /// Writes the rule of the last fit, or another of its comparison, into the project's model.
    ///
    /// # Errors
    /// "not-fitted"; those of the fit and the merge.
    #[wasm_bindgen(unchecked_return_type = "WorkshopTaken")]
    pub fn take(&mut self, rule: Option<String>) -> Result<JsValue, JsValue> {
        plain(&self.0.take(rule.as_deref()).map_err(|e| told(&self.0, e))?)
    }

    /// Ranks the labels of one image by the model as taken, as `Classifier.classify` does.
    ///
    /// # Errors
    /// "not-merged"; those of `Classifier.classify`.
    #[wasm_bindgen(
        unchecked_return_type = "{ labels: { label: string, heads: string[], probability: number }[], heads: { head: string, probability: number }[], none?: number, logits?: { label: string, head: string, logit: number }[], milliseconds: number }"
    )]
    pub async fn classify(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Blob | ImageBitmap | ImageData | OffscreenCanvas | VideoFrame")]
        image: JsValue,
        #[wasm_bindgen(unchecked_param_type = "{ topK?: number, threshold?: number, logits?: boolean } | undefined")]
        chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        if let Err(error) = self.0.classifier() {
            return Err(told(&self.0, error));
        }
        let classifier = self.0.classifier().map_err(super::to_js)?;
        ranking(classifier, image, chosen).await
    }

    /// The class activation maps of one image, as `Classifier.explain` gives them.
    ///
    /// # Errors
    /// "not-merged"; those of `Classifier.explain`.
    #[wasm_bindgen(
        unchecked_return_type = "{ area: { x: number, y: number, width: number, height: number }, maps: { label: string, head: string, width: number, height: number, values: Float32Array, strengths: Uint8Array }[] }"
    )]
    pub async fn explain(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Blob | ImageBitmap | ImageData | OffscreenCanvas | VideoFrame")]
        image: JsValue,
    ) -> Result<JsValue, JsValue> {
        let classifier = self.0.classifier().map_err(super::to_js)?;
        let image = image_source::image(image).await.map_err(super::to_js)?;
        explanation::to_js(&classifier.explain(&image).map_err(super::to_js)?)
    }

    /// What the model as taken says of itself, as `Classifier.card`.
    ///
    /// # Errors
    /// "not-merged".
    #[wasm_bindgen(unchecked_return_type = "WorkshopCard")]
    pub fn card(&mut self) -> Result<JsValue, JsValue> {
        plain(self.0.classifier().map_err(super::to_js)?.card())
    }

    /// The model as taken, as an ONNX file.
    ///
    /// # Errors
    /// "not-merged".
    pub fn download(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ weights?: 'keep' | 'f32' | 'f16' | 'int8' } | undefined")]
        chosen: JsValue,
    ) -> Result<Vec<u8>, JsValue> {
        let chosen = options::<DownloadOptions>("download", chosen);
        chosen.and_then(|chosen| self.0.download(chosen.weights)).map_err(|e| told(&self.0, e))
    }

    /// A static site around the model as taken, as a zip archive.
    ///
    /// # Errors
    /// "not-merged", "site-file", "archive", "not-wasm".
    pub fn site(
        &self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFile[]")] parts: JsValue,
        #[wasm_bindgen(unchecked_param_type = "{ title?: string } | undefined")] chosen: JsValue,
    ) -> Result<Vec<u8>, JsValue> {
        let read = || {
            let SiteOptions { title } = options("site", chosen)?;
            self.0.site(&files(parts)?, title.as_deref())
        };
        read().map_err(|e| told(&self.0, e))
    }

    /// How the model is used elsewhere.
    ///
    /// # Errors
    /// "not-merged".
    #[wasm_bindgen(unchecked_return_type = "{ python: string, html: string }")]
    pub fn texts(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ file?: string } | undefined")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<TextOptions>("texts", chosen);
        let texts = chosen.and_then(|chosen| self.0.texts(chosen.file.as_deref().unwrap_or("merged.onnx")));
        plain(&texts.map_err(|e| told(&self.0, e))?)
    }

    /// The project as one file, with what the page wants to have back.
    ///
    /// # Errors
    /// "archive" and "limit" for what should be kept with it.
    pub fn save(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFile[] | undefined")] extra: JsValue,
    ) -> Result<Vec<u8>, JsValue> {
        files(extra).and_then(|extra| self.0.save(&extra)).map_err(|e| told(&self.0, e))
    }

    /// Opens a project file in place of this project.
    ///
    /// # Errors
    /// "not-a-project", "project-version", "malformed-project", "archive"; then nothing has changed.
    #[wasm_bindgen(unchecked_return_type = "{ extra: WorkshopFile[] }")]
    pub fn open(&mut self, bytes: Vec<u8>) -> Result<JsValue, JsValue> {
        let opened = Project::open(&bytes).map_err(|e| told(&self.0, e))?;
        self.0 = opened.project;
        let answer = Object::new();
        Reflect::set(&answer, &"extra".into(), &of_files(opened.extra))?;
        Ok(answer.into())
    }

    /// Bytes of this module's memory.
    pub fn memory(&self) -> f64 {
        let memory = wasm_bindgen::memory().unchecked_into::<js_sys::WebAssembly::Memory>();
        Uint8Array::new(&memory.buffer()).length().into()
    }
}

/// SHA-256 in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
