/** What was handed to the worker, to hand it to another one where the first was lost. */

/**
 * @import { Host } from "./project-worker.js"
 * @import { State } from "./types.js"
 *
 * @typedef {Parameters<Host["call"]>[0]} Verb
 *
 * @typedef {object} Deed
 * @property {Verb} verb
 * @property {unknown[]} args
 * @property {number[]} made the numbers that the worker gave to what came of it
 */

/** What is done to models, whose numbers come first among the arguments. */
const ABOUT_ONE = ["editModel", "removeModel", "moveModel", "removeEvidence"];
const TO_EVIDENCE = ["addEvidence", "removeEvidence"];

export class Replay {
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
   * @param {Host} host
   * @param {Verb} verb
   * @param {unknown[]} args
   * @param {any} answer
   */
  async note(host, verb, args, answer) {
    if (verb === "open") {
      // What was there before is gone.
      this.#models = [];
      this.#evidence = [];
      this.#merge = undefined;
    }
    if (verb === "merge") {
      this.#merge = { verb, args, made: [] };
    } else if (TO_EVIDENCE.includes(verb)) {
      this.#evidence.push({ verb, args, made: await made(host, verb, answer) });
    } else if (verb === "open" || verb === "addFiles" || ABOUT_ONE.includes(verb)) {
      this.#models.push({ verb, args, made: await made(host, verb, answer) });
    }
  }

  /** Does it all again in an empty worker. @param {Host} host */
  async again(host) {
    /** Its numbers are others. @type {Map<number, number>} */
    const numbers = new Map();
    /** @param {Deed} deed */
    const redo = async (deed) => {
      const [id, ...rest] = deed.args;
      const args = ABOUT_ONE.includes(deed.verb) ? [numbers.get(/** @type {number} */ (id)) ?? id, ...rest] : deed.args;
      const answer = await host.call(deed.verb, ...args);
      const now = await made(host, deed.verb, answer);
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
        if (!host.alive) {
          throw error;
        }
      }
    }
  }
}

/**
 * @param {Host} host
 * @param {Verb} verb
 * @param {any} answer
 * @returns {Promise<number[]>}
 */
async function made(host, verb, answer) {
  if (verb === "addFiles") {
    return numbersOf(answer.models);
  }
  if (verb === "addEvidence") {
    return [answer.id];
  }
  if (verb !== "open") {
    return [];
  }
  /** @type {State} */
  const { models, evidence } = await host.call("state");
  return [...numbersOf(models), ...numbersOf(evidence)];
}

/** @param {{ id: number }[]} items */
function numbersOf(items) {
  return items.map(({ id }) => id);
}
