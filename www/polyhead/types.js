/**
 * The shapes that cross the library's borders: what the module takes and gives, as its Rust types declare it, and what is the
 * library's own.
 *
 * @import { ClassifyOptions as ModuleOptions, ImageSource } from "../pkg/polyhead.js"
 *
 * @typedef {import("../pkg/polyhead.js").ActivationMap} ActivationMap
 * @typedef {import("../pkg/polyhead.js").Explanation} Explanation
 * @typedef {import("../pkg/polyhead.js").Label} Label
 * @typedef {import("../pkg/polyhead.js").ModelCard} Card
 * @typedef {import("../pkg/polyhead.js").Pixels} Pixels what Node.js can give
 * @typedef {import("../pkg/polyhead.js").RankedHead} RankedHead
 * @typedef {import("../pkg/polyhead.js").RankedLabel} RankedLabel
 * @typedef {import("../pkg/polyhead.js").RankedLogit} RankedLogit
 * @typedef {import("../pkg/polyhead.js").TimedRanking} Ranking
 *
 * @typedef {object} Progress
 * @property {"download" | "prepare"} stage
 * @property {number} loaded bytes received so far; in the stage "prepare" 0, then 1
 * @property {number} [total] bytes expected, absent where the server does not tell; in the stage "prepare" 1
 *
 * @typedef {object} LoadOptions
 * @property {string | URL | Blob | ArrayBuffer | Uint8Array} [model] a merged file, or where it is; by default the
 *   model that the wasm module carries
 * @property {number | "auto"} [threads] at most so many threads, a whole number from 1; by default `auto`, one a processor and
 *   eight at most. Where the page is not cross-origin isolated it is one
 * @property {AbortSignal} [signal] gives up loading
 * @property {(progress: Progress) => void} [onProgress]
 * @property {number} [idleSeconds] the worker ends after so long without a call, and the next call starts it again without
 *   a download; by default 120, `Infinity` for never
 * @property {boolean} [cache] keeps what was downloaded in Cache Storage, by its SHA-256; by default true
 * @property {string | URL} [workerUrl] where `worker.js` is served, if not beside this library
 * @property {string | URL} [moduleUrl] the JavaScript of the wasm module to take; by default a build in `../pkg/`, the fastest that
 *   this browser runs
 * @property {string | URL} [wasmUrl] the wasm module to take; by default `polyhead_bg.wasm` beside `moduleUrl`, or that build
 *
 * @typedef {object} Turn
 * @property {AbortSignal} [signal] gives up on this image
 * @property {boolean} [latest] for camera frames: takes the place of the call that has this too and still waits, which
 *   rejects with an `AbortError`
 *
 * @typedef {ModuleOptions & Turn} ClassifyOptions
 *
 * @typedef {ImageSource | HTMLCanvasElement | HTMLImageElement | HTMLVideoElement} Source
 */
export {};
