/** One worker: its calls by id, its end, and what a crash does to the calls under way. */
import { PolyheadError } from "./error.js";
import { OLDEST_BROWSERS } from "./support.js";

/**
 * @import { Card, Explanation, Progress, Ranking } from "./types.js"
 * @import { Loaded, LoadRequest, CardRequest, ClassifyRequest, ExplainRequest, Reply, Request } from "./protocol.js"
 *
 * @typedef {object} Call
 * @property {(value: Loaded | Ranking | Card | Explanation) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(progress: Progress) => void} [onProgress]
 */

export class Host {
  /** @type {Worker} */
  #worker;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** Whether the worker ever answered. One that never did could not be started at all. */
  #spoke = false;
  /** @type {PolyheadError | undefined} why this host takes no more calls */
  #end;

  /** @param {string | URL} [workerUrl] */
  constructor(workerUrl) {
    // Bundlers find the worker by this literal form.
    this.#worker = workerUrl
      ? new Worker(workerUrl, { type: "module" })
      : new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", (event) => this.#receive(event.data));
    this.#worker.addEventListener("messageerror", () => this.#crash("a message that could not be read"));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#crash(event.message || "a script that did not load");
    });
  }

  /** Whether the worker still takes calls. */
  get alive() {
    return this.#end === undefined;
  }

  /**
   * @param {LoadRequest} request
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<Loaded>}
   */
  load(request, onProgress) {
    return this.#call(request, [], onProgress);
  }

  /**
   * @param {ClassifyRequest} request
   * @param {Transferable[]} transfer what the worker takes over
   * @returns {Promise<Ranking>}
   */
  classify(request, transfer) {
    return this.#call(request, transfer);
  }

  /**
   * @param {CardRequest} request
   * @returns {Promise<Card>}
   */
  card(request) {
    return this.#call(request, []);
  }

  /**
   * @param {ExplainRequest} request
   * @param {Transferable[]} transfer what the worker takes over
   * @returns {Promise<Explanation>}
   */
  explain(request, transfer) {
    return this.#call(request, transfer);
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
    this.#worker.terminate();
    for (const call of this.#calls.values()) {
      call.reject(why);
    }
    this.#calls.clear();
  }

  /**
   * @template {Loaded | Ranking | Card | Explanation} T what the worker answers to this request
   * @param {Request} request
   * @param {Transferable[]} transfer
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<T>}
   */
  #call(request, transfer, onProgress) {
    return new Promise((resolve, reject) => {
      if (this.#end) {
        throw this.#end;
      }
      const id = ++this.#lastId;
      this.#worker.postMessage({ id, ...request }, transfer);
      this.#calls.set(id, { resolve: /** @type {Call["resolve"]} */ (resolve), reject, onProgress });
    });
  }

  /** @param {Reply} reply */
  #receive(reply) {
    this.#spoke = true;
    const call = this.#calls.get(reply.id);
    if (!call) {
      return;
    }
    if ("progress" in reply) {
      call.onProgress?.(reply.progress);
      return;
    }
    this.#calls.delete(reply.id);
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
        : new PolyheadError(
            "worker-start",
            `expected the worker to start, found: ${found}; check that worker.js is served, and use ${OLDEST_BROWSERS}, or a later version`,
          ),
    );
  }
}
