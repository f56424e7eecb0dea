/**
 * The types of the library's API: those of the module, as its Rust types declare them, and the library's own.
 *
 * @import { ClassifyOptions as ModuleOptions, ImageSource } from "../pkg/polyhead.js"
 *
 * @typedef {import("../pkg/polyhead.js").ActivationMap} ActivationMap
 * @typedef {import("../pkg/polyhead.js").Explanation} Explanation
 * @typedef {import("../pkg/polyhead.js").Label} Label
 * @typedef {import("../pkg/polyhead.js").ModelCard} Card
 * @typedef {import("../pkg/polyhead.js").Pixels} Pixels an image in Node.js
 * @typedef {import("../pkg/polyhead.js").RankedHead} RankedHead
 * @typedef {import("../pkg/polyhead.js").RankedLabel} RankedLabel
 * @typedef {import("../pkg/polyhead.js").RankedLogit} RankedLogit
 * @typedef {import("../pkg/polyhead.js").TimedRanking} Ranking
 *
 * @typedef {object} Progress
 * @property {"download" | "prepare"} stage
 * @property {number} loaded bytes received so far; in the stage "prepare" 0, then 1
 * @property {number} [total] bytes expected, absent if the server does not state it; in the stage "prepare" 1
 *
 * @typedef {object} LoadOptions
 * @property {string | URL | Blob | ArrayBuffer | Uint8Array} [model] a merged file, or its address; by default the
 *   model in the wasm module
 * @property {number | "auto"} [threads] maximum number of threads, a whole number from 1; by default `auto`: one per
 *   processor, at most eight. Pages that are not cross-origin isolated have one
 * @property {AbortSignal} [signal] aborts loading
 * @property {(progress: Progress) => void} [onProgress]
 * @property {number} [idleSeconds] the worker ends after this time without a call, and the next call starts it again
 *   without a download; by default 120, `Infinity` for never
 * @property {boolean} [cache] stores downloads in Cache Storage, by their SHA-256; by default true
 * @property {string | URL} [workerUrl] address of `worker.js`; by default next to this library
 * @property {string | URL} [moduleUrl] the JavaScript of the wasm module; by default the
 *   build in `../pkg/` that is the fastest in this browser
 * @property {string | URL} [wasmUrl] the wasm module; by default `polyhead_bg.wasm` next to `moduleUrl`, or that build
 *
 * @typedef {object} Turn
 * @property {AbortSignal} [signal] aborts this image
 * @property {boolean} [latest] for camera frames: replaces the waiting call that has this too, which
 *   rejects with an `AbortError`
 *
 * @typedef {ModuleOptions & Turn} ClassifyOptions
 *
 * @typedef {ImageSource | HTMLCanvasElement | HTMLImageElement | HTMLVideoElement} Source
 */
export {};
