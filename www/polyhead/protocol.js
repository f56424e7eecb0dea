/**
 * What the page's side and the worker say to each other. Every message carries the id of its call.
 *
 * @import { Card, Explanation, Progress, Ranking, Label, Sendable } from "./types.js"
 *
 * @typedef {object} LoadRequest
 * @property {"load"} verb
 * @property {string} moduleUrl absolute
 * @property {string} wasmUrl absolute
 * @property {WebAssembly.Module} [module] compiled by an earlier worker; nothing is downloaded then
 * @property {string | Blob} [model] an absolute address, or the file itself
 * @property {boolean} cache whether downloads are kept for the next visit
 * @property {number} threads at most so many
 *
 * @typedef {object} ClassifyRequest
 * @property {"classify"} verb
 * @property {Sendable} source
 * @property {{ topK?: number, threshold?: number, logits?: boolean }} options
 *
 * @typedef {object} CardRequest
 * @property {"card"} verb
 *
 * @typedef {object} ExplainRequest
 * @property {"explain"} verb
 * @property {Sendable} source
 *
 * @typedef {object} LiveRequest
 * @property {"live"} verb
 * @property {string} name of a lock to hold
 *
 * @typedef {object} Loaded
 * @property {Label[]} labels
 * @property {string[]} heads
 * @property {WebAssembly.Module} module
 * @property {Blob} [model] the file that was loaded, where the module carries none
 * @property {number} threads how many it runs on
 * @property {number} memory bytes of wasm memory
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message
 *
 * @typedef {LoadRequest | ClassifyRequest | CardRequest | ExplainRequest} Request
 * @typedef {{ id: number } & (Request | LiveRequest)} Message
 * @typedef {{ id: number, progress: Progress }
 *   | { id: number, value: Loaded | Answered<Ranking | Card | Explanation> }
 *   | { id: number, held: string }
 *   | { id: number, failure: Failure, fatal: boolean }} Reply `fatal`: this worker cannot be used again
 */

/**
 * @template T
 * @typedef {object} Answered
 * @property {T} answer
 * @property {number} memory bytes of wasm memory
 */
export {};
