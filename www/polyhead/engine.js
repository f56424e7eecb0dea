/** The wasm module inside the worker: fetched, compiled, started, asked. */
import { counted, request as requestFile, script } from "./download.js";
import * as kept from "./kept.js";

/**
 * @import { Card, ClassifyOptions, Explanation, Label, Progress, Ranking, Sendable } from "./types.js"
 * @import { Incoming } from "./download.js"
 * @import { LoadRequest } from "./protocol.js"
 *
 * @typedef {object} WasmClassifier
 * @property {() => Label[]} labels
 * @property {() => string[]} heads
 * @property {(source: Sendable, options: Pick<ClassifyOptions, "topK" | "threshold" | "logits">) => Promise<Ranking>} classify
 * @property {() => Card} card
 * @property {(source: Sendable) => Promise<Explanation>} explain
 * @property {() => void} free
 *
 * @typedef {object} WasmGlue what wasm-bindgen writes
 * @property {(input: { module_or_path: WebAssembly.Module }) => Promise<{ memory: WebAssembly.Memory }>} default
 * @property {{ embedded(): WasmClassifier, fromBytes(model: Uint8Array): WasmClassifier }} Classifier
 * @property {(threads: number) => Promise<unknown>} [initThreadPool] of a module with threads, as wasm-bindgen-rayon has it
 *
 * @typedef {object} Engine
 * @property {WasmClassifier} classifier
 * @property {WebAssembly.Module} module
 * @property {Blob} [model]
 * @property {number} threads how many it runs on
 *
 * @typedef {object} File
 * @property {ReadableStream<Uint8Array>} body
 * @property {() => void} keep for the next visit; called once it has proved right
 */

/** @type {WebAssembly.Memory | undefined} */
let memory;

/** Bytes of wasm memory; 0 before there is any. */
export function memoryBytes() {
  return memory?.buffer.byteLength ?? 0;
}

/** Whether the module could not get more memory. Asked only of a module that is given up: it may get some. */
export function memoryIsFull() {
  try {
    memory?.grow(GROWTH);
    return false;
  } catch {
    return true;
  }
}

/** Pages of 64 KiB: 64 MiB, less than one picture may need. */
const GROWTH = 1024;

/**
 * @param {LoadRequest} request
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Engine>}
 */
export async function startEngine(request, onProgress) {
  /** @type {Promise<WasmGlue>} */
  const glue = script(request.moduleUrl);
  // Awaited only after the module has arrived; until then its rejection has no other listener.
  glue.catch(() => {});
  const { files: [wasmFile, modelFile], broken } = await open(
    [request.module ? undefined : request.wasmUrl, typeof request.model === "string" ? request.model : undefined],
    request.cache,
    onProgress,
  );
  const arrived = Promise.all([
    request.module ?? compile(/** @type {File} */ (wasmFile)),
    modelFile ? new Response(modelFile.body).blob() : /** @type {Blob | undefined} */ (request.model),
  ]);
  const [module, model] = await Promise.race([broken, arrived]);

  onProgress({ stage: "prepare", loaded: 0, total: 1 });
  const { default: init, Classifier, initThreadPool } = await glue;
  ({ memory } = await init({ module_or_path: module }));
  const threads = initThreadPool ? Math.min(request.threads, allowedThreads()) : 1;
  await initThreadPool?.(threads);
  const classifier = model ? Classifier.fromBytes(new Uint8Array(await model.arrayBuffer())) : Classifier.embedded();
  onProgress({ stage: "prepare", loaded: 1, total: 1 });
  wasmFile?.keep();
  modelFile?.keep();
  return { classifier, module, model, threads };
}

/** What this page may use: threads share memory, which browsers give to isolated pages only. */
function allowedThreads() {
  return globalThis.crossOriginIsolated ? navigator.hardwareConcurrency || 1 : 1;
}

/**
 * The files behind the addresses, from an earlier visit or from the network.
 *
 * @param {(string | undefined)[]} urls
 * @param {boolean} cache
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<{ files: (File | undefined)[], broken: Promise<never> }>} in the addresses' order; `broken` rejects where
 *   a download ends before its time
 */
async function open(urls, cache, onProgress) {
  const found = await Promise.all(urls.map((url) => (url && cache ? kept.find(url) : undefined)));
  /** @type {Map<string, Incoming>} */
  const incoming = new Map();
  await Promise.all(
    urls.map(async (url, index) => {
      if (url && !found[index]) {
        incoming.set(url, await requestFile(url));
      }
    }),
  );
  const { bodies, broken } = counted([...incoming.values()], onProgress);
  const downloaded = new Map([...incoming.keys()].map((url, index) => [url, bodies[index]]));
  const files = urls.map((url, index) => {
    const body = url && downloaded.get(url);
    if (body) {
      return cache ? recorded(url, /** @type {Incoming} */ (incoming.get(url)).headers, body) : { body, keep: () => {} };
    }
    const blob = found[index];
    return blob && { body: blob.stream(), keep: () => {} };
  });
  return { files, broken };
}

/**
 * @param {string} url
 * @param {Headers} headers
 * @param {ReadableStream<Uint8Array>} body
 * @returns {File}
 */
function recorded(url, headers, body) {
  const [used, recorded] = body.tee();
  const content = new Response(recorded).blob();
  content.catch(() => {});
  return { body: used, keep: () => void content.then((blob) => kept.keep(url, headers, blob)) };
}

/**
 * Compiles while the download runs. The stream is wrapped in an answer of our own, so the type that the server gave
 * the file does not matter.
 *
 * @param {File} file
 */
function compile({ body }) {
  return WebAssembly.compileStreaming(new Response(body, { headers: { "content-type": "application/wasm" } }));
}
