//! The kinds of errors: what was expected and what was found. The [`Remedy`](super::Remedy) is separate.

use super::{Cause, Setting};
use std::io;

/// The kinds of errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read.
    #[error("{path}: expected a readable file, found: {source}")]
    Read { path: String, source: io::Error },
    /// A file could not be written.
    #[error("{path}: expected to write the file, found: {source}")]
    Write { path: String, source: io::Error },
    /// The output file exists already.
    #[error("{path}: expected no file there, found one")]
    Exists { path: String },
    /// The output path is not a regular file.
    #[error("{path}: expected a file or nothing there, found {found}")]
    NoFile { path: String, found: &'static str },
    /// An input exceeds a limit of this crate.
    #[error("{subject}: expected at most {limit} {unit}, found {found}")]
    Limit { subject: String, unit: &'static str, limit: u64, found: u64, remedy: &'static str },
    /// The bytes are not an ONNX model.
    #[error("model '{model}': expected an ONNX file, found {found}")]
    NotOnnx { model: String, found: String, remedy: String },
    /// A folder or archive with more than one model.
    #[error("'{export}': expected one model, found {}: {}", .found.len(), listed(.found))]
    SeveralModels { export: String, found: Vec<String> },
    /// A zip archive that is damaged or has unexpected content.
    #[error("archive '{archive}': expected {expected}, found {found}")]
    Archive { archive: String, expected: String, found: String },
    /// External weights that cannot be read safely.
    #[error("model '{model}', tensor '{tensor}', external data: expected {expected}, found {found}")]
    ExternalData { model: String, tensor: String, expected: String, found: String },
    /// A link where only a regular file is read.
    #[error("{path}: expected a plain file in the model's own folder, found a link")]
    Link { path: String },
    /// The model file contradicts itself or the ONNX standard.
    #[error("model '{model}', {place}: expected {expected}, found {found}")]
    Malformed { model: String, place: String, expected: String, found: String },
    /// The file is a valid model that this crate cannot merge or run.
    #[error("model '{model}', {place}: expected {expected}, found {found}")]
    Unsupported { model: String, place: String, expected: String, found: String, remedy: String },
    /// The inference engine cannot prepare or run the model.
    #[error("model '{model}', {stage}: expected the model to run, found: {source}")]
    Engine { model: String, stage: &'static str, source: Cause },
    /// The metadata of a merged file are missing or wrong.
    #[error("model '{model}', metadata '{key}': expected {expected}, found {found}")]
    Metadata { model: String, key: String, expected: String, found: String },
    /// The outputs of a merged file do not match its metadata.
    #[error("model '{model}', output '{output}': expected {expected} numbers, found {found}")]
    Output { model: String, output: &'static str, expected: usize, found: usize },
    /// A file next to a model does not have the content that its name implies.
    #[error("{file}: expected {expected}, found {found}")]
    Sidecar { file: String, expected: String, found: String },
    /// The labels of a model are missing or do not match its outputs.
    #[error("model '{model}': expected {expected}, found {found}")]
    Labels { model: String, expected: String, found: String },
    /// A flag that is given for some models and not for others.
    #[error("{flag}: expected it once for each of {expected} models, found it {found} times")]
    Count { flag: &'static str, expected: usize, found: usize },
    /// A merge without models.
    #[error("merge: expected at least one model, found none")]
    NoSources,
    /// Two heads have the same name.
    #[error("head '{head}': expected a name of its own, found it twice")]
    DuplicateHead { head: String },
    /// Two models have the same label.
    #[error("label '{label}': expected it in one model, found it in '{first}' and '{second}'")]
    DuplicateLabel { label: String, first: String, second: String },
    /// Two labels of one head have the same text.
    #[error("head '{head}': expected labels of different texts, found '{label}' twice")]
    RepeatedLabel { head: String, label: String },
    /// An edit names a label that no model has.
    #[error("{setting} '{label}': expected a label of the models, found none of that name; the labels are {known}")]
    UnknownLabel { setting: Setting, label: String, known: String },
    /// An edit names a label that several models have.
    #[error("{setting} '{label}': expected one label, found {found}")]
    AmbiguousLabel {
        setting: Setting,
        label: String,
        found: String,
        /// The head and the label of one of them.
        example: (String, String),
    },
    /// The order is not a permutation of the labels.
    #[error("order: expected each of the {count} labels once, found {found}; the labels are {labels}")]
    LabelOrder { count: usize, found: String, labels: String },
    /// An edit names a head that no model has.
    #[error("{setting} '{head}': expected a head of the model, found none of that name; the heads are {known}")]
    UnknownHead { setting: Setting, head: String, known: String },
    /// Every label of a head is dropped.
    #[error("head '{head}': expected at least one label to stay, found all of them dropped")]
    EmptyHead { head: String },
    /// The only head of a model is to be replaced.
    #[error("replace '{head}': expected a merged model of several heads, found '{model}' with this one")]
    OnlyHead { head: String, model: String },
    /// Softmax heads and sigmoid heads in one model.
    #[error("model '{sigmoid}': expected a softmax head as in '{softmax}', found a sigmoid head")]
    MixedHeads { softmax: String, sigmoid: String },
    /// Labels of sigmoid heads cannot be merged, because their scores cannot be added.
    #[error("label '{label}': expected softmax heads to join it, found sigmoid heads")]
    JoinedSigmoid { label: String },
    /// Models with input images of different sizes or layouts.
    #[error("model '{model}': expected an input of {expected} as in '{first}', found {found}; apart from that {rest}")]
    DifferentInputs {
        first: String,
        /// The image's axes, such as `3 × 224 × 224`.
        expected: String,
        model: String,
        found: String,
        /// Other differences, or their absence, in words.
        rest: String,
    },
    /// Models with different preprocessing.
    #[error("model '{model}': expected images prepared as for '{first}' ({first_from}), found {} ({from})", instead(.fields))]
    DifferentPreprocessing {
        first: String,
        first_from: String,
        model: String,
        from: String,
        /// Each field that differs: its name, the expected and the found value.
        fields: Vec<(&'static str, String, String)>,
    },
    /// A number of the model is not finite.
    #[error("model '{model}', {place}: expected finite numbers, found {found}")]
    NotFinite { model: String, place: String, found: f32 },
    /// A model of several heads where one is expected.
    #[error("{setting}: expected a model with one head, found {heads} in '{model}'")]
    SeveralHeads { setting: Setting, model: String, heads: String },
    /// A flag that overrides a property of the file itself.
    #[error(
        "model '{model}': expected no {setting} to be stated for a merged model, which holds its own, found {found}"
    )]
    Settled { model: String, setting: Setting, found: String },
    /// Models that share too little.
    #[error("model '{model}': expected at least {:.0} % of its multiply-adds shared with '{first}', found {:.1} %: {difference}", 100.0 * .least, 100.0 * .shared)]
    TooLittleShared {
        first: String,
        model: String,
        /// 0 to 1.
        shared: f64,
        least: f64,
        /// The relation of the weights, if it explains that, and the first difference.
        difference: String,
        /// Whether the weights differ only by as much as half floats do.
        halves: bool,
    },
    /// Models of one network whose weights drifted apart in training.
    #[error("model '{model}': expected the weights of '{first}', found {relation}")]
    NearlyShared { first: String, model: String, drifted: bool, relation: String },
    /// A shared backbone whose features a head does not understand.
    #[error("head '{head}': expected the shared backbone's features to mean what they did to it, its logits correlated with those before by at least {least}, found {correlation:.2} on {images} images")]
    OtherFeatures { head: String, images: usize, correlation: f32, least: f32 },
    /// Models whose first layers expect the image's levels in different scales.
    #[error("model '{model}': expected the levels 0 to 255 to reach the first layer as {expected}, as in '{first}' ({first_from}), found {found} ({from})")]
    DifferentInputMaps {
        first: String,
        /// The source of the preprocessing, and the scaling inside the graph.
        first_from: String,
        model: String,
        from: String,
        expected: String,
        found: String,
    },
    /// Two heads that compute the same logits.
    #[error("head '{second}': expected another model than '{first}', found the same weights down to the logits")]
    SameModel { first: String, second: String },
    /// The logits of the merged model differ from those of a source.
    #[error("head '{head}': expected {expected}, found {found}")]
    Proof { head: String, expected: String, found: String },
    /// The bytes are not a WebAssembly core module.
    #[error("wasm module: expected a WebAssembly core module, found {found}")]
    NotWasm { found: String, remedy: &'static str },
    /// The WebAssembly module is truncated or contradicts itself.
    #[error("wasm module, byte {offset}: expected a whole WebAssembly module, found: {found}")]
    MalformedWasm { offset: u64, found: String },
    /// Another program uses the port.
    #[error("port {port}: expected a free port, found one in use")]
    PortTaken { port: u16 },
    /// The folder cannot be served.
    #[error("port {port}: expected to serve the folder, found: {source}")]
    Serve { port: u16, source: io::Error },
    /// The system cannot start that many threads.
    #[error("threads: expected {wanted} to work together, found: {source}")]
    Threads { wanted: usize, source: io::Error },
    /// The file is not an image, or its format is not supported.
    #[error("image '{name}': expected {expected}, found {found}")]
    NotImage { name: String, expected: &'static str, found: String, remedy: &'static str },
    /// The file is an image with damaged content.
    #[error("image '{name}': expected a complete {format} file, found: {source}")]
    BrokenImage { name: String, format: &'static str, source: Cause },
    /// The number of pixels does not match the stated width and height.
    #[error("pixels: expected {expected}, found {found} bytes")]
    Pixels { expected: String, found: usize },
    /// An invalid preprocessing value.
    #[error("preprocessing, {field}: expected {expected}, found {found}")]
    Preprocessing { field: &'static str, expected: String, found: String },
    /// The resize of an image failed.
    #[error("resize: expected a resized image, found: {source}")]
    Resize { source: Cause },
    /// The model returned a score that is not a number, or an invalid probability.
    #[error("{kind} '{name}': expected {expected}, found {found}")]
    Score { kind: &'static str, name: String, expected: &'static str, found: f32 },
    /// An invalid option of a call, by its name in JavaScript.
    #[error("option {option}: expected {expected}, found {found}")]
    Option { option: &'static str, expected: String, found: String },
    /// The wasm module contains no model.
    #[error("this wasm module: expected a model in the section '{section}', found none")]
    NoModel { section: &'static str },
    /// The source to classify is not an image that the browser can draw.
    #[error(
        "source: expected a Blob, ImageBitmap, ImageData, OffscreenCanvas or VideoFrame with an image, found {found}"
    )]
    Source { found: String },
    /// A folder or line of labelled images has a label that the model does not have.
    #[error("{place}: expected a label of the model, found '{label}'; the labels are {known}")]
    NoSuchLabel { place: String, label: String, known: String },
    /// The bytes are not evidence, or contradict themselves.
    #[error("evidence '{file}', {part}: expected {expected}, found {found}")]
    MalformedEvidence { file: String, part: String, expected: String, found: String },
    /// Evidence of different models, or of different features.
    #[error("evidence, {field}: expected {expected} as in the first, found {found}")]
    DifferentEvidence { field: &'static str, expected: String, found: String },
    /// Evidence, or a file of features, of another model than the one to be fitted.
    #[error("{input}: expected that of the model {expected}, found {found}")]
    OtherModel { input: String, expected: String, found: String },
    /// The bytes are not a file of features, or contradict themselves.
    #[error("features '{file}', {part}: expected {expected}, found {found}")]
    MalformedFeatures { file: String, part: String, expected: String, found: String },
    /// A file without a required kind of features.
    #[error("features '{file}': expected those of the kinds {expected}, found {found}")]
    MissingFeatures { file: String, expected: String, found: String },
    /// A rule that requires evidence or images that are missing.
    #[error("rule '{rule}': expected evidence or images of every label, found none of {labels}")]
    NoEvidence { rule: String, labels: String },
    /// Features of another model.
    #[error("observation: expected {expected} {what}, found {found}")]
    DifferentObservation { what: &'static str, expected: usize, found: usize },
    /// A check without images.
    #[error("model '{model}': expected labelled images to check it on, found none")]
    NoImages { model: String },
    /// A rule that compares heads, with a sigmoid head.
    #[error("rule '{rule}': expected softmax heads, found the sigmoid head '{head}'")]
    SigmoidRule { rule: String, head: String },
    /// Parameters of a rule that do not match the model.
    #[error("rule parameter '{parameter}': expected {expected}, found {found}")]
    RuleParameters { parameter: String, expected: String, found: String },
    /// Class activation maps of a model without linear heads.
    #[error("model '{model}', heads {heads}: expected a head that is linear on the average of a map, found none")]
    NotLinear { model: String, heads: String },
    /// A step of the workshop that needs merged models.
    #[error("workshop: expected merged models, found none")]
    NotMerged,
    /// A fitted rule is requested before a fit.
    #[error("workshop: expected a fit, found none")]
    NotFitted,
    /// A model, image or evidence that the project does not have.
    #[error("workshop, {kind} {id}: expected one with this number, found none")]
    NoSuchItem { kind: &'static str, id: u32 },
    /// The bytes are not a project of the workshop.
    #[error("project: expected a project file of the workshop, found {found}")]
    NotProject { found: String },
    /// A project of another version.
    #[error("project: expected version {expected}, found {found}")]
    ProjectVersion { expected: u32, found: u64 },
    /// A project file with inconsistent parts.
    #[error("project, {part}: expected {expected}, found {found}")]
    MalformedProject { part: String, expected: String, found: String },
    /// A site without a required file.
    #[error("site: expected the file '{file}' among those given, found none")]
    SiteFile { file: &'static str },
}

/// Lists the first names of many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let rest = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{rest}", names[..names.len().min(SHOWN)].join(", "))
}

/// Lists fields as `fit squash instead of centre-crop, …`.
fn instead(fields: &[(&'static str, String, String)]) -> String {
    let one =
        |(field, expected, found): &(&'static str, String, String)| format!("{field} {found} instead of {expected}");
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}
