/** The page's side of the workshop's worker: calls by id, in order, and what a crash does to those under way. */
import { PolyheadError } from "../polyhead/index.js";

/**
 * @import { Progress } from "../polyhead/types.js"
 * @import { Failure, Message, Reply } from "./protocol.js"
 *
 * @typedef {object} Call
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
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** Whether the worker ever answered. One that never did could not be started at all. */
  #spoke = false;
  #listeners;

  /** @param {{ onProgress: (progress: Progress) => void, onLost: () => void }} listeners `onLost`: the worker is gone with all it held */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /**
   * @param {Message["verb"]} verb
   * @param {...unknown} args
   * @returns {Promise<any>} rejects with a `WorkshopError`
   */
  call(verb, ...args) {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      worker.postMessage({ id, verb, args }, args.filter((arg) => arg instanceof ImageBitmap));
    });
  }

  /** Ends the worker and its memory; the next call starts another one. */
  stop() {
    this.#worker?.terminate();
    this.#worker = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) {
      reject(new DOMException("expected the call to end, found it stopped; call again", "AbortError"));
    }
  }

  #start() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("messageerror", () => this.#lose("worker-crashed", "a message that could not be read"));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#lose(this.#spoke ? "worker-crashed" : "worker-start", event.message || "a script that did not load");
    });
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
    this.#calls.delete(reply.id);
    if ("value" in reply) {
      call?.resolve(reply.value);
      return;
    }
    call?.reject(new WorkshopError(reply.failure));
    if (reply.fatal) {
      this.#lose(reply.failure.code, reply.failure.message);
    }
  }

  /**
   * @param {string} code
   * @param {string} found
   */
  #lose(code, found) {
    this.#worker?.terminate();
    this.#worker = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) {
      reject(new WorkshopError({ code, message: `workshop: expected the worker to answer, found: ${found}; try again` }));
    }
    this.#listeners.onLost();
  }
}
