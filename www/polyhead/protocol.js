/**
 * What the page's side and the worker say to each other. Every message carries the id of its call.
 *
 * @import { Card, Explanation, Progress, Ranking, Label, Sendable } from "./types.js"
 *
 * @typedef {[moduleUrl: string, wasmUrl: string]} Build absolute
 *
 * @typedef {object} LoadRequest
 * @property {"load"} verb
 * @property {Build[]} builds the first of them that can be had is taken
 * @property {WebAssembly.Module} [module] compiled by an earlier worker from the one build; nothing is downloaded then
 * @property {string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>} [model] an absolute address, or the file itself
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
 * @typedef {object} JoinRequest from the classifier's worker to one of its own
 * @property {"join"} verb
 * @property {string} glue the address of the module's JavaScript
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory that they share
 * @property {number} slot
 *
 * @typedef {object} Loaded
 * @property {Label[]} labels
 * @property {string[]} heads
 * @property {Build[]} builds the one that was taken
 * @property {WebAssembly.Module} module
 * @property {ArrayBuffer} [model] the file that was loaded, where the module carries none
 * @property {number} side pixels of the shorter side that a video's frame needs
 * @property {number} threads how many it runs on
 * @property {number} memory bytes of wasm memory
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message
 *
 * @typedef {LoadRequest | ClassifyRequest | CardRequest | ExplainRequest} Request
 * @typedef {{ id: number } & (Request | LiveRequest | JoinRequest)} Message
 * @typedef {{ id: number, progress: Progress }
 *   | { id: number, value: Loaded | Answered<Ranking | Card | Explanation> }
 *   | { id: number, held: string }
 *   | { id: number, failure: Failure, fatal: boolean }} Reply `fatal`: this worker cannot be used again
 */

/**
 * What the worker answers to a request.
 *
 * @template {Request} R
 * @typedef {R extends LoadRequest ? Loaded : R extends ClassifyRequest ? Answered<Ranking> : R extends CardRequest ? Answered<Card> : Answered<Explanation>} AnswerTo
 */

/**
 * @template T
 * @typedef {object} Answered
 * @property {T} answer
 * @property {number} memory bytes of wasm memory
 */
export {};
