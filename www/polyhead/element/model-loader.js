/** The element's classifier: loaded at once or when the element comes into view, shared by elements with the same model. */
import { share } from "./shared-classifier.js";

/**
 * @import { Classifier } from "../classifier.js"
 * @import { LoadOptions, Progress } from "../types.js"
 * @import { Lease, Model } from "./shared-classifier.js"
 *
 * @typedef {Pick<Classifier, "labels" | "heads" | "classify">} Given a classifier that the page made
 *
 * @typedef {object} Listeners
 * @property {() => { model: Model, options: Pick<LoadOptions, "threads" | "workerUrl" | "moduleUrl" | "wasmUrl" | "cache" | "idleSeconds"> }} onLoad
 * @property {(progress: Progress) => void} onProgress
 * @property {(classifier: Given) => void} onReady
 * @property {(error: unknown) => void} onError
 */

export class ModelLoader {
  /** The page's own classifier, which the element does not close. @type {Given | undefined} */
  given;
  /** @type {Lease | undefined} */
  #lease;
  /** @type {IntersectionObserver | undefined} */
  #sight;
  #listeners;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Loads the model at once, or when an element comes into view. @param {HTMLElement & { loading: "eager" | "lazy" }} element */
  begin(element) {
    this.rest();
    if (this.#lease) {
      return;
    }
    if (element.loading === "lazy" && globalThis.IntersectionObserver) {
      this.#sight = new IntersectionObserver((entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          this.rest();
          this.load().catch(() => {});
        }
      });
      this.#sight.observe(element);
    } else {
      this.load().catch(() => {});
    }
  }

  /** Stops waiting for the element to come into view. */
  rest() {
    this.#sight?.disconnect();
  }

  /** @returns {Promise<Given>} */
  load() {
    if (this.given) {
      return Promise.resolve(this.given);
    }
    if (this.#lease) {
      return this.#lease.classifier;
    }
    const { onLoad, onProgress, onReady, onError } = this.#listeners;
    const { model, options } = onLoad();
    const lease = share(model, options, onProgress);
    this.#lease = lease;
    lease.classifier.then(
      (classifier) => this.#lease === lease && onReady(classifier),
      (error) => {
        if (this.#lease === lease) {
          this.release();
          onError(error);
        }
      },
    );
    return lease.classifier;
  }

  /** The classifier is closed if no other element uses it. */
  release() {
    this.#lease?.release();
    this.#lease = undefined;
  }
}
