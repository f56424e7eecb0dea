/** One classifier for all elements with the same model; closed when the last of them releases it. */
import { loadClassifier } from "../classifier.js";

/**
 * @import { Classifier } from "../classifier.js"
 * @import { LoadOptions, Progress } from "../types.js"
 *
 * @typedef {LoadOptions["model"]} Model
 * @typedef {(progress: Progress) => void} Listener
 *
 * @typedef {object} Shared
 * @property {Promise<Classifier>} classifier
 * @property {Set<Listener>} listeners one per user
 * @property {AbortController} unused
 * @property {Progress} [progress] the last one
 *
 * @typedef {object} Lease
 * @property {Promise<Classifier>} classifier
 * @property {() => void} release
 */

/** By the model: addresses by their text, files by identity. @type {Map<unknown, Shared>} */
const all = new Map();

/**
 * @param {Model} model
 * @param {Pick<LoadOptions, "threads" | "workerUrl" | "moduleUrl" | "wasmUrl" | "cache" | "idleSeconds">} options
 * @param {Listener} listener
 * @returns {Lease}
 */
export function share(model, options, listener) {
  const key = typeof model === "string" || model instanceof URL ? new URL(model, document.baseURI).href : model;
  const shared = all.get(key) ?? open(key, model, options);
  shared.listeners.add(listener);
  if (shared.progress) {
    listener(shared.progress);
  }
  return {
    classifier: shared.classifier,
    release() {
      if (shared.listeners.delete(listener) && shared.listeners.size === 0) {
        drop(key, shared);
      }
    },
  };
}

/**
 * @param {unknown} key
 * @param {Model} model
 * @param {LoadOptions} options
 * @returns {Shared}
 */
function open(key, model, options) {
  const unused = new AbortController();
  /** @type {Set<Listener>} */
  const listeners = new Set();
  /** @type {Shared} */
  const shared = {
    listeners,
    unused,
    classifier: loadClassifier({
      ...options,
      model,
      signal: unused.signal,
      onProgress(progress) {
        shared.progress = progress;
        for (const listener of listeners) {
          listener(progress);
        }
      },
    }),
  };
  // A failed load is repeated for the next user; a load without users is aborted.
  shared.classifier.catch(() => drop(key, shared));
  all.set(key, shared);
  return shared;
}

/**
 * @param {unknown} key
 * @param {Shared} shared
 */
function drop(key, shared) {
  if (all.get(key) === shared) {
    all.delete(key);
  }
  shared.unused.abort();
  shared.classifier.then(
    (classifier) => classifier.close(),
    () => {},
  );
}
