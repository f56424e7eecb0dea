//! Errors as facts: each kind has what was expected and what was found.

use crate::sanitize::plain;
use std::fmt::{self, Write};
use std::io;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something that could not be done, and why.
///
/// Its text is one line of [plain](plain) characters, whatever the names in it hold.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

impl Error {
    /// The facts.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The facts, owned.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// A stable kebab-case name of the kind, for programs.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// Whether the request was sound and the answer is no, as opposed to a request that could not be understood.
    pub fn is_refusal(&self) -> bool {
        self.0.is_refusal()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(Plain(f), "{}", self.0)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

/// Makes characters that act visible.
struct Plain<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Plain<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(&plain(text))
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

/// A foreign error kept as the cause of ours.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Every way in which a call can fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read.
    #[error("{path}: expected a readable file, found: {source}; check the path and its permissions")]
    Read { path: String, source: io::Error },
    /// A file could not be written.
    #[error("{path}: expected to write the file, found: {source}; check the folder and the free space")]
    Write { path: String, source: io::Error },
    /// The output file is there already.
    #[error("{path}: expected no file there, found one; give --force to replace it")]
    Exists { path: String },
    /// The output path leads to something that must not be replaced by a file.
    #[error("{path}: expected a file or nothing there, found {found}; give another path")]
    NoFile { path: String, found: &'static str },
    /// Something from outside is larger than this crate accepts.
    #[error("{subject}: expected at most {limit} {unit}, found {found}; {remedy}")]
    Limit { subject: String, unit: &'static str, limit: u64, found: u64, remedy: &'static str },
    /// The bytes are not an ONNX model.
    #[error("model '{model}': expected an ONNX file, found {found}; {remedy}")]
    NotOnnx { model: String, found: String, remedy: String },
    /// A folder or archive with more than one model.
    #[error("'{export}': expected one model, found {}: {}; give one of them", .found.len(), listed(.found))]
    SeveralModels { export: String, found: Vec<String> },
    /// A zip archive that is broken, or not what it should be.
    #[error("archive '{archive}': expected {expected}, found {found}; pack the export again")]
    Archive { archive: String, expected: String, found: String },
    /// Weights in another file that cannot be had safely.
    #[error("model '{model}', tensor '{tensor}', external data: expected {expected}, found {found}; save the model with its weights in one file")]
    ExternalData { model: String, tensor: String, expected: String, found: String },
    /// A link where only a plain file is followed.
    #[error("{path}: expected a plain file in the model's own folder, found a link; copy the file there")]
    Link { path: String },
    /// The model file contradicts itself or the ONNX standard.
    #[error("model '{model}', {place}: expected {expected}, found {found}; export the model again")]
    Malformed { model: String, place: String, expected: String, found: String },
    /// The file is a sound model that this crate cannot join or run.
    #[error("model '{model}', {place}: expected {expected}, found {found}; {remedy}")]
    Unsupported { model: String, place: String, expected: String, found: String, remedy: String },
    /// The inference engine cannot prepare or run the model.
    #[error(
        "model '{model}', {stage}: expected the model to run, found: {source}; check it with another ONNX runtime"
    )]
    Engine { model: String, stage: &'static str, source: Cause },
    /// What a merged file says of itself is missing or wrong.
    #[error("model '{model}', metadata '{key}': expected {expected}, found {found}; merge the sources again with polyhead merge")]
    Metadata { model: String, key: String, expected: String, found: String },
    /// A merged file's graph does not give what its metadata promises.
    #[error("model '{model}', output '{output}': expected {expected} numbers, found {found}; merge the sources again with polyhead merge")]
    Output { model: String, output: &'static str, expected: usize, found: usize },
    /// A file beside a model does not hold what its name promises.
    #[error("{file}: expected {expected}, found {found}; correct the file or remove it")]
    Sidecar { file: String, expected: String, found: String },
    /// The labels of a model are missing or do not fit its outputs.
    #[error("model '{model}': expected {expected}, found {found}; give a file with one label a line by --labels")]
    Labels { model: String, expected: String, found: String },
    /// A flag that is given for some models and not for others.
    #[error("{flag}: expected it once for each of {expected} models, found it {found} times; give it for every model, in order")]
    Count { flag: &'static str, expected: usize, found: usize },
    /// A merge of nothing.
    #[error("merge: expected at least one model, found none; give the models to merge")]
    NoSources,
    /// Two heads have one name.
    #[error("head '{head}': expected a name of its own, found it twice; give each model a name by --name")]
    DuplicateHead { head: String },
    /// Two models have one label.
    #[error("label '{label}': expected it in one model, found it in '{first}' and '{second}'; keep both or merge them by --duplicate-labels keep|merge")]
    DuplicateLabel { label: String, first: String, second: String },
    /// Two labels of one head have one text.
    #[error("head '{head}': expected labels of different texts, found '{label}' twice; rename to another text")]
    RepeatedLabel { head: String, label: String },
    /// An edit names a label that no model has.
    #[error("{flag} '{label}': expected a label of the models, found none of that name; the labels are {known}")]
    UnknownLabel { flag: &'static str, label: String, known: String },
    /// An edit names a label that several models have.
    #[error("{flag} '{label}': expected one label, found {found}; name its head too, as in {example}")]
    AmbiguousLabel { flag: &'static str, label: String, found: String, example: String },
    /// An order of labels that is no permutation of them.
    #[error("--order: expected each of the {count} labels once, found {found}; the labels are {labels}")]
    LabelOrder { count: usize, found: String, labels: String },
    /// An edit names a head that no model has.
    #[error("{flag} '{head}': expected a head of the model, found none of that name; the heads are {known}")]
    UnknownHead { flag: &'static str, head: String, known: String },
    /// Every label of a head is dropped.
    #[error("head '{head}': expected at least one label to stay, found all of them dropped; leave the model out, or take the other heads by polyhead split")]
    EmptyHead { head: String },
    /// The only head of a model is to be replaced.
    #[error("--replace '{head}': expected a merged model of several heads, found '{model}' with this one; merge without '{model}'")]
    OnlyHead { head: String, model: String },
    /// Scores that add to one and scores that each stand alone.
    #[error(
        "model '{sigmoid}': expected a softmax head as in '{softmax}', found a sigmoid head; merge heads of one kind"
    )]
    MixedHeads { softmax: String, sigmoid: String },
    /// Scores of two sigmoid heads cannot be added.
    #[error(
        "label '{label}': expected softmax heads to join it, found sigmoid heads; keep both by --duplicate-labels keep"
    )]
    JoinedSigmoid { label: String },
    /// Models that take images of different sizes or layouts.
    #[error("model '{model}': expected an input of {expected} as in '{first}', found {found}; apart from that {rest}; export both for one size and layout")]
    DifferentInputs {
        first: String,
        /// The image's axes, such as `3 × 224 × 224`.
        expected: String,
        model: String,
        found: String,
        /// What else differs, or that nothing does.
        rest: String,
    },
    /// Models whose images are prepared differently.
    #[error("model '{model}': expected images prepared as for '{first}' ({first_from}), found {} ({from}); choose one preprocessing for all by --preprocessing", instead(.fields))]
    DifferentPreprocessing {
        first: String,
        first_from: String,
        model: String,
        from: String,
        /// Each field that differs: its name, what is expected, what is found.
        fields: Vec<(&'static str, String, String)>,
    },
    /// A number of the model is none.
    #[error("model '{model}', {place}: expected finite numbers, found {found}; check the model's weights, or export it again")]
    NotFinite { model: String, place: String, found: f32 },
    /// A model of several heads where one is wanted.
    #[error("{flag}: expected a model with one head, found {heads} in '{model}'; take one out with polyhead split")]
    SeveralHeads { flag: &'static str, model: String, heads: String },
    /// A flag about something that the file itself settles.
    #[error("model '{model}': expected no {flag} for a merged model, which holds its own, found {found}; leave the flag out, or merge the sources again with it")]
    Settled { model: String, flag: &'static str, found: String },
    /// Models that have too little in common.
    #[error("model '{model}': expected at least {:.0} % of its multiply-adds shared with '{first}', found {:.1} %; it first differs at {difference}; {remedy}", 100.0 * .least, 100.0 * .shared)]
    TooLittleShared {
        first: String,
        model: String,
        /// 0 to 1.
        shared: f64,
        least: f64,
        difference: String,
        remedy: &'static str,
    },
    /// Models whose first layers expect another scale of the image's levels.
    #[error("model '{model}': expected the levels 0 to 255 to reach the first layer as {expected}, as in '{first}' ({first_from}), found {found} ({from}); state what each model was trained with by --preprocessing, once a model")]
    DifferentInputMaps {
        first: String,
        /// Where the preprocessing comes from, and what the graph does itself.
        first_from: String,
        model: String,
        from: String,
        expected: String,
        found: String,
    },
    /// Two heads that compute the same.
    #[error("head '{second}': expected another model than '{first}', found the same weights down to the logits; merge two different models")]
    SameModel { first: String, second: String },
    /// The merged model does not give what a source gives.
    #[error("head '{head}': expected {expected}, found {found}; the merge was given up, lower --tolerance or report the pair")]
    Proof { head: String, expected: String, found: String },
    /// The bytes are not a WebAssembly core module.
    #[error("wasm module: expected a WebAssembly core module, found {found}; {remedy}")]
    NotWasm { found: String, remedy: &'static str },
    /// The WebAssembly module is cut short or contradicts itself.
    #[error("wasm module, byte {offset}: expected a whole WebAssembly module, found: {found}; build or copy it again")]
    MalformedWasm { offset: u64, found: String },
    /// Another program listens on the port.
    #[error("port {port}: expected a free port, found one in use; give --port N with another number, or 0 for any")]
    PortTaken { port: u16 },
    /// The folder cannot be served.
    #[error("port {port}: expected to serve the folder, found: {source}; give --port 0 for any free port")]
    Serve { port: u16, source: io::Error },
    /// The system gives no more threads.
    #[error("threads: expected {wanted} to work together, found: {source}; give --threads with a smaller number")]
    Threads { wanted: usize, source: io::Error },
    /// The file is no image, or one in a format that cannot be decoded.
    #[error("image '{name}': expected {expected}, found {found}; {remedy}")]
    NotImage { name: String, expected: &'static str, found: String, remedy: &'static str },
    /// The file is an image whose content is broken.
    #[error("image '{name}': expected a complete {format} file, found: {source}; save the image again")]
    BrokenImage { name: String, format: &'static str, source: Cause },
    /// The pixels do not fit the stated width and height.
    #[error("pixels: expected {expected}, found {found} bytes; check the width and the height")]
    Pixels { expected: String, found: usize },
    /// A preprocessing value that cannot be followed.
    #[error("preprocessing, {field}: expected {expected}, found {found}; correct the field")]
    Preprocessing { field: &'static str, expected: String, found: String },
    /// The resize of an image failed.
    #[error("resize: expected a resized image, found: {source}; decode the image again")]
    Resize { source: Cause },
    /// The model gave a score that is no number, or a probability that is none.
    #[error("{kind} '{name}': expected {expected}, found {found}; check the model and the image")]
    Score { kind: &'static str, name: String, expected: &'static str, found: f32 },
    /// An option of the ranking that cannot be followed.
    #[error("option {option}: expected {expected}, found {found}; correct the option")]
    RankOption { option: &'static str, expected: &'static str, found: String },
    /// The wasm module carries no model.
    #[error("this wasm module: expected a model in the section '{section}', found none; add one with polyhead embed")]
    NoModel { section: &'static str },
    /// What should be classified is no image that the browser can draw.
    #[error("source: expected a Blob, ImageBitmap, ImageData, OffscreenCanvas or VideoFrame with an image, found {found}; pass one of these")]
    Source { found: String },
    /// A folder or line of labelled images names a label that the model does not have.
    #[error("{place}: expected a label of the model, found '{label}'; the labels are {known}; rename it, or skip it by --ignore-unknown")]
    NoSuchLabel { place: String, label: String, known: String },
    /// The bytes are no evidence, or contradict themselves.
    #[error("evidence '{file}', {part}: expected {expected}, found {found}; make it again with polyhead evidence")]
    MalformedEvidence { file: String, part: String, expected: String, found: String },
    /// Evidence of two models, or of two choices of features.
    #[error("evidence, {field}: expected {expected} as in the first, found {found}; add up evidence that one merged model made with the same --features")]
    DifferentEvidence { field: &'static str, expected: String, found: String },
    /// Evidence of another model than the one that is fitted.
    #[error("evidence: expected that of the model {expected}, found {found}; make it again with this merged file")]
    OtherModel { expected: String, found: String },
    /// A rule that needs evidence or images which are not there.
    #[error("rule '{rule}': expected evidence or images of every label, found none of {labels}; give --evidence or --images with them, or take another rule")]
    NoEvidence { rule: String, labels: String },
    /// An option of a fit that cannot be followed.
    #[error("option {option}: expected {expected}, found {found}; correct the option")]
    FitOption { option: &'static str, expected: &'static str, found: String },
    /// An observation that another model made.
    #[error("observation: expected {expected} {what}, found {found}; observe the image with the model that the evidence is of")]
    DifferentObservation { what: &'static str, expected: usize, found: usize },
    /// A check of nothing.
    #[error("model '{model}': expected labelled images to check it on, found none; give some of each label")]
    NoImages { model: String },
    /// A rule that compares heads, with a head whose scores each stand alone.
    #[error("rule '{rule}': expected softmax heads, found the sigmoid head '{head}'; combine sigmoid heads by the rule concat, without a score for none of these")]
    SigmoidRule { rule: String, head: String },
    /// Parameters of a rule that do not fit the model.
    #[error("rule parameter '{parameter}': expected {expected}, found {found}; fit the rule to this model")]
    RuleParameters { parameter: String, expected: String, found: String },
    /// Class activation maps are asked of a model that has none.
    #[error("model '{model}', heads {heads}: expected a head that is linear on the average of a map, found none; merge models whose heads are one linear layer")]
    NotLinear { model: String, heads: String },
    /// A step of the workshop that needs merged models.
    #[error("workshop: expected merged models, found none; merge them first")]
    NotMerged,
    /// A rule is to be taken before rules were compared.
    #[error("workshop: expected a fit, found none; fit first")]
    NotFitted,
    /// A model, image or evidence that the project does not have.
    #[error("workshop, {kind} {id}: expected one with this number, found none; ask for the project's state again")]
    NoSuchItem { kind: &'static str, id: u32 },
    /// An option of the workshop that cannot be followed.
    #[error("option {option}: expected {expected}, found {found}; correct the option")]
    WorkshopOption { option: String, expected: String, found: String },
    /// The bytes are no project of the workshop.
    #[error("project: expected a project file of the workshop, found {found}; give the file that was saved there")]
    NotProject { found: String },
    /// A project of another version.
    #[error("project: expected version {expected}, found {found}; open it with the Polyhead that saved it")]
    ProjectVersion { expected: u32, found: u64 },
    /// A project file whose parts do not fit each other.
    #[error("project, {part}: expected {expected}, found {found}; save the project again")]
    MalformedProject { part: String, expected: String, found: String },
    /// A site without a file that it needs.
    #[error("site: expected the file '{file}' among those given, found none; give all files that the build lists in site.json")]
    SiteFile { file: &'static str },
}

impl ErrorKind {
    fn code(&self) -> &'static str {
        use ErrorKind::*;
        match self {
            Read { .. } => "read",
            Write { .. } => "write",
            Exists { .. } => "exists",
            NoFile { .. } => "no-file",
            Limit { .. } => "limit",
            NotOnnx { .. } => "not-onnx",
            SeveralModels { .. } => "several-models",
            Archive { .. } => "archive",
            ExternalData { .. } => "external-data",
            Link { .. } => "link",
            Malformed { .. } => "malformed-model",
            Unsupported { .. } => "unsupported-model",
            Engine { .. } => "engine",
            Metadata { .. } => "metadata",
            Output { .. } => "output",
            Count { .. } => "count",
            NoSources => "no-sources",
            DuplicateHead { .. } => "duplicate-head",
            DuplicateLabel { .. } => "duplicate-label",
            RepeatedLabel { .. } => "repeated-label",
            UnknownLabel { .. } => "unknown-label",
            AmbiguousLabel { .. } => "ambiguous-label",
            LabelOrder { .. } => "label-order",
            UnknownHead { .. } => "unknown-head",
            EmptyHead { .. } => "empty-head",
            OnlyHead { .. } => "only-head",
            MixedHeads { .. } => "mixed-heads",
            JoinedSigmoid { .. } => "joined-sigmoid",
            DifferentInputs { .. } => "different-inputs",
            DifferentPreprocessing { .. } => "different-preprocessing",
            NotFinite { .. } => "not-finite",
            SeveralHeads { .. } => "several-heads",
            Settled { .. } => "settled",
            DifferentInputMaps { .. } => "different-input-maps",
            TooLittleShared { .. } => "too-little-shared",
            SameModel { .. } => "same-model",
            Proof { .. } => "proof",
            Sidecar { .. } => "sidecar",
            Labels { .. } => "labels",
            NotWasm { .. } => "not-wasm",
            MalformedWasm { .. } => "malformed-wasm",
            PortTaken { .. } => "port-taken",
            Serve { .. } => "serve",
            Threads { .. } => "threads",
            NotImage { .. } => "not-an-image",
            BrokenImage { .. } => "broken-image",
            Pixels { .. } => "pixels",
            Preprocessing { .. } => "preprocessing",
            Resize { .. } => "resize",
            Score { .. } => "score",
            RankOption { .. } => "rank-option",
            NoModel { .. } => "no-model",
            Source { .. } => "source",
            NoSuchLabel { .. } => "no-such-label",
            MalformedEvidence { .. } => "malformed-evidence",
            DifferentEvidence { .. } => "different-evidence",
            OtherModel { .. } => "other-model",
            NoEvidence { .. } => "no-evidence",
            FitOption { .. } => "fit-option",
            DifferentObservation { .. } => "different-observation",
            NoImages { .. } => "no-images",
            SigmoidRule { .. } => "sigmoid-rule",
            RuleParameters { .. } => "rule-parameters",
            NotLinear { .. } => "not-linear",
            NotMerged => "not-merged",
            NotFitted => "not-fitted",
            NoSuchItem { .. } => "no-such-item",
            WorkshopOption { .. } => "option",
            NotProject { .. } => "not-a-project",
            ProjectVersion { .. } => "project-version",
            MalformedProject { .. } => "malformed-project",
            SiteFile { .. } => "site-file",
        }
    }

    fn is_refusal(&self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            DuplicateLabel { .. }
                | EmptyHead { .. }
                | MixedHeads { .. }
                | JoinedSigmoid { .. }
                | DifferentInputs { .. }
                | DifferentPreprocessing { .. }
                | DifferentInputMaps { .. }
                | TooLittleShared { .. }
                | SameModel { .. }
                | Proof { .. }
                | Unsupported { .. }
                | DifferentEvidence { .. }
                | OtherModel { .. }
                | NoEvidence { .. }
                | SigmoidRule { .. }
        )
    }
}

/// The first of many names.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let rest = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{rest}", names[..names.len().min(SHOWN)].join(", "))
}

/// `fit squash instead of centre-crop, …`
fn instead(fields: &[(&'static str, String, String)]) -> String {
    let one =
        |(field, expected, found): &(&'static str, String, String)| format!("{field} {found} instead of {expected}");
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}
