/**
 * The shapes that cross the library's borders.
 *
 * @typedef {object} Label
 * @property {string} label the text shown to people
 * @property {string[]} heads the heads that predict it: one, or several where a label was joined
 *
 * @typedef {Label & { probability: number }} RankedLabel probability in 0..1
 *
 * @typedef {object} RankedHead
 * @property {string} head
 * @property {number} probability sum over the head's labels, 0..1
 *
 * @typedef {object} Ranking
 * @property {RankedLabel[]} labels most probable first
 * @property {RankedHead[]} heads most probable first; empty where the model's heads are independent
 * @property {number} [none] probability that the image shows none of the labels, where the model tells it
 * @property {RankedLogit[]} [logits] the raw scores, largest first, where they were asked for
 * @property {number} milliseconds decoding, resizing and running, measured in the worker
 *
 * @typedef {object} RankedLogit
 * @property {string} label the joint label that it counts for
 * @property {string} head
 * @property {number} logit a score before any rule, of any sign; only those of one head can be compared
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
 * @typedef {object} ClassifyOptions
 * @property {number} [topK] at most so many labels; by default all
 * @property {number} [threshold] leaves out labels of a smaller probability; 0..1, by default 0
 * @property {boolean} [logits] tells the raw scores, too; by default false
 * @property {AbortSignal} [signal] gives up on this image
 * @property {boolean} [latest] for camera frames: takes the place of the call that has this too and still waits, which
 *   rejects with an `AbortError`
 *
 * @typedef {object} Pixels what Node.js can give; rows from the top
 * @property {Uint8Array | Uint8ClampedArray} data 4 bytes a pixel (RGBA, straight alpha), or 3 (RGB)
 * @property {number} width
 * @property {number} height
 *
 * @typedef {Blob | ImageBitmap | ImageData | Pixels | OffscreenCanvas | HTMLCanvasElement | HTMLImageElement
 *   | HTMLVideoElement | VideoFrame} Source
 *
 * @typedef {Blob | ImageBitmap | ImageData | Pixels | VideoFrame} Sendable a source as it travels to the worker
 *
 * @typedef {object} Explanation
 * @property {{ x: number, y: number, width: number, height: number }} area the part of the image that the maps cover,
 *   as fractions of its sides; more than the image where the model sees it with borders
 * @property {ActivationMap[]} maps one a logit of the linear heads, in the model's order
 *
 * @typedef {object} ActivationMap
 * @property {string} label
 * @property {string} head
 * @property {number} width places in a row
 * @property {number} height rows
 * @property {Float32Array} values what each place adds to the logit, row by row; their mean and the bias are the logit
 * @property {Uint8Array} strengths what speaks for the label, 0..255 as a share of the largest value
 *
 * @typedef {object} Card
 * @property {Label[]} labels
 * @property {{ name: string, labels: string[], activation: string, linear: boolean }[]} heads `linear`: has class
 *   activation maps
 * @property {Record<string, unknown>} preprocessing
 * @property {unknown} rule the combination rule as it stands in the file; an object with a `name`
 * @property {boolean} calibrated whether the rule was fitted to images
 * @property {{ name: string, sha256: string }[]} sources
 * @property {{ key: string, value: string }[]} foreign
 */
export {};
