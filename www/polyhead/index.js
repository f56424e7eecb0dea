/** Polyhead's JavaScript API: load a merged model in a worker, rank the labels of images. */
export { loadClassifier, Classifier } from "./classifier.js";
export { PolyheadError } from "./error.js";
export { OLDEST_BROWSERS } from "./support.js";

/**
 * @typedef {import("./types.js").ActivationMap} ActivationMap
 * @typedef {import("./types.js").Card} Card
 * @typedef {import("./types.js").ClassifyOptions} ClassifyOptions
 * @typedef {import("./types.js").Explanation} Explanation
 * @typedef {import("./types.js").Label} Label
 * @typedef {import("./types.js").LoadOptions} LoadOptions
 * @typedef {import("./types.js").Pixels} Pixels
 * @typedef {import("./types.js").Progress} Progress
 * @typedef {import("./types.js").RankedHead} RankedHead
 * @typedef {import("./types.js").RankedLabel} RankedLabel
 * @typedef {import("./types.js").RankedLogit} RankedLogit
 * @typedef {import("./types.js").Ranking} Ranking
 * @typedef {import("./types.js").Source} Source
 */
