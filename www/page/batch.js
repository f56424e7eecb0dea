/** Ranks many images one after the other; an image that fails is kept with its error, and the others are ranked. */
import { pathOf } from "./files.js";

/**
 * @import { Classifier } from "../polyhead/index.js"
 * @import { Ranking } from "../polyhead/types.js"
 *
 * @typedef {object} Item
 * @property {File} image
 * @property {string} path
 * @property {"waiting" | "ranked" | "failed"} state
 * @property {Ranking} [ranking]
 * @property {unknown} [error]
 */

export class Batch {
  /** @type {Item[]} in the order they came */
  items = [];
  /** Files of chosen folders that are no images. */
  others = 0;

  #ready;
  #onItem;
  #onState;
  /** @type {AbortController | undefined} */
  #run;

  /**
   * @param {() => Promise<Classifier>} ready
   * @param {(item: Item) => void} onItem an item was ranked or failed
   * @param {() => void} onState it was started, ended or cancelled
   */
  constructor(ready, onItem, onState) {
    this.#ready = ready;
    this.#onItem = onItem;
    this.#onState = onState;
  }

  get running() {
    return this.#run !== undefined;
  }

  /** @param {Item["state"]} state */
  count(state) {
    return this.items.filter((item) => item.state === state).length;
  }

  /** @param {File[]} images */
  add(images) {
    this.items.push(...images.map((image) => ({ image, path: pathOf(image), state: /** @type {const} */ ("waiting") })));
    this.run();
  }

  /** Ranks what still waits. */
  async run() {
    if (this.#run) {
      return;
    }
    const run = new AbortController();
    this.#run = run;
    this.#onState();
    try {
      const classifier = await this.#ready();
      for (let item = this.#next(); item && !run.signal.aborted; item = this.#next()) {
        await this.#rank(item, classifier, run.signal);
      }
    } catch {
      // No classifier at all, which the page tells: everything waits for another try.
    } finally {
      if (this.#run === run) {
        this.#run = undefined;
        this.#onState();
      }
    }
  }

  /** What is ranked stays; what waits can be gone on with. */
  cancel() {
    this.#run?.abort();
    this.#run = undefined;
    this.#onState();
  }

  /** Tries what failed again. */
  retry() {
    for (const item of this.items.filter(({ state }) => state === "failed")) {
      item.state = "waiting";
    }
    this.run();
  }

  clear() {
    this.#run?.abort();
    this.#run = undefined;
    this.items = [];
    this.others = 0;
    this.#onState();
  }

  #next() {
    return this.items.find(({ state }) => state === "waiting");
  }

  /**
   * @param {Item} item
   * @param {Classifier} classifier
   * @param {AbortSignal} signal
   */
  async #rank(item, classifier, signal) {
    try {
      item.ranking = await classifier.classify(item.image, { logits: true, signal });
      if (!this.items.includes(item)) {
        return;
      }
      item.state = "ranked";
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      item.error = error;
      item.state = "failed";
    }
    this.#onItem(item);
  }
}
