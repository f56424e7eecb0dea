/**
 * Messages between a page and its worker: the worker creates one object of a wasm class, and a call names one of its methods.
 * The call of an asynchronous method has its reply before the next call is sent.
 *
 * @import { Progress } from "./types.js"
 *
 * @typedef {[moduleUrl: string, wasmUrl: string]} Build absolute
 *
 * @typedef {object} StartRequest
 * @property {"start"} verb
 * @property {"Classifier" | "Workshop"} className of the object
 * @property {Build[]} builds the first available one is used
 * @property {WebAssembly.Module} [module] compiled by an earlier worker from the only build; nothing is downloaded then
 * @property {string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>} [model] an absolute address, or the file itself
 * @property {boolean} cache whether downloads are stored for the next visit
 * @property {number} threads maximum number
 *
 * @typedef {object} Started
 * @property {Build[]} builds the one in use
 * @property {WebAssembly.Module} module
 * @property {ArrayBuffer} [model] the loaded file, if the module contains none
 * @property {number} threads their number
 *
 * @typedef {object} CallRequest
 * @property {undefined} [verb]
 * @property {string} method
 * @property {unknown[]} args
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
 * @typedef {{ code: string, message: string }} Failure with the module's other facts of the error
 *
 * @typedef {StartRequest | CallRequest | JoinRequest} Work
 * @typedef {{ id: number } & (Work | LiveRequest)} Message
 * @typedef {{ id: number, progress: Progress }
 *   | { id: number, value: unknown, memory: number }
 *   | { id: number, failure: Failure, fatal: boolean }} Reply `memory`: bytes of wasm memory; `fatal`: this worker cannot be used again
 */

/**
 * The methods of a wasm class.
 *
 * @template T
 * @typedef {Exclude<Extract<{ [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T], string>, "free">} Method
 */

/**
 * @template T
 * @template {keyof T} M
 * @typedef {T[M] extends (...args: infer A) => unknown ? A : never} Arguments
 */

/**
 * @template T
 * @template {keyof T} M
 * @typedef {T[M] extends (...args: never[]) => infer R ? Awaited<R> : never} Result
 */
export {};
