/**
 * What the page and the workshop's worker say to each other. Calls are answered in the order in which they came.
 *
 * @import { Progress } from "../polyhead/types.js"
 * @import { Told } from "./types.js"
 *
 * @typedef {object} Message
 * @property {number} id
 * @property {string} verb
 * @property {any[]} args
 * @property {string} [name] with the verb `live`: of a lock to hold
 *
 * @typedef {Told} Failure
 *
 * @typedef {{ progress: Progress } | { id: number, held: string } | { id: number, value: unknown } | { id: number, failure: Failure, fatal: boolean,
 *   empty?: boolean }} Reply `fatal`: this worker cannot be used again; `empty`: nor did it ever hold anything
 */
export {};
