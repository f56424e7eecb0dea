//! JavaScript bindings of a workshop project.

mod types;
mod values;

use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{explanation, image_source, ranking};
use crate::fit::FitOptions;
use crate::merge::MergeOptions;
use crate::project::EvidenceOptions;
use crate::project::{labels_of_text, ImageInfo, Project};
use crate::report;
use types::{CheckOptions, Checked, DownloadOptions, LabelMeant, SiteOptions, TextOptions};
use values::{blob, bytes, change, files, get, of_files, options, plain, told};

/// Models, images, evidence, and the results computed from them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Workshop(Project);

#[wasm_bindgen]
impl Workshop {
    /// An empty project.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Workshop {
        Workshop::default()
    }

    /// The state for display.
    ///
    /// # Errors
    /// None known.
    #[wasm_bindgen(unchecked_return_type = "State")]
    pub fn state(&self) -> Result<JsValue, JsValue> {
        plain(&self.0.state())
    }

    /// Adds the models in dropped files, with their sidecar files.
    ///
    /// # Errors
    /// "option" for a value that is not a list of files.
    #[wasm_bindgen(js_name = addFiles, unchecked_return_type = "Drop")]
    pub async fn add_files(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFile[]")] dropped: JsValue,
    ) -> Result<JsValue, JsValue> {
        let dropped = files(dropped).await.map_err(|e| told(&self.0, e))?;
        plain(&self.0.add_files(dropped))
    }

    /// Sets overrides of a model; null removes one.
    ///
    /// # Errors
    /// "no-such-item", "option", "preprocessing", "sidecar" for a text without labels.
    #[wasm_bindgen(js_name = editModel, unchecked_return_type = "ModelView")]
    pub fn edit_model(
        &mut self,
        id: u32,
        #[wasm_bindgen(
            unchecked_param_type = "Change<ModelOverrides> | (Change<Omit<ModelOverrides, 'labels'>> & { labels: string })"
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

    /// Moves a model to another position.
    ///
    /// # Errors
    /// "no-such-item".
    #[wasm_bindgen(js_name = moveModel)]
    pub fn move_model(&mut self, id: u32, to: usize) -> Result<(), JsValue> {
        self.0.move_model(id, to).map_err(|e| told(&self.0, e))
    }

    /// Merges the models; without options, those of the last merge are used.
    ///
    /// # Errors
    /// Those of the merge, with the form field that corrects it.
    #[wasm_bindgen(unchecked_return_type = "MergeReport")]
    pub fn merge(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "MergeOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let merged = self.merge_options(chosen).and_then(|chosen| self.0.merge(chosen).map(|report| plain(&report)));
        merged.map_err(|e| told(&self.0, e))?
    }

    /// The ways to merge models whose backbones are nearly the same, each with its cost; without options, those of the last
    /// merge are used.
    ///
    /// # Errors
    /// Those of reading the models.
    #[wasm_bindgen(js_name = mergeWays, unchecked_return_type = "MergeWay[]")]
    pub fn merge_ways(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "MergeOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ways = self.merge_options(chosen).and_then(|chosen| self.0.merge_ways(&chosen));
        plain(&ways.map_err(|e| told(&self.0, e))?)
    }

    /// The label of the model that a folder's name refers to.
    ///
    /// # Errors
    /// "not-merged", "no-such-label", "ambiguous-label", "unknown-head".
    #[wasm_bindgen(js_name = labelOf, unchecked_return_type = "LabelMeant")]
    pub fn label_of(&self, text: &str, head: Option<String>) -> Result<JsValue, JsValue> {
        let label = self.0.label_of(text, head.as_deref()).map_err(|e| told(&self.0, e))?;
        plain(&LabelMeant { label, head })
    }

    /// Extracts the features of one image; those of the same bytes are reused.
    ///
    /// # Errors
    /// Those of `labelOf`; those of a classifier if the source is not an image.
    #[wasm_bindgen(unchecked_return_type = "ImageView")]
    pub async fn observe(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ImageSource")] image: JsValue,
        #[wasm_bindgen(unchecked_param_type = "ImageInfo")] about: JsValue,
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
        // A source that is not a file is identified by its pixels.
        let sha256 = file.map_or_else(|| digest(&pixels.rgb), |bytes| digest(&bytes));
        let observed = match self.0.observe_known(&about, &sha256) {
            Ok(None) => self.0.observe(about, &sha256, &pixels),
            Ok(Some(known)) => Ok(known),
            Err(error) => Err(error),
        };
        plain(&observed.map_err(|e| told(&self.0, e))?)
    }

    /// Changes the label and settings of an image; nothing is computed again.
    ///
    /// # Errors
    /// "no-such-item"; those of `labelOf`.
    #[wasm_bindgen(js_name = editImage, unchecked_return_type = "ImageView")]
    pub fn edit_image(
        &mut self,
        id: u32,
        #[wasm_bindgen(unchecked_param_type = "Pick<ImageInfo, 'label' | 'head' | 'unseen'>")] said: JsValue,
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

    /// Measures whether the heads are comparable, and lists the images that need a thumbnail.
    ///
    /// # Errors
    /// "not-merged", "no-images".
    #[wasm_bindgen(unchecked_return_type = "Checked")]
    pub fn check(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "CheckOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<CheckOptions>("check", chosen);
        let checked = chosen.and_then(|CheckOptions { seed }| {
            let report = self.0.check(seed)?;
            Ok(plain(&Checked { report, wanted: report::wanted(report) }))
        });
        checked.map_err(|e| told(&self.0, e))?
    }

    /// The last check as an HTML page; thumbnails are URLs by the images' names.
    ///
    /// # Errors
    /// "no-images" before a check.
    #[wasm_bindgen(js_name = checkPage)]
    pub fn check_page(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Record<string, string>")] thumbnails: JsValue,
    ) -> Result<String, JsValue> {
        let thumbnails = options("thumbnails", thumbnails);
        thumbnails.and_then(|thumbnails| self.0.check_page(&thumbnails)).map_err(|e| told(&self.0, e))
    }

    /// The size of an evidence file, in bytes.
    ///
    /// # Errors
    /// "not-merged", "option", "limit".
    #[wasm_bindgen(js_name = evidenceSize)]
    pub fn evidence_size(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "EvidenceOptions")] chosen: JsValue,
    ) -> Result<f64, JsValue> {
        let chosen = options::<EvidenceOptions>("evidence", chosen);
        chosen.and_then(|chosen| self.0.evidence_size(&chosen)).map(|n| n as f64).map_err(|e| told(&self.0, e))
    }

    /// Sums the labelled images to an evidence file.
    ///
    /// # Errors
    /// Those of `evidenceSize`; "unknown-head", "no-images".
    pub fn evidence(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "EvidenceOptions")] chosen: JsValue,
    ) -> Result<Blob, JsValue> {
        let chosen = options::<EvidenceOptions>("evidence", chosen);
        let evidence = chosen.and_then(|chosen| self.0.evidence(&chosen));
        blob(&evidence.map_err(|e| told(&self.0, e))?)
    }

    /// Adds an evidence file.
    ///
    /// # Errors
    /// "read", "not-merged", "malformed-evidence", "other-model", "different-evidence".
    #[wasm_bindgen(js_name = addEvidence, unchecked_return_type = "EvidenceView")]
    pub async fn add_evidence(&mut self, name: String, file: Blob) -> Result<JsValue, JsValue> {
        let bytes = bytes(&name, &file).await.map_err(|e| told(&self.0, e))?;
        let added = self.0.add_evidence(&name, bytes).map(|view| plain(&view));
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
    #[wasm_bindgen(unchecked_return_type = "FitReport")]
    pub fn fit(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "FitOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<FitOptions>("fit", chosen);
        let fitted = chosen.and_then(|chosen| self.0.fit(chosen).map(|summary| plain(&summary)));
        fitted.map_err(|e| told(&self.0, e))?
    }

    /// Writes the rule of the last fit, or another one of its comparison, into the project's model.
    ///
    /// # Errors
    /// "not-fitted"; those of the fit and the merge.
    #[wasm_bindgen(unchecked_return_type = "TakenReport")]
    pub fn take(&mut self, rule: Option<String>) -> Result<JsValue, JsValue> {
        plain(&self.0.take(rule.as_deref()).map_err(|e| told(&self.0, e))?)
    }

    /// Ranks the labels of one image with the current model, as `Classifier.classify`.
    ///
    /// # Errors
    /// "not-merged"; those of `Classifier.classify`.
    #[wasm_bindgen(unchecked_return_type = "TimedRanking")]
    pub async fn classify(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ImageSource")] image: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ClassifyOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        if let Err(error) = self.0.classifier() {
            return Err(told(&self.0, error));
        }
        let classifier = self.0.classifier().map_err(super::to_js)?;
        ranking(classifier, image, chosen).await
    }

    /// The class activation maps of one image, as `Classifier.explain`.
    ///
    /// # Errors
    /// "not-merged"; those of `Classifier.explain`.
    #[wasm_bindgen(unchecked_return_type = "Explanation")]
    pub async fn explain(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ImageSource")] image: JsValue,
    ) -> Result<JsValue, JsValue> {
        let classifier = self.0.classifier().map_err(super::to_js)?;
        let image = image_source::image(image).await.map_err(super::to_js)?;
        explanation::to_js(&classifier.explain(&image).map_err(super::to_js)?)
    }

    /// The card of the current model, as `Classifier.card`.
    ///
    /// # Errors
    /// "not-merged".
    #[wasm_bindgen(unchecked_return_type = "ModelCard")]
    pub fn card(&mut self) -> Result<JsValue, JsValue> {
        plain(self.0.classifier().map_err(super::to_js)?.card())
    }

    /// The current model as an ONNX file.
    ///
    /// # Errors
    /// "not-merged".
    pub fn download(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "DownloadOptions")] chosen: JsValue,
    ) -> Result<Blob, JsValue> {
        let chosen = options::<DownloadOptions>("download", chosen);
        let file = chosen.and_then(|chosen| self.0.download(chosen.weight_format));
        blob(&file.map_err(|e| told(&self.0, e))?)
    }

    /// A static site with the current model, as a zip archive.
    ///
    /// # Errors
    /// "not-merged", "site-file", "archive", "not-wasm".
    pub async fn site(
        &self,
        #[wasm_bindgen(unchecked_param_type = "WorkshopFile[]")] parts: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "SiteOptions")] chosen: JsValue,
    ) -> Result<Blob, JsValue> {
        let parts = files(parts).await;
        let site = || {
            let SiteOptions { title } = options("site", chosen)?;
            self.0.site(&parts?, title.as_deref())
        };
        blob(&site().map_err(|e| told(&self.0, e))?)
    }

    /// Code snippets that use the model elsewhere.
    ///
    /// # Errors
    /// "not-merged".
    #[wasm_bindgen(unchecked_return_type = "Texts")]
    pub fn texts(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "TextOptions")] chosen: JsValue,
    ) -> Result<JsValue, JsValue> {
        let chosen = options::<TextOptions>("texts", chosen);
        let texts = chosen.and_then(|chosen| self.0.texts(chosen.file.as_deref().unwrap_or("merged.onnx")));
        plain(&texts.map_err(|e| told(&self.0, e))?)
    }

    /// Saves the project with the page's own files as one file.
    ///
    /// # Errors
    /// "archive" and "limit" for the page's files.
    pub async fn save(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "WorkshopFile[]")] extra: JsValue,
    ) -> Result<Blob, JsValue> {
        let saved = files(extra).await.and_then(|extra| self.0.save(&extra));
        blob(&saved.map_err(|e| told(&self.0, e))?)
    }

    /// Replaces this project by a project file, and returns the page's files stored in it.
    ///
    /// # Errors
    /// "read", "not-a-project", "project-version", "malformed-project", "archive"; the project is then unchanged.
    #[wasm_bindgen(unchecked_return_type = "WorkshopFile[]")]
    pub async fn open(&mut self, file: Blob) -> Result<JsValue, JsValue> {
        let opened = bytes("project", &file).await.and_then(|bytes| Project::open(&bytes));
        let opened = opened.map_err(|e| told(&self.0, e))?;
        self.0 = opened.project;
        of_files(opened.extra)
    }
}

impl Workshop {
    /// The options of a merge; if there are none, those of the last one.
    fn merge_options(&self, chosen: JsValue) -> crate::Result<MergeOptions> {
        match chosen.is_null() || chosen.is_undefined() {
            true => Ok(self.0.options().clone()),
            false => options("merge", chosen),
        }
    }
}

/// SHA-256 in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
