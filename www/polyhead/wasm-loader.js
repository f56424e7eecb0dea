/** The wasm module in the worker: downloaded, compiled, started, called. */
import { counted, request as requestFile, script, whole } from "./download.js";
import * as kept from "./download-cache.js";

/**
 * @import { Progress } from "./types.js"
 * @import { Incoming } from "./download.js"
 * @import { Build, StartRequest, Started } from "./protocol.js"
 *
 * @typedef {Record<string, (...args: unknown[]) => unknown>} WasmObject
 *
 * @typedef {object} WasmGlue what wasm-bindgen writes
 * @property {(input: { module_or_path: WebAssembly.Module }) => Promise<{ memory: WebAssembly.Memory }>} default
 * @property {new (model?: Uint8Array) => WasmObject} Classifier
 * @property {new () => WasmObject} Workshop
 * @property {(threads: number, glueUrl: string) => Promise<number | void>} [initThreadPool] of a module with threads; returns
 *   their number, or undefined like wasm-bindgen-rayon
 *
 * @typedef {object} File
 * @property {ReadableStream<Uint8Array>} [body] undefined if no address was given
 * @property {() => Promise<void>} keep stores the file for the next visit; called once it has proved valid
 */

/** @type {WebAssembly.Memory | undefined} */
let memory;

/** Bytes of wasm memory; 0 before there is any. */
export function memoryBytes() {
  return memory?.buffer.byteLength ?? 0;
}

/** Whether the module ran out of memory. Ask only a module that is discarded: the test may allocate memory. */
export function memoryIsFull() {
  try {
    memory?.grow(GROWTH);
    return false;
  } catch {
    return true;
  }
}

/** Pages of 64 KiB: 64 MiB, less than one image may need. */
const GROWTH = 1024;

/**
 * @param {StartRequest} request
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Started & { object: WasmObject }>} of the first available build
 */
export async function startEngine(request, onProgress) {
  const [build, ...others] = request.builds;
  /** @type {Awaited<ReturnType<typeof started>>} */
  let found;
  try {
    found = await started(request, build, onProgress);
  } catch (error) {
    if (others.length > 0) {
      // A site may serve some of them only, and a machine may lack the memory for one.
      return startEngine({ ...request, builds: others }, onProgress);
    }
    throw error;
  }
  const { glue, module, model, keep } = found;
  const threads = glue.initThreadPool ? (await glue.initThreadPool(request.threads, build[0])) ?? request.threads : 1;
  const object = new glue[request.className](model && new Uint8Array(model));
  onProgress({ stage: "prepare", loaded: 1, total: 1 });
  keep();
  return { object, builds: [build], module, model, threads };
}

/**
 * @param {StartRequest} request
 * @param {Build} build
 * @param {(progress: Progress) => void} onProgress
 */
async function started(request, [moduleUrl, wasmUrl], onProgress) {
  /** @type {Promise<WasmGlue>} */
  const loading = script(moduleUrl);
  // Awaited only after the download of the module; until then its rejection has no other listener.
  loading.catch(() => {});
  const { files: [wasmFile, modelFile], broken } = await open(
    [request.module ? undefined : wasmUrl, typeof request.model === "string" ? request.model : undefined],
    request.cache,
    onProgress,
  );
  const arrived = Promise.all([
    request.module ?? compile(wasmFile),
    modelFile.body ? whole(modelFile.body) : request.model ? new Response(request.model).arrayBuffer() : undefined,
  ]);
  const [module, model] = await Promise.race([broken, arrived]);

  onProgress({ stage: "prepare", loaded: 0, total: 1 });
  const glue = await loading;
  ({ memory } = await glue.default({ module_or_path: module }));
  // One after the other: each writer deletes contents that have no entry, or none yet.
  return { glue, module, model, keep: () => wasmFile.keep().then(modelFile.keep) };
}

/**
 * The files at the addresses, from an earlier visit or from the network.
 *
 * @param {(string | undefined)[]} urls
 * @param {boolean} cache
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<{ files: File[], broken: Promise<never> }>} in the addresses' order; `broken` rejects where
 *   a download ends early
 */
async function open(urls, cache, onProgress) {
  const found = await Promise.all(urls.map((url) => (url && cache ? kept.find(url) : undefined)));
  const incoming = await Promise.all(urls.map((url, index) => (url && !found[index] ? requestFile(url) : undefined)));
  const { bodies, broken } = counted(incoming, onProgress);
  const files = bodies.map((body, index) => {
    const from = incoming[index];
    return from && body && cache ? recorded(from, body) : { body: body ?? found[index]?.stream(), keep: async () => {} };
  });
  return { files, broken };
}

/**
 * @param {Incoming} from
 * @param {ReadableStream<Uint8Array>} body
 * @returns {File}
 */
function recorded({ url, headers }, body) {
  const [used, recorded] = body.tee();
  const content = new Response(recorded).blob();
  content.catch(() => {});
  return { body: used, keep: () => content.then((blob) => kept.keep(url, headers, blob)) };
}

/**
 * Compiles during the download. The stream is wrapped in a response of our own, so the server's content type does not
 * matter.
 *
 * @param {File} file
 */
function compile({ body }) {
  return WebAssembly.compileStreaming(new Response(body, { headers: { "content-type": "application/wasm" } }));
}
