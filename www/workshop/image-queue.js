/** Processes the labelled images one after the other; an image that fails is kept with its error. */
import { pathOf } from "../page/files.js";

/**
 * @typedef {object} Item
 * @property {Blob} [image] not there where a project file told of it
 * @property {string} path
 * @property {string} label as the folder or the person says it
 * @property {boolean} unseen no head was trained on it
 * @property {"waiting" | "observed" | "failed"} state
 * @property {number} [id] once it is observed, and its name and hash in the project
 * @property {string} [name]
 * @property {string} [sha256]
 * @property {unknown} [error]
 * @property {boolean} [aside] the worker was lost in it: only a person tries it again
 *
 * @typedef {object} Listeners
 * @property {(item: Item) => Promise<void>} observe sets what becomes known of it; rejects where it cannot be taken
 * @property {(item: Item) => void} onItem it was observed or failed
 * @property {() => void} onState it was started, ended or cancelled
 */

export class Collection {
  /** @type {Item[]} in the order they came */
  items = [];
  #listeners;
  /** @type {AbortController | undefined} */
  #run;
  /** What is being looked at. @type {Item | undefined} */
  #current;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  get running() {
    return this.#run !== undefined;
  }

  /** @param {Item["state"]} state */
  count(state) {
    return this.items.filter((item) => item.state === state).length;
  }

  /**
   * @param {Iterable<Blob>} images
   * @param {{ label?: string, unseen: boolean }} of without a label the folder's name is the label
   */
  add(images, { label, unseen }) {
    /** @type {Item[]} */
    const fresh = [...images].map((image) => {
      const path = label === undefined ? pathOf(image) : `${label}/${pathOf(image)}`;
      return { image, path, label: label ?? folderOf(path), unseen, state: "waiting" };
    });
    this.items.push(...fresh);
    return fresh;
  }

  /** Looks at what waits. */
  async run() {
    if (this.#run) {
      return;
    }
    const run = new AbortController();
    this.#run = run;
    this.#listeners.onState();
    try {
      for (let item = this.#next(); item && !run.signal.aborted; item = this.#next()) {
        await this.#observe(item, run.signal);
      }
    } finally {
      if (this.#run === run) {
        this.#run = undefined;
        this.#listeners.onState();
      }
    }
  }

  /** What is observed stays; what waits can be gone on with. */
  cancel() {
    this.#run?.abort();
    this.#run = undefined;
    this.#listeners.onState();
  }

  /** Everything is to be looked at again: the model is another one. */
  forget() {
    this.#run?.abort();
    this.#run = undefined;
    for (const item of this.items.filter(({ aside }) => !aside)) {
      item.state = "waiting";
      item.error = undefined;
    }
  }

  /** The worker was lost in what is being looked at: that must not happen again and again. @param {(item: Item) => unknown} why */
  setAside(why) {
    const item = this.#current;
    if (item) {
      Object.assign(item, { state: "failed", aside: true, error: why(item) });
    }
  }

  /** Tries what failed again. @param {(item: Item) => boolean} [which] */
  retry(which = () => true) {
    for (const item of this.items.filter((item) => item.state === "failed" && which(item))) {
      item.state = "waiting";
      item.error = undefined;
      item.aside = false;
    }
  }

  /** @param {(item: Item) => boolean} which */
  remove(which) {
    const gone = this.items.filter(which);
    this.items = this.items.filter((item) => !which(item));
    return gone;
  }

  #next() {
    return this.items.find(({ state }) => state === "waiting");
  }

  /**
   * @param {Item} item
   * @param {AbortSignal} signal
   */
  async #observe(item, signal) {
    this.#current = item;
    try {
      await this.#listeners.observe(item);
      // Given up in between, it is looked at again: that costs nothing where it was finished.
      item.state = signal.aborted ? "waiting" : "observed";
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      item.error = error;
      item.state = "failed";
    } finally {
      if (this.#current === item) {
        this.#current = undefined;
      }
    }
    if (!signal.aborted) {
      this.#listeners.onItem(item);
    }
  }
}

/** The folder a file lies in is its label. @param {string} path */
function folderOf(path) {
  return path.split("/").at(-2) ?? "";
}
