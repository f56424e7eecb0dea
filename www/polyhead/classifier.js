/** The classifier on the page's side: promises over an object in a worker. */
import { PolyheadError } from "./error.js";
import { WorkerClient } from "./worker-client.js";
import { workingFolder } from "./node-builtins.js";
import { toSendable } from "./transferable-source.js";
import { hasRelaxedSimd, requireSupport } from "./support.js";

/**
 * @import { Card, ClassifyOptions, Explanation, Label, LoadOptions, Ranking, Source } from "./types.js"
 * @import { Classifier as WasmClassifier } from "../pkg/polyhead.js"
 * @import { Build, StartRequest } from "./protocol.js"
 */

/** Seconds without a call after which the worker ends. */
const IDLE_SECONDS = 120;
/** More threads gain little and need memory. */
const AUTO_THREADS = 8;

/**
 * Loads the module and its model in a worker.
 *
 * @param {LoadOptions} [options]
 * @returns {Promise<Classifier>} rejects with a `PolyheadError`, or with the signal's reason
 */
export async function loadClassifier(options = {}) {
  requireSupport();
  const classifier = new Classifier(options);
  try {
    await classifier.start(options);
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
  /** The shorter side in pixels that a video frame needs: larger frames are drawn at that size. */
  inputSize = 0;

  /** @type {WorkerClient<WasmClassifier>} */
  #worker;

  /** @param {LoadOptions} options */
  constructor({ model, threads, workerUrl, moduleUrl, wasmUrl, idleSeconds = IDLE_SECONDS, cache = true }) {
    const most = toThreads(threads);
    this.#worker = new WorkerClient(
      {
        verb: "start",
        className: "Classifier",
        builds: toBuilds(moduleUrl, wasmUrl, most),
        model: /** @type {StartRequest["model"]} */ (typeof model === "string" || model instanceof URL ? absolute(model) : model),
        cache,
        threads: most,
      },
      { workerUrl: workerUrl && absolute(workerUrl), idleSeconds },
    );
  }

  /** The number of threads of the module: the minimum of the requested number, the page's limit and the module's. */
  get threads() {
    return this.#worker.threads;
  }

  /**
   * Bytes of WebAssembly memory of the worker after its last reply. It grows and never shrinks until the worker ends.
   */
  get memory() {
    return this.#worker.memory;
  }

  /**
   * Ranks the labels of one image. Images are processed one at a time, in the order of the calls.
   *
   * @param {Source} source an element must have its image loaded
   * @param {ClassifyOptions} [options]
   * @returns {Promise<Ranking>} rejects with a `PolyheadError`, or with the signal's reason
   */
  classify(source, { topK, threshold, logits, ...turn } = {}) {
    return this.#worker.inTurn(async () => {
      const [sendable, transfer] = await toSendable(source, this.inputSize);
      return this.#worker.call("classify", [sendable, { topK, threshold, logits }], transfer);
    }, turn);
  }

  /**
   * The regions of an image that raise the score of each label, for heads that are linear on pooled features.
   *
   * @param {Source} source an element must have its image loaded
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Explanation>} rejects with the code "not-linear" if no head is, or with the signal's reason
   */
  explain(source, { signal } = {}) {
    return this.#worker.inTurn(async () => {
      const [sendable, transfer] = await toSendable(source, this.inputSize);
      return this.#worker.call("explain", [sendable], transfer);
    }, { signal });
  }

  /**
   * The model's description from its file.
   *
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Card>} rejects with a `PolyheadError`, or with the signal's reason
   */
  card({ signal } = {}) {
    return this.#worker.inTurn(() => this.#worker.call("card", []), { signal });
  }

  /** Ends the worker and frees its memory. Calls under way and later ones reject with the code "closed". */
  close() {
    this.#worker.close();
  }

  /**
   * Loads the module and its model.
   *
   * @param {Pick<LoadOptions, "signal" | "onProgress">} options
   */
  start({ signal, onProgress }) {
    const worker = this.#worker;
    return worker.inTurn(async () => {
      await worker.start(onProgress);
      [this.labels, this.heads, this.inputSize] = await Promise.all([worker.call("labels", []), worker.call("heads", []), worker.call("inputSize", [])]);
    }, { signal });
  }
}

/**
 * @param {unknown} threads
 * @returns {number} at most this many, limited to what the page may use: browsers give shared memory to isolated
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
 * The build that the page names, otherwise those of ours that this browser runs, the fastest first.
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
