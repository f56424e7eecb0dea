/** What `worker.js` imports, in the order in which they import each other, without `.js`. A bundled worker imports none. */
export const WORKER_MODULES = ["error", "node-builtins", "download", "download-cache", "wasm-loader", "is-fatal", "liveness"];
