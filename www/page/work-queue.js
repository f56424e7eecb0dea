/** Processes items one at a time; a failed item keeps its error, and the others are processed. */

/**
 * @typedef {object} Queued
 * @property {"waiting" | "done" | "failed"} state
 * @property {unknown} [error]
 * @property {boolean} [aside] only the user tries it again
 */

/**
 * @template {Queued} Item
 * @typedef {object} Listeners
 * @property {() => Promise<unknown>} [ready] awaited before the first item; if it rejects, all wait for another try
 * @property {(item: Item, signal: AbortSignal) => Promise<void>} work
 * @property {(item: Item) => void} onItem the item is done or has failed
 * @property {() => void} onState processing has started, ended or been cancelled
 */

/** @template {Queued} Item */
export class WorkQueue {
  /** @type {Item[]} in the order they came */
  items = [];
  #listeners;
  /** @type {AbortController | undefined} */
  #run;
  /** The item in progress. @type {Item | undefined} */
  #current;

  /** @param {Listeners<Item>} listeners */
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

  /** Processes the waiting items. */
  async run() {
    if (this.#run) {
      return;
    }
    const run = new AbortController();
    this.#run = run;
    this.#listeners.onState();
    try {
      // The page shows the reason of a rejection.
      await this.#listeners.ready?.().catch(() => run.abort());
      for (let item = this.#next(); item && !run.signal.aborted; item = this.#next()) {
        await this.#work(item, run.signal);
      }
    } finally {
      if (this.#run === run) {
        this.#run = undefined;
        this.#listeners.onState();
      }
    }
  }

  /** Finished items stay; waiting items can be resumed. */
  cancel() {
    this.#stop();
    this.#listeners.onState();
  }

  /** All items wait to be processed again. */
  forget() {
    this.#stop();
    this.#again(({ aside }) => !aside);
  }

  clear() {
    this.items = [];
    this.cancel();
  }

  /** Fails the item in progress until the user tries it again. @param {(item: Item) => unknown} why */
  setAside(why) {
    const item = this.#current;
    if (item) {
      Object.assign(item, { state: "failed", aside: true, error: why(item) });
    }
  }

  /** Tries failed items again. @param {(item: Item) => boolean} [which] */
  retry(which = () => true) {
    this.#again((item) => item.state === "failed" && which(item));
  }

  /** @param {(item: Item) => boolean} which */
  remove(which) {
    this.items = this.items.filter((item) => !which(item));
  }

  #stop() {
    this.#run?.abort();
    this.#run = undefined;
  }

  #next() {
    return this.items.find(({ state }) => state === "waiting");
  }

  /** @param {(item: Item) => boolean} which */
  #again(which) {
    for (const item of this.items.filter(which)) {
      Object.assign(item, { state: "waiting", error: undefined, aside: false });
    }
  }

  /**
   * @param {Item} item
   * @param {AbortSignal} signal
   */
  async #work(item, signal) {
    this.#current = item;
    try {
      await this.#listeners.work(item, signal);
      // An item that was aborted in between is processed again: this costs nothing if it was finished.
      item.state = signal.aborted ? "waiting" : "done";
    } catch (error) {
      if (!signal.aborted) {
        Object.assign(item, { state: "failed", error });
      }
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
