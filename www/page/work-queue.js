/** Works on items one after the other; one that fails is kept with its error, and the others are worked on. */

/**
 * @typedef {object} Queued
 * @property {"waiting" | "done" | "failed"} state
 * @property {unknown} [error]
 * @property {boolean} [aside] only a person tries it again
 */

/**
 * @template {Queued} Item
 * @typedef {object} Listeners
 * @property {() => Promise<unknown>} [ready] before the first item; where it rejects, everything waits for another try
 * @property {(item: Item, signal: AbortSignal) => Promise<void>} work
 * @property {(item: Item) => void} onItem it is done or failed
 * @property {() => void} onState it was started, ended or cancelled
 */

/** @template {Queued} Item */
export class WorkQueue {
  /** @type {Item[]} in the order they came */
  items = [];
  #listeners;
  /** @type {AbortController | undefined} */
  #run;
  /** What is being worked on. @type {Item | undefined} */
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

  /** Works on what waits. */
  async run() {
    if (this.#run) {
      return;
    }
    const run = new AbortController();
    this.#run = run;
    this.#listeners.onState();
    try {
      // The page tells why it is not.
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

  /** What is done stays; what waits can be gone on with. */
  cancel() {
    this.#stop();
    this.#listeners.onState();
  }

  /** Everything is to be worked on again. */
  forget() {
    this.#stop();
    this.#again(({ aside }) => !aside);
  }

  clear() {
    this.items = [];
    this.cancel();
  }

  /** Fails what is being worked on, until a person tries it again. @param {(item: Item) => unknown} why */
  setAside(why) {
    const item = this.#current;
    if (item) {
      Object.assign(item, { state: "failed", aside: true, error: why(item) });
    }
  }

  /** Tries what failed again. @param {(item: Item) => boolean} [which] */
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
      // Given up in between, it is worked on again: that costs nothing where it was finished.
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
