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
 * The promise, or a rejection as soon as the signal says so.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function abortable(promise, signal) {
  if (!signal) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(reasonOf(signal));
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Runs tasks one at a time, in the order they came. */
export class Serial {
  /** @type {Promise<void>} */
  #last = Promise.resolve();

  /**
   * A task aborted before its turn is never started; one aborted while it runs is given up by its caller, and the next
   * still waits for its end.
   *
   * @template T
   * @param {() => Promise<T>} task
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  run(task, signal) {
    const turn = this.#last.then(() => {
      if (signal?.aborted) {
        throw reasonOf(signal);
      }
      return task();
    });
    this.#last = turn.then(
      () => {},
      () => {},
    );
    return abortable(turn, signal);
  }
}
