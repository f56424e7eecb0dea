/** The workshop's texts in English. */

/** @typedef {typeof en} Texts */

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
  modelsWhat: "Two or more classifiers with one backbone: ONNX files, or the zip or folder that Teachable Machine (TensorFlow.js) or liner.ai exports. Label files may be in the same folder.",
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
  /** @param {string} heads @param {string} share @param {string} verified @param {string} images */
  mergeSummary: (heads, share, verified, images) => `${heads} share ${share} of the work: it is computed once for all heads. ${verified} (${images} images).`,
  /** @param {string} share */
  sharedShare: (share) => `${share} shared`,
  putFirst: "Put first",
  /** @param {string} name */
  putNamedFirst: (name) => `Put first: ${name}`,
  correctModel: "Correct its description",
  labelsMissing: "no labels were found; enter them below",
  labels: "Labels",
  input: "Input",
  anySize: "any",
  size: "Size",
  file: "File",
  /** @param {string} source */
  from: (source) => ` from ${source}`,
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
