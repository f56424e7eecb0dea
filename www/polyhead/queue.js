/** Promises that can be given up, one after another. */

/**
 * What an aborted call rejects with.
 *
 * @param {AbortSignal} signal
 * @returns {unknown} the signal's reason; browsers that know none get the `AbortError` they would have made
 */
export function reasonOf(signal) {
  return signal.reason ?? new DOMException("the call was aborted", "AbortError");
}

/**
 * The promise, or a rejection as soon as one of the signals says so.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {...(AbortSignal | undefined)} signals
 * @returns {Promise<T>}
 */
export function abortable(promise, ...signals) {
  const settled = new AbortController();
  return new Promise((resolve, reject) => {
    for (const signal of signals) {
      const abort = () => reject(reasonOf(/** @type {AbortSignal} */ (signal)));
      signal?.addEventListener("abort", abort, { signal: settled.signal });
      if (signal?.aborted) {
        abort();
      }
    }
    promise.then(resolve, reject).finally(() => settled.abort());
  });
}

/** Runs tasks one at a time, in the order they came. */
export class Serial {
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  /** @type {AbortController | undefined} gives up the task that waits and may be replaced */
  #replaceable;

  /**
   * A task aborted before its turn is never started; one aborted while it runs is given up by its caller, and the next
   * still waits for its end.
   *
   * @template T
   * @param {() => Promise<T>} task
   * @param {{ signal?: AbortSignal, latest?: boolean }} [options] `latest`: takes the place of the task that was added so
   *   before and still waits, which rejects with an `AbortError`
   * @returns {Promise<T>}
   */
  run(task, { signal, latest = false } = {}) {
    const mine = latest ? new AbortController() : undefined;
    if (mine) {
      this.#replaceable?.abort(new DOMException("a newer image took the place of this one", "AbortError"));
      this.#replaceable = mine;
    }
    const turn = this.#last.then(() => {
      if (mine && this.#replaceable === mine) {
        this.#replaceable = undefined;
      }
      for (const given of [signal, mine?.signal]) {
        if (given?.aborted) {
          throw reasonOf(given);
        }
      }
      return task();
    });
    this.#last = turn.then(() => {}, () => {});
    return abortable(turn, signal, mine?.signal);
  }
}
