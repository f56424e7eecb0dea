/** One worker: its calls by id, its end, and what a crash does to the calls under way. */
import { PolyheadError } from "./error.js";
import { OLDEST_BROWSERS } from "./support.js";
import { startThread } from "./spawn-worker.js";

/**
 * @import { Progress } from "./types.js"
 * @import { Answered, AnswerTo, Loaded, Reply, Request } from "./protocol.js"
 *
 * @typedef {object} Call
 * @property {(value: Loaded | Answered<unknown>) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(progress: Progress) => void} [onProgress]
 */

export class Host {
  #thread;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** Whether the worker ever answered. One that never did could not be started at all. */
  #spoke = false;
  /** @type {PolyheadError | undefined} why this host takes no more calls */
  #end;

  /** @param {string} [workerUrl] absolute */
  constructor(workerUrl) {
    try {
      this.#thread = startThread(workerUrl, {
        receive: (reply) => this.#receive(reply),
        crash: (found) => this.#crash(found),
      });
    } catch (error) {
      throw unstarted(error instanceof Error ? error.message : String(error));
    }
  }

  /** Whether the worker still takes calls. */
  get alive() {
    return this.#end === undefined;
  }

  /**
   * Ends the worker at once, its memory with it.
   *
   * @param {PolyheadError} why what the calls under way reject with
   */
  stop(why) {
    if (this.#end) {
      return;
    }
    this.#end = why;
    this.#thread.end();
    for (const call of this.#calls.values()) {
      call.reject(why);
    }
    this.#calls.clear();
  }

  /**
   * @template {Request} R
   * @param {R} request
   * @param {Transferable[]} [transfer] what the worker takes over
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<AnswerTo<R>>}
   */
  ask(request, transfer = [], onProgress) {
    return new Promise((resolve, reject) => {
      if (this.#end) {
        throw this.#end;
      }
      const id = ++this.#lastId;
      try {
        this.#thread.post({ id, ...request }, transfer);
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error);
        throw new PolyheadError("source", `source: expected one that the worker can be given, found: ${found}; pass one that is not closed`);
      }
      this.#thread.hold(true);
      this.#calls.set(id, { resolve: /** @type {Call["resolve"]} */ (resolve), reject, onProgress });
    });
  }

  /** @param {Reply} reply */
  #receive(reply) {
    this.#spoke = true;
    const call = this.#calls.get(reply.id);
    if (!call || "held" in reply) {
      return;
    }
    if ("progress" in reply) {
      call.onProgress?.(reply.progress);
      return;
    }
    this.#calls.delete(reply.id);
    this.#thread.hold(this.#calls.size > 0);
    if ("value" in reply) {
      call.resolve(reply.value);
      return;
    }
    const error = new PolyheadError(reply.failure.code, reply.failure.message);
    call.reject(error);
    if (reply.fatal) {
      this.stop(error);
    }
  }

  /** @param {string} found */
  #crash(found) {
    this.stop(
      this.#spoke
        ? new PolyheadError("worker-crashed", `expected the worker to answer, found: ${found}; try again`)
        : unstarted(found),
    );
  }
}

/** @param {string} found */
function unstarted(found) {
  return new PolyheadError(
    "worker-start",
    `expected the worker to start, found: ${found}; check that worker.js is served and the page's policy allows it, and use ${OLDEST_BROWSERS}, or a later version`,
  );
}
