/** Records the calls to the worker, and repeats them in another one if it is lost. */

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
 * @property {number[]} made the ids that the worker gave to the results
 */

/** Calls that concern one model or evidence file, whose id is the first argument. @type {Verb[]} */
const ABOUT_ONE = ["editModel", "removeModel", "moveModel", "removeEvidence"];
/** @type {Verb[]} */
const TO_EVIDENCE = ["addEvidence", "removeEvidence"];

export class CommandLog {
  /** In the order of the calls. @type {Deed[]} */
  #models = [];
  /** Requires a merge. @type {Deed[]} */
  #evidence = [];
  /** The last successful one. @type {Deed | undefined} */
  #merge;

  /**
   * Records a successful call that another worker would need: not those of images, which the page adds again, nor of
   * results computed from images.
   *
   * @param {Worker} worker
   * @param {Verb} verb
   * @param {unknown[]} args
   * @param {unknown} answer
   */
  async note(worker, verb, args, answer) {
    if (verb === "open") {
      // Everything from before is replaced.
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
   * Repeats all calls in an empty worker.
   *
   * @param {Worker} worker
   * @param {() => boolean} isLost
   */
  async again(worker, isLost) {
    /** Its ids are different. @type {Map<number, number>} */
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
        // The models have changed since the call: the page shows what does not fit. A lost worker is an error.
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
