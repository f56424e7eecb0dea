/** The wasm module inside the worker: fetched, compiled, started, asked. */
import { download } from "./download.js";

/**
 * @import { Card, ClassifyOptions, Explanation, Label, Progress, Ranking, Sendable } from "./types.js"
 * @import { LoadRequest } from "./protocol.js"
 *
 * @typedef {object} WasmClassifier
 * @property {() => Label[]} labels
 * @property {() => string[]} heads
 * @property {(source: Sendable, options: Omit<ClassifyOptions, "signal">) => Promise<Ranking>} classify
 * @property {() => Card} card
 * @property {(source: Sendable) => Promise<Explanation>} explain
 * @property {() => void} free
 *
 * @typedef {object} WasmGlue what wasm-bindgen writes
 * @property {(input: { module_or_path: WebAssembly.Module }) => Promise<unknown>} default
 * @property {{ embedded(): WasmClassifier, fromBytes(model: Uint8Array): WasmClassifier }} Classifier
 *
 * @typedef {object} Engine
 * @property {WasmClassifier} classifier
 * @property {WebAssembly.Module} module
 */

/**
 * @param {LoadRequest} request
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Engine>}
 */
export async function startEngine(request, onProgress) {
  /** @type {Promise<WasmGlue>} */
  const glue = import(request.moduleUrl);
  // Awaited only after the module has arrived; until then its rejection has no other listener.
  glue.catch(() => {});
  const module = request.module ?? (await compile(new URL("polyhead_bg.wasm", request.moduleUrl).href, onProgress));
  const model = request.model === undefined ? undefined : await bytesOf(request.model, onProgress);

  onProgress({ stage: "prepare", loaded: 0, total: 1 });
  const { default: init, Classifier } = await glue;
  await init({ module_or_path: module });
  const classifier = model ? Classifier.fromBytes(model) : Classifier.embedded();
  onProgress({ stage: "prepare", loaded: 1, total: 1 });
  return { classifier, module };
}

/**
 * Compiles while the download runs. The stream is wrapped in an answer of our own, so the type that the server gave
 * the file does not matter.
 *
 * @param {string} url
 * @param {(progress: Progress) => void} onProgress
 */
async function compile(url, onProgress) {
  const body = await download(url, onProgress);
  return WebAssembly.compileStreaming(new Response(body, { headers: { "content-type": "application/wasm" } }));
}

/**
 * @param {string | Blob | ArrayBuffer | Uint8Array} model
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Uint8Array>}
 */
async function bytesOf(model, onProgress) {
  if (typeof model === "string") {
    return new Uint8Array(await new Response(await download(model, onProgress)).arrayBuffer());
  }
  if (model instanceof Blob) {
    return new Uint8Array(await model.arrayBuffer());
  }
  return model instanceof Uint8Array ? model : new Uint8Array(model);
}
