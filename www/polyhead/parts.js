/** What `worker.js` imports, what is imported by others first. A bundled worker has none of these. */
export const PARTS = ["error.js", "node.js", "download.js", "kept.js", "engine.js", "fatal.js", "life.js"];
