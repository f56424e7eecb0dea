/** Calls the project in the worker, and restores it in another worker after a crash. */
import { WorkerClient } from "../polyhead/worker-client.js";
import { CommandLog } from "./command-log.js";

/**
 * @import { Arguments, Method, Result } from "../polyhead/protocol.js"
 * @import { Progress } from "../polyhead/types.js"
 * @import { Told, Workshop } from "../pkg/workshop.js"
 *
 * @typedef {Method<Workshop>} Verb
 *
 * @typedef {Told & { modelId?: number }} Correction the facts of a project's error besides its text
 */

const [MODULE, WASM] = ["../pkg/workshop.js", "../pkg/workshop_bg.wasm"].map((path) => new URL(path, import.meta.url).href);

export class ProjectClient {
  /** @type {WorkerClient<Workshop>} */
  #worker;
  #onProgress;
  #log = new CommandLog();
  /** Whether the worker has all models, the merge and the evidence. */
  #whole = false;
  /** The call under way. @type {Verb | undefined} */
  #verb;
  /** The reason why the last worker ended or did not start. @type {unknown} */
  #lost;

  /**
   * @param {{ onProgress: (progress: Progress) => void, onLost: (verb: Verb | undefined) => void }} listeners `onLost`: the
   *   worker was lost, during this call if any; the next call starts another one and restores models, merge and
   *   evidence
   */
  constructor({ onProgress, onLost }) {
    this.#onProgress = onProgress;
    this.#worker = new WorkerClient(
      { verb: "start", className: "Workshop", builds: [[MODULE, WASM]], cache: false, threads: 1 },
      {
        onLost: (why) => {
          this.#lost = why;
          // Before that, the call that started it rejects.
          if (this.#whole) {
            this.#whole = false;
            onLost(this.#verb);
          }
        },
      },
    );
  }

  /**
   * @template {Verb} V
   * @param {V} verb
   * @param {Arguments<Workshop, V>} args
   * @returns {Promise<Result<Workshop, V>>} rejects with a `PolyheadError` that has the facts of a `Correction`
   */
  call(verb, ...args) {
    const lost = this.#lost;
    return this.#worker.inTurn(async () => {
      if (lost !== this.#lost) {
        // The arguments may contain ids of the lost worker.
        throw this.#lost;
      }
      if (!this.#whole) {
        await this.#restore();
      }
      this.#verb = verb;
      try {
        const answer = await this.#worker.call(verb, args, args.filter((arg) => arg instanceof ImageBitmap));
        await this.#log.note(this.#worker, verb, args, answer);
        return answer;
      } finally {
        this.#verb = undefined;
      }
    });
  }

  async #restore() {
    const lost = this.#lost;
    try {
      await this.#worker.start(this.#onProgress);
      await this.#log.again(this.#worker, () => lost !== this.#lost);
      this.#whole = true;
    } catch (error) {
      // A project restored in part is discarded: the next call starts another worker.
      this.#lost = error;
      this.#worker.stop(/** @type {Error} */ (error));
      throw error;
    }
  }

  /** Bytes of wasm memory after the last answer. */
  get memory() {
    return this.#worker.memory;
  }

  /** Ends the worker and its memory. */
  close() {
    this.#worker.close();
  }
}
