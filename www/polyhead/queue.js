/** Promises that can be aborted, and a queue of them. */

/**
 * The reason with which an aborted call rejects.
 *
 * @param {AbortSignal} signal
 * @returns {unknown} the signal's reason; in browsers without reasons an equivalent `AbortError`
 */
export function reasonOf(signal) {
  return signal.reason ?? new DOMException("the call was aborted", "AbortError");
}

/**
 * The promise, or a rejection as soon as one of the signals is aborted.
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

/** Runs tasks one at a time, in the order of the calls. */
export class Serial {
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  /** @type {AbortController | undefined} aborts the waiting task that may be replaced */
  #replaceable;

  /**
   * A task that is aborted before its turn never starts. If it is aborted during its run, its caller does not wait, but
   * the next task does.
   *
   * @template T
   * @param {() => Promise<T>} task
   * @param {{ signal?: AbortSignal, latest?: boolean }} [options] `latest`: replaces the task that was added with it
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
