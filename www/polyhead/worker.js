/** The module worker: answers messages with what the engine says. */
import { script } from "./download.js";
import { memoryBytes, memoryIsFull, startEngine } from "./wasm-loader.js";
import { isFatal } from "./is-fatal.js";
import { live } from "./liveness.js";
import { builtin } from "./node-builtins.js";

/**
 * @import { Answered, ClassifyRequest, Failure, LiveRequest, Loaded, Message, Reply } from "./protocol.js"
 * @import { Card, Explanation, Ranking } from "./types.js"
 * @import { Engine } from "./wasm-loader.js"
 *
 * @typedef {object} WorkerScope
 * @property {(reply: Reply, transfer?: Transferable[]) => void} postMessage
 * @property {((type: "message", listener: (event: MessageEvent<Message>) => void) => void)
 *   & ((type: "error", listener: (event: ErrorEvent) => void) => void)} addEventListener
 */

const scope = /** @type {WorkerScope} */ (builtin("worker_threads")?.parentPort ?? /** @type {unknown} */ (globalThis));

/** @type {Engine["classifier"]} */
let classifier;
/** @type {number | undefined} the call under way */
let running;

scope.addEventListener("message", async ({ data: message }) => {
  if (message.verb === "live") {
    live(message.name, scope);
    return;
  }
  const { id } = message;
  running = id;
  try {
    const value = await answer(message);
    scope.postMessage({ id, value }, [/** @type {Partial<Loaded>} */ (value)?.model ?? []].flat());
  } catch (error) {
    scope.postMessage({ id, failure: describe(error), fatal: isFatal(error) });
  } finally {
    running = undefined;
  }
});

// A trap in what the module does later, while its promise waits, comes up here and nowhere else.
scope.addEventListener("error", (event) => {
  if (running !== undefined && isFatal(event.error)) {
    event.preventDefault();
    scope.postMessage({ id: running, failure: describe(event.error), fatal: true });
  }
});

/**
 * @param {Exclude<Message, LiveRequest>} message
 * @returns {Promise<Loaded | Answered<Ranking | Card | Explanation>>}
 */
async function answer(message) {
  if (message.verb === "join") {
    const { initSync, join } = await script(message.glue);
    initSync(message);
    return join(message.slot);
  }
  if (message.verb === "load") {
    const { classifier: started, ...told } = await startEngine(message, (progress) => scope.postMessage({ id: message.id, progress }));
    classifier = started;
    return { labels: classifier.labels(), heads: classifier.heads(), side: classifier.side(), ...told, memory: memoryBytes() };
  }
  const { verb, source, options } = /** @type {ClassifyRequest} */ (message);
  // The first call loads it. The module's names are the verbs; it passes over what is too much.
  return { answer: await classifier[verb](source, options), memory: memoryBytes() };
}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
function describe(error) {
  if (!(error instanceof Error)) {
    return { code: "unknown", message: String(error) };
  }
  const { message } = error;
  if (isFatal(error)) {
    return memoryIsFull()
      ? {
          code: "out-of-memory",
          message: `expected memory for this image, found no more than ${Math.round(memoryBytes() / 2 ** 20)} MB; scale the image down, or close other pages`,
        }
      : { code: "worker-crashed", message: `expected the module to answer, found a trap: ${message}; try again` };
  }
  if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
    return { code: "bad-module", message: `expected a wasm module, found: ${message}; build it again` };
  }
  return { code: error.name === "PolyheadError" && "code" in error ? String(error.code) : "unknown", message };
}
