/** Calls the methods of a wasm object in a worker, and starts another worker after a crash or an idle time. */
import { Serial } from "./queue.js";
import { PolyheadError } from "./error.js";
import { OLDEST_BROWSERS } from "./support.js";
import { startThread } from "./spawn-worker.js";

/**
 * @import { Progress } from "./types.js"
 * @import { Arguments, Method, Reply, Result, StartRequest, Started, Work } from "./protocol.js"
 *
 * @typedef {object} Call
 * @property {(value: unknown) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(progress: Progress) => void} [onProgress]
 */

/**
 * @template T the wasm class of the object
 */
export class WorkerClient {
  /**
   * Bytes of WebAssembly memory of the worker after its last reply. It grows and never shrinks until the worker ends.
   */
  memory = 0;
  /** The number of threads of the module. */
  threads = 1;

  /** Undefined after `close`. @type {StartRequest | undefined} */
  #request;
  #options;
  #serial = new Serial();
  /** @type {ReturnType<typeof startThread> | undefined} */
  #thread;
  /** Whether the worker ever replied; one that never did could not be started. */
  #answered = false;
  /** @type {Promise<void> | undefined} */
  #starting;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** The number of waiting and running tasks, for which the worker stays. */
  #busy = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;

  /**
   * @param {StartRequest} request
   * @param {object} options
   * @param {string} [options.workerUrl] absolute
   * @param {number} [options.idleSeconds] the worker ends after this time without a call; by default never
   * @param {(why: Error) => void} [options.onLost] the worker ended by itself, with its object; the next call starts another one
   */
  constructor(request, options) {
    this.#request = request;
    this.#options = options;
  }

  /**
   * Runs a task after all earlier ones. The idle time begins when no task is left.
   *
   * @template R
   * @param {() => Promise<R>} task
   * @param {Parameters<Serial["run"]>[1]} [turn]
   * @returns {Promise<R>} may also reject with the signal's reason
   */
  async inTurn(task, turn) {
    const idleSeconds = /** @type {number} */ (this.#options.idleSeconds);
    this.#busy += 1;
    clearTimeout(this.#rest);
    try {
      return await this.#serial.run(task, turn);
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0 && this.#thread && idleSeconds < Infinity) {
        this.#rest = setTimeout(() => this.stop(closed()), idleSeconds * 1000);
        // A Node.js program may end before that.
        /** @type {{ unref?: () => void }} */ (this.#rest).unref?.();
      }
    }
  }

  /**
   * Starts the worker if there is none: at first, after a crash, and after an idle time. Only within a task of
   * `inTurn`.
   *
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<void>}
   */
  start(onProgress) {
    if (!this.#thread) {
      this.#starting = this.#start(onProgress);
    }
    return /** @type {Promise<void>} */ (this.#starting);
  }

  /** @param {(progress: Progress) => void} [onProgress] */
  async #start(onProgress) {
    const request = this.#request;
    this.#answered = false;
    try {
      if (!request) {
        throw closed();
      }
      const thread = startThread(this.#options.workerUrl, {
        receive: (reply) => this.#receive(reply),
        crash: (found) => {
          if (thread === this.#thread) {
            this.#lose(this.#answered ? new PolyheadError("worker-crashed", `expected the worker to answer, found: ${found}; try again`) : unstarted(found));
          }
        },
      });
      this.#thread = thread;
      /** @type {Started} */
      const { threads, ...loaded } = await this.#ask(request, [], onProgress);
      this.threads = threads;
      // The next worker does not download it again.
      Object.assign(request, loaded);
    } catch (error) {
      const why = error instanceof PolyheadError ? error : unstarted(/** @type {Error} */ (error).message);
      this.stop(why);
      throw why;
    }
  }

  /**
   * Calls a method of the object. Only within a task of `inTurn`.
   *
   * @template {Method<T>} M
   * @param {M} method
   * @param {Arguments<T, M>} args
   * @param {Transferable[]} [transfer] objects to transfer to the worker
   * @returns {Promise<Result<T, M>>} rejects with a `PolyheadError`
   */
  async call(method, args, transfer) {
    await this.start();
    return this.#ask({ method, args }, transfer);
  }

  /** Ends the worker and frees its memory. Calls under way and later ones reject with the code "closed". */
  close() {
    this.#request = undefined;
    this.stop(closed());
  }

  /**
   * Ends the worker and its memory immediately; the next call starts another one.
   *
   * @param {Error} why the rejection of the calls under way
   */
  stop(why) {
    clearTimeout(this.#rest);
    this.#thread?.end();
    this.#thread = undefined;
    for (const { reject } of this.#calls.values()) {
      reject(why);
    }
    this.#calls.clear();
  }

  /** @param {Error} why */
  #lose(why) {
    this.stop(why);
    this.#options.onLost?.(why);
  }

  /**
   * @template R
   * @param {Work} work
   * @param {Transferable[]} [transfer]
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<R>}
   */
  #ask(work, transfer = [], onProgress) {
    return new Promise((resolve, reject) => {
      if (!this.#thread) {
        throw closed();
      }
      const id = ++this.#lastId;
      try {
        this.#thread.post({ id, ...work }, transfer);
      } catch (error) {
        throw new PolyheadError("source", `source: expected one that the worker can be given, found: ${/** @type {Error} */ (error).message}; pass one that is not closed`);
      }
      this.#thread.hold(true);
      this.#calls.set(id, { resolve: /** @type {Call["resolve"]} */ (resolve), reject, onProgress });
    });
  }

  /** @param {Reply} reply */
  #receive(reply) {
    this.#answered = true;
    const call = this.#calls.get(reply.id);
    if (!call) {
      return;
    }
    if ("progress" in reply) {
      call.onProgress?.(reply.progress);
      return;
    }
    if ("failure" in reply) {
      const { failure } = reply;
      const error = Object.assign(new PolyheadError(failure.code, failure.message), failure);
      call.reject(error);
      if (reply.fatal) {
        this.#lose(error);
      }
    } else {
      this.memory = reply.memory;
      call.resolve(reply.value);
    }
    this.#calls.delete(reply.id);
    this.#thread?.hold(this.#calls.size > 0);
  }
}

function closed() {
  return new PolyheadError("closed", "expected an open classifier, found one that was closed; load it again");
}

/** @param {string} found */
function unstarted(found) {
  return new PolyheadError(
    "worker-start",
    `expected the worker to start, found: ${found}; check that worker.js is served and the page's policy allows it, and use ${OLDEST_BROWSERS}, or a later version`,
  );
}
