/** The module worker: answers messages with what the engine says. */
import { script } from "./download.js";
import { memoryBytes, memoryIsFull, startEngine } from "./engine.js";
import { isFatal } from "./fatal.js";
import { live } from "./life.js";
import { builtin } from "./node.js";

/**
 * @import { Answered, ClassifyRequest, Failure, LiveRequest, Loaded, Message, Reply } from "./protocol.js"
 * @import { Card, Explanation, Ranking } from "./types.js"
 * @import { Engine } from "./engine.js"
 *
 * @typedef {object} WorkerScope
 * @property {(reply: Reply) => void} postMessage
 * @property {((type: "message", listener: (event: MessageEvent<Message>) => void) => void)
 *   & ((type: "error", listener: (event: ErrorEvent) => void) => void)} addEventListener
 */

const scope = /** @type {WorkerScope} */ (builtin("worker_threads")?.parentPort ?? /** @type {unknown} */ (globalThis));

/** @type {Engine | undefined} */
let engine;
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
    scope.postMessage({ id, value: await answer(message) });
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
    return join(message.member);
  }
  if (message.verb === "load") {
    engine = await startEngine(message, (progress) => scope.postMessage({ id: message.id, progress }));
    const { classifier, ...told } = engine;
    return { labels: classifier.labels(), heads: classifier.heads(), side: classifier.side(), ...told, memory: memoryBytes() };
  }
  if (!engine) {
    throw new Error("expected a loaded model, found none");
  }
  const { verb, source, options } = /** @type {ClassifyRequest} */ (message);
  // The module's names are the verbs; it passes over what is too much.
  return { answer: await engine.classifier[verb](source, options), memory: memoryBytes() };
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
  if (error.name === "PolyheadError" && "code" in error) {
    return { code: String(error.code), message };
  }
  if (isFatal(error) && memoryIsFull()) {
    const megabytes = Math.round(memoryBytes() / 2 ** 20);
    return {
      code: "out-of-memory",
      message: `expected memory for this picture, found no more than ${megabytes} MB; scale the picture down, or close other pages`,
    };
  }
  if (isFatal(error)) {
    return { code: "worker-crashed", message: `expected the module to answer, found a trap: ${message}; try again` };
  }
  if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
    return { code: "bad-module", message: `expected a wasm module, found: ${message}; build it again` };
  }
  return { code: "unknown", message };
}
