/** What was handed to the worker, to hand it to another one where the first was lost. */

/**
 * @import { WorkerClient } from "../polyhead/worker-client.js"
 * @import { Arguments, Result } from "../polyhead/protocol.js"
 * @import { Workshop } from "../pkg/workshop.js"
 * @import { Verb } from "./project-client.js"
 *
 * @typedef {WorkerClient<Workshop>} Worker
 *
 * @typedef {object} Deed
 * @property {Verb} verb
 * @property {unknown[]} args
 * @property {number[]} made the numbers that the worker gave to what came of it
 */

/** What is done to one model or file of evidence, whose number comes first among the arguments. @type {Verb[]} */
const ABOUT_ONE = ["editModel", "removeModel", "moveModel", "removeEvidence"];
/** @type {Verb[]} */
const TO_EVIDENCE = ["addEvidence", "removeEvidence"];

export class CommandLog {
  /** In the order in which it was done. @type {Deed[]} */
  #models = [];
  /** It wants a merge before it. @type {Deed[]} */
  #evidence = [];
  /** The last that succeeded. @type {Deed | undefined} */
  #merge;

  /**
   * Remembers a call that succeeded, where another worker would need it: not images, which the page looks at anew, nor what is
   * made of them.
   *
   * @param {Worker} worker
   * @param {Verb} verb
   * @param {unknown[]} args
   * @param {unknown} answer
   */
  async note(worker, verb, args, answer) {
    if (verb === "open") {
      // What was there before is gone.
      this.#models = [];
      this.#evidence = [];
      this.#merge = undefined;
    }
    if (verb === "merge") {
      this.#merge = { verb, args, made: [] };
    } else if (TO_EVIDENCE.includes(verb)) {
      this.#evidence.push({ verb, args, made: await made(worker, verb, answer) });
    } else if (verb === "open" || verb === "addFiles" || ABOUT_ONE.includes(verb)) {
      this.#models.push({ verb, args, made: await made(worker, verb, answer) });
    }
  }

  /**
   * Does it all again in an empty worker.
   *
   * @param {Worker} worker
   * @param {() => boolean} isLost
   */
  async again(worker, isLost) {
    /** Its numbers are others. @type {Map<number, number>} */
    const numbers = new Map();
    /** @param {Deed} deed */
    const redo = async (deed) => {
      const [id, ...rest] = deed.args;
      const args = ABOUT_ONE.includes(deed.verb) ? [numbers.get(/** @type {number} */ (id)) ?? id, ...rest] : deed.args;
      const answer = await worker.call(deed.verb, /** @type {Arguments<Workshop, Verb>} */ (args));
      const now = await made(worker, deed.verb, answer);
      deed.made.forEach((number, place) => numbers.set(number, now[place]));
      deed.args = args;
      deed.made = now;
    };
    for (const deed of this.#models) {
      await redo(deed);
    }
    for (const deed of [...(this.#merge ? [this.#merge] : []), ...this.#evidence]) {
      try {
        await redo(deed);
      } catch (error) {
        // The models were others when it was done: the page says what does not fit. A worker that is gone is another matter.
        if (isLost()) {
          throw error;
        }
      }
    }
  }
}

/**
 * @param {Worker} worker
 * @param {Verb} verb
 * @param {unknown} answer
 * @returns {Promise<number[]>}
 */
async function made(worker, verb, answer) {
  if (verb === "addFiles") {
    return numbersOf(/** @type {Result<Workshop, "addFiles">} */ (answer).models);
  }
  if (verb === "addEvidence") {
    return numbersOf([/** @type {Result<Workshop, "addEvidence">} */ (answer)]);
  }
  if (verb !== "open") {
    return [];
  }
  const { models, evidence } = await worker.call("state", []);
  return [...numbersOf(models), ...numbersOf(evidence)];
}

/** @param {{ id: number }[]} items */
function numbersOf(items) {
  return items.map(({ id }) => id);
}
