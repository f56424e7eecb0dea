/** The module worker: answers messages with what the engine says. */
import { startEngine } from "./engine.js";

/**
 * @import { Loaded, Failure, Message, Reply } from "./protocol.js"
 * @import { Card, Explanation, Ranking } from "./types.js"
 * @import { Engine } from "./engine.js"
 *
 * @typedef {object} WorkerScope
 * @property {(reply: Reply) => void} postMessage
 * @property {(type: "message", listener: (event: MessageEvent<Message>) => void) => void} addEventListener
 */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

/** @type {Engine | undefined} */
let engine;

scope.addEventListener("message", async ({ data: message }) => {
  const { id } = message;
  try {
    scope.postMessage({ id, value: await answer(message) });
  } catch (error) {
    // After a trap the module's memory is in no known state.
    const fatal = error instanceof WebAssembly.RuntimeError;
    scope.postMessage({ id, failure: describe(error), fatal });
  }
});

/**
 * @param {Message} message
 * @returns {Promise<Loaded | Ranking | Card | Explanation>}
 */
async function answer(message) {
  if (message.verb === "load") {
    engine = await startEngine(message, (progress) => scope.postMessage({ id: message.id, progress }));
    const { classifier, module } = engine;
    return { labels: classifier.labels(), heads: classifier.heads(), module };
  }
  if (!engine) {
    throw new Error("expected a loaded model, found none; load one first");
  }
  if (message.verb === "card") {
    return engine.classifier.card();
  }
  if (message.verb === "explain") {
    return engine.classifier.explain(message.source);
  }
  return engine.classifier.classify(message.source, message.options);
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
  if (error instanceof WebAssembly.RuntimeError) {
    return { code: "worker-crashed", message: `expected the module to answer, found a trap: ${message}; try again` };
  }
  if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
    return { code: "bad-module", message: `expected a wasm module, found: ${message}; build it again` };
  }
  return { code: "unknown", message };
}
