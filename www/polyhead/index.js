/** Polyhead's JavaScript face: load a merged model in a worker, rank the labels of pictures. */
export { loadClassifier, Classifier } from "./classifier.js";
export { PolyheadError } from "./error.js";
export { OLDEST_BROWSERS } from "./support.js";
