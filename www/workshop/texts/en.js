/** The workshop's texts in English. */

/**
 * @import { Estimate, GuessReason, HeadChoice, MergeWarning, Note, Provenance, Reason, Warning } from "../../pkg/workshop.js"
 * @import { FactTexts, Show } from "../../page/facts.js"
 *
 * @typedef {typeof en} Texts
 */

/** @param {HeadChoice} choice @param {Show} show */
const costs = ({ accuracy, "with-right-head": best, cost }, { percent, points }) =>
  `the choice between heads costs ${points(cost)} points (${percent(accuracy)} instead of ${percent(best)})`;

/** @param {Estimate} estimate @param {Show} show */
const wide = ({ low, high, images }, { count, percent }) => `between ${percent(low)} and ${percent(high)} on ${count(images)} images, too wide to say more`;

export const en = {
  // The page itself.
  title: "Workshop – Polyhead",
  demoLink: "Demo",
  heading: "Workshop",
  lede: "Merge image classifiers that were trained separately, check whether their scores are comparable, fit the rule that combines them, and download the model. All of it happens in this page.",
  openSample: "Open the sample project",
  openProject: "Open a project file",
  saveProject: "Save the project",
  projectFile: "Project file",
  steps: "Steps",
  privacyCompute: "Models and images are read, merged, checked and fitted in WebAssembly, in a worker of this page.",
  privacyStorage: "Closing the page discards everything, unless you save the project. A project file contains the models, small copies of the images and their computed features; an evidence file contains sums only, no image.",
  openingSample: "Opening the sample project …",
  openingProject: "Opening the project …",
  savingProject: "Saving the project …",
  /** @param {string} size */
  saved: (size) => `Saved: ${size}`,
  restarting: "Restarting the computation …",
  tryAgain: "Try again",
  remove: "Remove",
  /** @param {string} name */
  removeNamed: (name) => `Remove ${name}`,

  // Step 1: models.
  models: "Models",
  modelsWhat: "Two or more classifiers with one backbone: ONNX files, Keras files (.h5, .keras), or the zip or folder that Teachable Machine or liner.ai exports. Label files may be in the same folder.",
  dropModels: "Drop exports here",
  chooseFiles: "Choose files",
  modelFiles: "Model files",
  modelFolder: "Folder of a model",
  shared: "Shared backbone",
  mergeOptions: "Merge options",
  duplicates: "A label that two models have",
  duplicatesError: "is an error",
  duplicatesMerge: "is merged: its probabilities are added",
  duplicatesKeep: "is kept twice, as “label (head)”",
  backbones: "Backbones of nearly equal weights",
  backbonesEqual: "are an error",
  backbonesSeparate: "stay separate: exact, the work of each",
  backbonesShared: "become one, the mean of all: the work of one, other answers",
  backbonesSharedFirst: "become the first model's: the work of one, other answers",
  tolerance: "Relative difference up to which weights count as equal",
  minShared: "Minimum share of each model's work that must be shared, in percent",
  readingModels: "Reading the models …",
  readingModel: "Reading the model …",
  merging: "Merging the models …",
  /** @param {string} files */
  unusedFiles: (files) => `Not part of any model: ${files}`,
  modelBroken: "One of the models below has an error.",
  oneMore: "Add one more model with the same backbone to merge them.",
  mergeLabels: "Merge them into one label",
  keepLabels: "Keep both",
  exactMerge: "The merged model returns every head's own scores",
  closeMerge: "The weights differ slightly; the merged model's results were compared with each model's own",
  /** @param {string} heads @param {string} share */
  mergeSummary: (heads, share) => `${heads} share ${share} of the work: it is computed once for all heads.`,
  /** @param {string} heads */
  mergeSeparate: (heads) => `${heads} keep their own backbones: the work of each is done for every image.`,
  /** @param {string} heads */
  mergeShared: (heads) => `${heads} share one backbone that replaces their own. Their answers have changed as listed below; step 4 fits them again.`,
  /** @param {string} words @param {string} images */
  verified: (words, images) => `${words} (${images} images).`,
  mergeWays: {
    separate: { title: "Keep separate backbones", what: "Exact: every head answers as before. Nearly equal weights are stored once." },
    shared: { title: "Share one backbone", what: "The mean of all weights. The heads' answers change; fit them again in step 4, with a few images per label." },
  },
  measuringWays: "Measuring the cost …",
  /** @param {string} work @param {string} size */
  wayCost: (work, size) => `${work} × the work of one model, ${size}.`,
  noChange: "No answer changes.",
  /** @param {string} head @param {string} top @param {string} images @param {boolean} synthetic @param {string} median @param {string} largest */
  answerChange: (head, top, images, synthetic, median, largest) =>
    `${head}: another first label on ${top} of ${images} ${synthetic ? "synthetic images" : "images"}; a probability changes by ${median} in the median, ${largest} at most`,
  /** @param {string} share */
  sharedShare: (share) => `${share} shared`,
  putFirst: "Put first",
  /** @param {string} name */
  putNamedFirst: (name) => `Put first: ${name}`,
  correctModel: "Correct the description",
  labelsMissing: "no labels were found; enter them below",
  labels: "Labels",
  input: "Input",
  anySize: "any",
  size: "Size",
  file: "File",
  /** @param {string} source */
  from: (source) => ` from ${source}`,
  provenances: /** @satisfies {FactTexts<Exclude<Provenance, { kind: "sidecar" | "guess" | "parts" }>>} */ ({
    stated: "the description given here",
    metadata: ({ of: { key, tool } }) => (key === null ? "metadata" : `metadata “${key}”${tool === null ? "" : ` (${tool})`}`),
    missing: "nowhere",
  }),
  /** @param {string} reason */
  guess: (reason) => `a guess: ${reason}`,
  /** @param {string} fields @param {string} reason */
  guessedFields: (fields, reason) => `a guess: ${fields} not stated; ${reason}`,
  guesses: /** @satisfies {FactTexts<GuessReason>} */ ({
    normalises: ({ node, range, mean, factor }, { count }) =>
      `the graph normalises ${count(range[0])}..${count(range[1])} itself (${node}; its mean is ${count(mean)}${factor === null ? "" : `, its factor ${count(factor)}`})`,
    nhwc: "NHWC without normalisation inside, as Keras MobileNets take it",
    nchw: "NCHW without normalisation inside, as torchvision's ImageNet models take it",
    "liner-labels": "classes.json of indices next to an NHWC model, as liner.ai exports them: 0..255, normalised inside",
    "teachable-machine-labels": "labels as lines “0 name” next to an NHWC model, as Teachable Machine exports them",
    "same-layer": ({ model }) => `as ${model}`,
  }),
  /** @param {string} fields @param {string} reason */
  guessedPreprocessing: (fields, reason) => `the preprocessing is a guess: ${fields && `${fields} not stated; `}${reason}; state it if you know it`,
  /** @param {string} from @param {string} labels @param {string} elsewhere @param {string} others */
  otherLabels: (from, labels, elsewhere, others) => `labels from ${from}: ${labels}; from ${elsewhere}: ${others}`,
  /** @param {string} found @param {string} from @param {string} taken */
  otherSize: (found, from, taken) => `preprocessing: ${found} from ${from}; the model takes ${taken}, which counts`,
  /** @param {string} field @param {string} taken @param {string} found @param {string} from */
  otherPreprocessing: (field, taken, found, from) => `preprocessing: ${field} ${taken} is taken; ${found} from ${from} is not`,
  notes: /** @satisfies {FactTexts<Extract<Note, { kind: "open-size" | "not-followed" | "not-mergeable" }>>} */ ({
    "open-size": ({ width, height }) => `width and height are open, ${width} × ${height} is taken; state another size if it was trained with one`,
    "not-followed": ({ detail }) => `not followed: ${detail}`,
    "not-mergeable": ({ error }) => `it cannot be merged: ${error}`,
  }),
  mergeWarnings: /** @satisfies {FactTexts<MergeWarning>} */ ({
    "input-replaced": ({ model, first, nodes, own, levels }, { list, spans }) =>
      `${model} takes the input of ${first} (scaled by ${nodes.length === 0 ? "no node" : list(nodes)}) in place of its own (${own.length === 0 ? "no node" : list(own)}); in both the levels 0 to 255 reach the first layer as ${spans(levels)}`,
    "guess-replaced": ({ model, other, levels }, { spans }) =>
      `the guessed preprocessing of ${model} gives way to that of ${other}, whose first layer is the same: the levels 0 to 255 reach it as ${spans(levels)}`,
    "few-shared": ({ model, first, shared }, { percent }) =>
      `${model} shares only ${percent(shared)} of its multiply-adds with ${first}: the merged model does most of its work twice`,
    "separate-backbone": ({ model, first, relation }) => `${model} keeps its own backbone beside that of ${first}: ${relation}`,
    "half-floats": ({ model, first, shared, node, op, tensor, relative }, { percent, scientific }) =>
      `${model} shares ${percent(shared)} with ${first} and first differs at node ${node} (${op}), tensor ${tensor}: largest relative difference ${scientific(relative)}; weights this close were stored in 16 bits: set the tolerance to 0.001`,
    "rule-of-other-labels": ({ rule, model }) => `the rule ${rule} of ${model} was fitted to other labels and is dropped: fit the merged model again`,
    "rule-unreadable": ({ rule, model, error }) => `the rule ${rule} of ${model} is dropped, its parameters cannot be read: fit the merged model again (${error})`,
  }),
  fields: /** @type {Record<string, string>} */ ({ size: "size", fit: "fit", filter: "filter", range: "range", channels: "channels" }),
  /** @param {string} parameters @param {string} multiplyAdds @param {string} bytes */
  sizeFacts: (parameters, multiplyAdds, bytes) => `${parameters} parameters, ${multiplyAdds} multiply-adds, ${bytes}`,
  /** @param {string} filter */
  withoutAntialias: (filter) => `${filter} without antialiasing`,
  /** @param {string} low @param {string} high */
  range: (low, high) => `${low} to ${high}`,
  /** @param {string} mean @param {string} std */
  meanStd: (mean, std) => `mean ${mean}, standard deviation ${std}`,
  headName: "Name of the head",
  labelLines: "Labels, one per line, in the order of the outputs",
  openSize: "Width and height, if the file leaves them open",
  sizeOfFile: "as in the file",
  correct: "Apply the corrections",
  useFile: "Use the file's own description",
  width: "Width",
  height: "Height",
  resizeMode: "Fit of other aspect ratios",
  resizeFilter: "Resize filter",
  antialias: "Antialiasing",
  valueRange: "0 and 255 become",
  mean: "Mean",
  std: "Standard deviation",
  channels: "Channels",
  axes: "Axes",
  /** @param {string} layers @param {string} parameters */
  headSize: (layers, parameters) => `${layers} of its own, ${parameters} parameters`,
  /** @param {number} count */
  layers: (count) => `${count} ${count === 1 ? "layer" : "layers"}`,
  givesWeights: "its weights are used for the backbone",
  /** @param {string} share */
  shareOfWork: (share) => `${share} of its work is shared`,
  cut: "cut",
  /** @param {string} parameters @param {string} bytes */
  parametersAndBytes: (parameters, bytes) => `${parameters} parameters, ${bytes}`,
  /** @param {string} count */
  multiplyAdds: (count) => `${count} multiply-adds`,
  /** @param {string} head @param {string} share */
  headShares: (head, share) => `${head} shares ${share} of its work`,
  /** @param {number} layers @param {number} heads @param {string} shares */
  diagram: (layers, heads, shares) => `A shared backbone of ${layers} layers, then a cut, then ${heads} heads: ${shares}.`,
  filesBefore: "Separate files",
  fileAfter: "Merged file",

  // Step 2: images.
  images: "Images",
  imagesWhat: "Labelled images, preferably some that no model was trained on. One image per label is enough to start. Drop folders named by label, or record images from the camera.",
  addedImages: "Images that you add now",
  unseen: "no model was trained on them",
  trained: "are from the models' training",
  dropFolders: "Drop folders here, one per label",
  recordCamera: "Record from the camera",
  imageFolder: "Folder of images, one folder per label",
  labelImages: "Images of one label",
  cameraImage: "The camera's image",
  label: "Label",
  camera: "Camera",
  hold: "Hold to record",
  holdNote: "Hold the button, or the space bar while it has the focus: four images per second are added to the label.",
  stopCamera: "Stop the camera",
  /** @param {number} count @param {string} label */
  recorded: (count, label) => `${count} ${count === 1 ? "image" : "images"} of ${label}`,
  notAdded: "Not added",
  /** @param {number} done @param {number} all */
  imagesDone: (done, all) => `${done} of ${all} ${all === 1 ? "image" : "images"} processed`,
  /** @param {number} count */
  imagesFailed: (count) => `${count} not added`,
  imagesWait: "the others wait until the models are merged",
  /** @param {string} labels */
  labelsEmpty: (labels) => `no images yet of ${labels}`,
  whichLabel: "Which label is this?",
  chooseLabel: "Choose …",
  /** @param {string} name @param {number} count */
  folderNamed: (name, count) => `The folder “${name}” (${count}) `,
  /** @param {number} count */
  noFolder: (count) => `Images without a folder (${count}) `,
  leaveOut: "Leave out",
  otherLabel: "Another label",
  moveTo: "Move to …",
  add: "Add",
  /** @param {string} label */
  addImagesOf: (label) => `Add images of ${label}`,
  showFewer: "Show fewer",
  /** @param {number} count */
  showAll: (count) => `Show all ${count}`,
  /** @param {number} count */
  chosen: (count) => `${count} ${count === 1 ? "image" : "images"} selected`,

  // Step 3: the check.
  comparable: "Comparable?",
  comparableTitle: "Are the heads comparable?",
  comparableWhat: "Whether equal scores of different heads are equally reliable, measured on the images above.",
  comparableFitted: "The current rule was fitted to images, perhaps to these: the results here are then too good, and the figures of step 4, from held-out images, are the reliable ones.",
  comparing: "Checking the heads …",
  saveReport: "Download the report",
  table: "Table",
  verdicts: {
    "use-as-is": "use as is",
    calibrate: "calibrate",
    gate: "gate",
    retrain: "retrain",
    "do-not-merge": "do not merge",
  },
  reasons: /** @satisfies {FactTexts<Reason>} */ ({
    "same-meaning": ({ first, second }) =>
      `nothing tells images of “${first}” from those of “${second}”, so the two labels mean the same; rename one to the other and merge them as one label`,
    inseparable: ({ choice, head, score, auroc }, show) =>
      `${costs(choice, show)}, and no score tells the own images of ${head} from those of other heads (best AUROC ${show.auroc(auroc)}, ${score})`,
    "weak-head": ({ head, accuracy, labels, sigmoid }, { count, percent }) =>
      `the head ${head} is right on only ${percent(accuracy)} of its own images, among ${count(labels)} labels, and no rule between heads mends that; ${sigmoid ? "" : "fit one joint head, or "}train the head longer`,
    separable: ({ choice, score, auroc, "gate-estimate": gate }, show) =>
      `${costs(choice, show)}, though ${score === "features" ? "the features" : score} can tell own images from those of other heads (AUROC ${show.auroc(auroc)} for the worst head)${gate === null ? "" : `; a plain gate on features would be right on about ${show.percent(gate)}`}; fit a gate that chooses the head`,
    "partly-separable": ({ choice, head, score, auroc }, show) =>
      `${costs(choice, show)}, and the best score of ${head} tells own images from those of other heads only in part (AUROC ${show.auroc(auroc)}, ${score}); fit one joint head`,
    costly: ({ choice, rule }, show) => `${costs(choice, show)} under the rule “${rule}”; fit one joint head on more images`,
    miscalibrated: ({ accuracy, "with-right-head": best, ece, sigmoid }, { percent, points }) =>
      `${best === null ? `the top label is right on ${percent(accuracy)}` : `the choice between heads costs little (${percent(accuracy)} right, ${percent(best)} with the right head)`}, but stated probabilities are off by ${points(ece)} points on average; ${sigmoid ? "calibrate each head before the merge" : "fit temperatures"}`,
    sound: ({ accuracy, "with-right-head": best, ece }, { percent, points }) =>
      `${percent(accuracy)} right${best === null ? "" : `, ${percent(best)} if the right head were always chosen`}, with probabilities off by ${points(ece)} points on average`,
  }),
  unsure: " (too few images to be sure)",
  ruleToFit: "Rule to fit:",
  warnings: /** @satisfies {FactTexts<Warning>} */ ({
    "no-images": ({ labels }, { list }) => `no image of ${list(labels)}: nothing is said about them`,
    "few-images": ({ labels, least }, { count, list }) => `fewer than ${count(least)} images of ${list(labels)}: too few to say`,
    "no-own-images": ({ head }) => `no image of the head ${head}: the choice between heads is half tested`,
    "wide-head-accuracy": ({ head, accuracy }, show) => `accuracy of the head ${head}: ${wide(accuracy, show)}`,
    "wide-accuracy": ({ accuracy }, show) => `joint accuracy: ${wide(accuracy, show)}`,
    "wide-cost": ({ cost }, show) => `cost of the choice between heads: ${wide(cost, show)}`,
    "sigmoid-heads":
      "the heads are sigmoid: labels stand alone and scores do not add to one. Accuracy and calibration are those of the largest score, each image counting for its one label; entropy, the gate's AUROC, NLL and Brier score are not computed",
  }),

  // Step 4: the fit.
  fit: "Fit",
  fitTitle: "Fit the rule",
  fitWhat: "The rule combines the heads' scores into one ranking. The rules are compared by cross-validation. A rule that is right less often than concatenated scores is never recommended.",
  evidence: "Evidence",
  evidenceWhat: "Sums over images, without any image. Several people can contribute: one downloads an evidence file, another adds it here.",
  addEvidence: "Add an evidence file",
  ofHead: "Of",
  allHeads: "all heads",
  saveEvidence: "Download the evidence of the images",
  evidenceFiles: "Evidence files",
  addingEvidence: "Adding the evidence …",
  summing: "Computing the evidence …",
  /** @param {string} heads @param {number} labels @param {number} images @param {string} size */
  evidenceFacts: (heads, labels, images, size) => `${heads}, ${labels} labels, ${images} images, ${size}`,
  compareRules: "Compare the rules",
  fitting: "Fitting and comparing the rules …",
  fittingAgain: "Fitting again …",
  /** @param {string} rule */
  applying: (rule) => `Applying ${rule} …`,
  /** @param {string} rule @param {string} size */
  applied: (rule, size) => `The model now has the rule ${rule} (${size}).`,
  rules: /** @type {Record<string, string>} */ ({
    concat: "the heads' scores concatenated, unchanged",
    scaled: "concatenated, with a scale per head and an offset per label",
    gated: "first the head, from the features; then its label",
    retrained: "one joint head on the shared features",
  }),
  inUse: "In use",
  use: "Use",
  /** @param {string} rule */
  useNamed: (rule) => `Use: ${rule}`,
  best: "best",
  rule: "Rule",
  accuracy: "Accuracy",
  action: "use",
  compared: "The rules compared",
  /** @param {number} images */
  measuredOn: (images) => ` (${images} images). NLL and ECE: smaller is better.`,

  // Step 5: the model.
  tryAndTake: "Try, download",
  tryTitle: "Try and download the model",
  tryLater: "The model appears here once two models are merged.",
  /** @param {string} rule */
  ruleInUse: (rule) => `The current rule: ${rule}.`,
  ready: "ready",
  onnxTitle: "The model as one ONNX file",
  onnxWhat: "It runs in any ONNX runtime. Labels, preprocessing and rule are part of the file.",
  downloadF16: "Download, half floats",
  downloadF32: "Download, 32-bit floats",
  downloadInt8: "Download, 8-bit integers",
  inPython: "In Python",
  copy: "Copy",
  siteTitle: "A web site, ready to serve",
  siteWhat: "A zip file: a page, the element, and a WebAssembly module that contains the model. Unpack it on any static server.",
  downloadSite: "Download the site",
  inYourPage: "In your own page",
  /** @param {string} file */
  writing: (file) => `Writing ${file} …`,
  copied: "Copied",
  copyForbidden: "This browser does not allow copying: select the text instead",
};
