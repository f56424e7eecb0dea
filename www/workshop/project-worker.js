/** The page's side of the workshop's worker: calls by id, in order, and what a crash does to those under way. */
import { PolyheadError } from "../polyhead/index.js";
import { watchLife } from "../polyhead/liveness.js";
import { vouched } from "../polyhead/trusted-types.js";

/**
 * @import { Progress } from "../polyhead/types.js"
 * @import { Failure, Message, Reply } from "./protocol.js"
 *
 * @typedef {object} Call
 * @property {string} verb
 * @property {(value: any) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** An error of the workshop, with the place where it can be put right. */
export class WorkshopError extends PolyheadError {
  /** @param {Failure} failure */
  constructor({ code, message, field, model, modelId }) {
    super(code, message);
    this.field = field;
    this.model = model;
    this.modelId = modelId;
  }
}

export class Host {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {(() => void) | undefined} */
  #leave;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** Whether the worker ever answered. One that never did could not be started at all. */
  #spoke = false;
  #listeners;

  /** @param {{ onProgress: (progress: Progress) => void, onLost: (verb: string | undefined) => void }} listeners `onLost`: the worker is gone with all it held, in the middle of this call if any */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /**
   * @param {Message["verb"]} verb
   * @param {...unknown} args
   * @returns {Promise<any>} rejects with a `WorkshopError`
   */
  call(verb, ...args) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#start());
      worker.postMessage({ id, verb, args }, args.filter((arg) => arg instanceof ImageBitmap));
      this.#calls.set(id, { verb, resolve, reject });
    });
  }

  /** Whether there is a worker. */
  get alive() {
    return this.#worker !== undefined;
  }

  /** Ends the worker and its memory; the next call starts another one. */
  stop() {
    this.#end(new DOMException("expected the call to end, found it stopped; call again", "AbortError"));
  }

  #start() {
    const worker = new Worker(vouched(new URL("./worker.js", import.meta.url)), { type: "module" });
    const lost = (/** @type {string} */ found) => {
      if (worker === this.#worker) {
        this.#lose(this.#spoke ? "worker-crashed" : "worker-start", found);
      }
    };
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("messageerror", () => lost("a message that could not be read"));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      lost(event.message || "a script that did not load");
    });
    this.#leave = watchLife(worker, () => lost("an end that nobody asked for"));
    return worker;
  }

  /** @param {Reply} reply */
  #receive(reply) {
    this.#spoke = true;
    if ("progress" in reply) {
      this.#listeners.onProgress(reply.progress);
      return;
    }
    const call = this.#calls.get(reply.id);
    if (!call || "held" in reply) {
      return;
    }
    this.#calls.delete(reply.id);
    if ("value" in reply) {
      call.resolve(reply.value);
      return;
    }
    const error = new WorkshopError(reply.failure);
    call.reject(error);
    if (reply.fatal && reply.empty) {
      // It never had anything: another one may get its module.
      this.#end(error);
    } else if (reply.fatal) {
      this.#lose(reply.failure.code, reply.failure.message, call.verb);
    }
  }

  /**
   * @param {string} code
   * @param {string} found
   * @param {string} [verb] the call that it was lost in; else the oldest, as they are answered in order
   */
  #lose(code, found, verb = this.#calls.values().next().value?.verb) {
    this.#end(new WorkshopError({ code, message: `workshop: expected the worker to answer, found: ${found}; try again` }));
    this.#listeners.onLost(verb);
  }

  /** @param {Error} error */
  #end(error) {
    this.#leave?.();
    this.#worker?.terminate();
    this.#worker = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) {
      reject(error);
    }
  }
}
