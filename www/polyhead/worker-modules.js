/** The imports of `worker.js`, in the order of their dependencies, without `.js`. A bundled worker has none. */
export const WORKER_MODULES = ["error", "node-builtins", "download", "download-cache", "wasm-loader", "is-fatal", "liveness"];
