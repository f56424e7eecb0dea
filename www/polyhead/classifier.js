/** The classifier as the page sees it: promises over one worker, which is started anew after a crash. */
import { Serial, abortable, reasonOf } from "./abort.js";
import { PolyheadError } from "./error.js";
import { Host } from "./host.js";
import { requireSupport } from "./support.js";

/**
 * @import { Card, ClassifyOptions, Explanation, Label, LoadOptions, Progress, Ranking, Sendable, Source } from "./types.js"
 * @import { LoadRequest } from "./protocol.js"
 */

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

  #workerUrl;
  /** @type {LoadRequest} */
  #request;
  #serial = new Serial();
  /** @type {Host | undefined} */
  #host;
  #closed = false;

  /** @param {LoadOptions} options */
  constructor({ model, workerUrl, moduleUrl = new URL("../pkg/polyhead.js", import.meta.url) }) {
    this.#workerUrl = workerUrl;
    this.#request = {
      verb: "load",
      moduleUrl: absolute(moduleUrl),
      model: typeof model === "string" || model instanceof URL ? absolute(model) : model,
    };
  }

  /**
   * Ranks the labels of one picture. Pictures are worked on one at a time, in the order of the calls.
   *
   * @param {Source} source an element must have its picture loaded
   * @param {ClassifyOptions} [options]
   * @returns {Promise<Ranking>} rejects with a `PolyheadError`, or with the signal's reason
   */
  classify(source, { topK, threshold, logits, signal } = {}) {
    return this.#serial.run(async () => {
      const { sendable, transfer } = await toSendable(source);
      const host = await this.start();
      return host.classify({ verb: "classify", source: sendable, options: { topK, threshold, logits } }, transfer);
    }, signal);
  }

  /**
   * Which places of a picture speak for which label, for the heads that are linear on pooled features.
   *
   * @param {Source} source an element must have its picture loaded
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Explanation>} rejects with the code "not-linear" where no head is
   */
  explain(source, { signal } = {}) {
    return this.#serial.run(async () => {
      const { sendable, transfer } = await toSendable(source);
      const host = await this.start();
      return host.explain({ verb: "explain", source: sendable }, transfer);
    }, signal);
  }

  /**
   * What the model's file says of itself.
   *
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Card>}
   */
  card({ signal } = {}) {
    return this.#serial.run(async () => (await this.start()).card({ verb: "card" }), signal);
  }

  /** Ends the worker and frees its memory. Calls under way and later ones reject with the code "closed". */
  close() {
    this.#closed = true;
    this.#host?.stop(closed());
  }

  /**
   * The running worker; a new one where there is none yet or the last one crashed.
   *
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<Host>}
   */
  async start(onProgress) {
    if (this.#closed) {
      throw closed();
    }
    if (this.#host?.alive) {
      return this.#host;
    }
    const host = new Host(this.#workerUrl);
    this.#host = host;
    try {
      const { labels, heads, module } = await host.load(this.#request, onProgress);
      this.labels = labels;
      this.heads = heads;
      this.#request.module = module;
      return host;
    } catch (error) {
      host.stop(error instanceof PolyheadError ? error : closed());
      throw error;
    }
  }
}

function closed() {
  return new PolyheadError("closed", "expected an open classifier, found one that was closed; load it again");
}

/** @param {string | URL} url */
function absolute(url) {
  return new URL(url, globalThis.location?.href).href;
}

/**
 * Canvases and elements stay with the page: their picture is copied for the worker.
 *
 * @param {Source} source
 * @returns {Promise<{ sendable: Sendable, transfer: Transferable[] }>}
 */
async function toSendable(source) {
  if (source instanceof Blob || source instanceof ImageBitmap || source instanceof ImageData) {
    return { sendable: source, transfer: [] };
  }
  if ("VideoFrame" in globalThis && source instanceof VideoFrame) {
    return { sendable: source, transfer: [] };
  }
  const bitmap = await createImageBitmap(source, { colorSpaceConversion: "none" });
  return { sendable: bitmap, transfer: [bitmap] };
}
