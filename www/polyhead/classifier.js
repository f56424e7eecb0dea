/** The classifier as the page sees it: promises over one worker, which is started anew after a crash or a long rest. */
import { Serial, abortable, reasonOf } from "./queue.js";
import { PolyheadError } from "./error.js";
import { Host } from "./worker-client.js";
import { workingFolder } from "./node-builtins.js";
import { toSendable } from "./transferable-source.js";
import { hasRelaxedSimd, requireSupport } from "./support.js";

/**
 * @import { Card, ClassifyOptions, Explanation, Label, LoadOptions, Progress, Ranking, Source } from "./types.js"
 * @import { Answered, Build, ClassifyRequest, ExplainRequest, LoadRequest } from "./protocol.js"
 */

/** Seconds without a call after which the worker ends. */
const IDLE_SECONDS = 120;
/** More gain little, and take memory. */
const AUTO_THREADS = 8;

/**
 * Loads the module and its model in a worker.
 *
 * @param {LoadOptions} [options]
 * @returns {Promise<Classifier>} rejects with a `PolyheadError`, or with the signal's reason
 */
export async function loadClassifier(options = {}) {
  const { signal } = options;
  if (signal?.aborted) {
    throw reasonOf(signal);
  }
  requireSupport();
  const classifier = new Classifier(options);
  try {
    await abortable(classifier.start(options.onProgress), signal);
  } catch (error) {
    classifier.close();
    throw error;
  }
  return classifier;
}

export class Classifier {
  /** @type {Label[]} all labels, in the model's order */
  labels = [];
  /** @type {string[]} the names of the heads, in the model's order */
  heads = [];
  /** Pixels of the shorter side that a video's frame needs: larger ones are drawn at that size. */
  side = 0;
  /** How many threads the module runs on: the least of what was asked for, what the page may use, and what the module can. */
  threads = 1;
  /** Bytes of WebAssembly memory that the worker held after the last answer. It grows and never shrinks until the worker ends. */
  memory = 0;

  #workerUrl;
  #idleMilliseconds;
  /** @type {LoadRequest} */
  #request;
  #serial = new Serial();
  /** @type {Host | undefined} */
  #host;
  /** @type {Promise<Host> | undefined} */
  #starting;
  #calls = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  #closed = false;

  /** @param {LoadOptions} options */
  constructor({ model, threads, workerUrl, moduleUrl, wasmUrl, idleSeconds = IDLE_SECONDS, cache = true }) {
    this.#workerUrl = workerUrl === undefined ? undefined : absolute(workerUrl);
    this.#idleMilliseconds = idleSeconds * 1000;
    const most = toThreads(threads);
    this.#request = {
      verb: "load",
      builds: toBuilds(moduleUrl, wasmUrl, most),
      model: /** @type {LoadRequest["model"]} */ (typeof model === "string" || model instanceof URL ? absolute(model) : model),
      cache,
      threads: most,
    };
  }

  /**
   * Ranks the labels of one image. Images are worked on one at a time, in the order of the calls.
   *
   * @param {Source} source an element must have its image loaded
   * @param {ClassifyOptions} [options]
   * @returns {Promise<Ranking>} rejects with a `PolyheadError`, or with the signal's reason
   */
  classify(source, { topK, threshold, logits, signal, latest } = {}) {
    return this.#send({ verb: "classify", options: { topK, threshold, logits } }, source, { signal, latest });
  }

  /**
   * Which places of an image speak for which label, for the heads that are linear on pooled features.
   *
   * @param {Source} source an element must have its image loaded
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Explanation>} rejects with the code "not-linear" where no head is, or with the signal's reason
   */
  explain(source, { signal } = {}) {
    return this.#send({ verb: "explain" }, source, { signal });
  }

  /**
   * What the model's file says of itself.
   *
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Card>} rejects with a `PolyheadError`, or with the signal's reason
   */
  card({ signal } = {}) {
    return this.#ask({ signal }, async () => (await this.start()).ask({ verb: "card" }));
  }

  /** Ends the worker and frees its memory. Calls under way and later ones reject with the code "closed". */
  close() {
    this.#closed = true;
    clearTimeout(this.#rest);
    this.#host?.stop(closed());
    this.#request.model = undefined;
    this.#request.module = undefined;
  }

  /**
   * The running worker; a new one where there is none yet, the last one crashed, or it rests.
   *
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<Host>}
   */
  start(onProgress) {
    if (this.#closed) {
      return Promise.reject(closed());
    }
    if (!this.#host?.alive) {
      this.#starting = this.#start(onProgress);
    }
    return /** @type {Promise<Host>} */ (this.#starting);
  }

  /** @param {(progress: Progress) => void} [onProgress] */
  async #start(onProgress) {
    const host = new Host(this.#workerUrl);
    this.#host = host;
    this.#wake();
    try {
      const { builds, module, model, ...told } = await host.ask(this.#request, [], onProgress);
      Object.assign(this, told);
      if (!this.#closed) {
        // The next worker needs nothing of it downloaded.
        Object.assign(this.#request, { builds, module, model });
      }
      return host;
    } catch (error) {
      host.stop(error instanceof PolyheadError ? error : closed());
      throw error;
    } finally {
      this.#calls -= 1;
      this.#restLater();
    }
  }

  /**
   * A call about an image.
   *
   * @template T
   * @param {Omit<ClassifyRequest, "source"> | Omit<ExplainRequest, "source">} request
   * @param {Source} source
   * @param {{ signal?: AbortSignal, latest?: boolean }} turn
   * @returns {Promise<T>}
   */
  #send(request, source, turn) {
    return this.#ask(turn, async () => {
      const { sendable, transfer } = await toSendable(source, this.side);
      const asked = (await this.start()).ask(/** @type {ClassifyRequest} */ ({ ...request, source: sendable }), transfer);
      return /** @type {Promise<Answered<T>>} */ (/** @type {unknown} */ (asked));
    });
  }

  /**
   * One call in its turn; the worker does not rest meanwhile.
   *
   * @template T
   * @param {{ signal?: AbortSignal, latest?: boolean }} turn
   * @param {() => Promise<Answered<T>>} call
   * @returns {Promise<T>}
   */
  async #ask(turn, call) {
    this.#wake();
    try {
      return await this.#serial.run(async () => {
        const { answer, memory } = await call();
        this.memory = memory;
        return answer;
      }, turn);
    } finally {
      this.#calls -= 1;
      this.#restLater();
    }
  }

  #wake() {
    this.#calls += 1;
    clearTimeout(this.#rest);
  }

  /** Ends the worker once nothing has been asked for a while. */
  #restLater() {
    if (this.#calls > 0 || this.#closed || !(this.#idleMilliseconds < Infinity)) {
      return;
    }
    const rest = setTimeout(() => this.#host?.stop(closed()), this.#idleMilliseconds);
    this.#rest = rest;
    // A Node.js program may end before.
    /** @type {{ unref?: () => void }} */ (/** @type {unknown} */ (rest)).unref?.();
  }
}

function closed() {
  return new PolyheadError("closed", "expected an open classifier, found one that was closed; load it again");
}

/**
 * @param {unknown} threads
 * @returns {number} at most so many, and no more than the page may use: threads share memory, which browsers give to isolated
 *   pages only
 */
function toThreads(threads = "auto") {
  const most = /** @type {number} */ (threads === "auto" ? AUTO_THREADS : threads);
  if (Number.isInteger(most) && most > 0) {
    return Math.min(most, (globalThis.crossOriginIsolated && navigator.hardwareConcurrency) || 1);
  }
  throw new PolyheadError("load-option", `threads: expected a whole number from 1 or "auto", found ${String(threads)}; leave it out for "auto"`);
}

/**
 * What the page names, else ours that this browser runs, the fastest first.
 *
 * @param {string | URL | undefined} moduleUrl
 * @param {string | URL | undefined} wasmUrl
 * @param {number} threads
 * @returns {Build[]}
 */
function toBuilds(moduleUrl, wasmUrl, threads) {
  // Bundlers find the files by this literal form.
  const plain = new URL("../pkg/polyhead.js", import.meta.url);
  const builds =
    moduleUrl || wasmUrl
      ? [[moduleUrl ?? plain, wasmUrl ?? new URL("polyhead_bg.wasm", absolute(/** @type {string | URL} */ (moduleUrl)))]]
      : [
          [new URL("../pkg/polyhead_threads.js", import.meta.url), new URL("../pkg/polyhead_threads_bg.wasm", import.meta.url)],
          [plain, new URL("../pkg/polyhead_relaxed_bg.wasm", import.meta.url)],
          [plain, new URL("../pkg/polyhead_bg.wasm", import.meta.url)],
        ].slice(hasRelaxedSimd() ? Number(threads < 2) : 2);
  return /** @type {Build[]} */ (builds.map((build) => build.map(absolute)));
}

/** @param {string | URL} url */
function absolute(url) {
  return new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href ?? workingFolder()).href;
}
