/** The module worker: creates one object of a wasm class and calls its methods. */
import { script } from "./download.js";
import { memoryBytes, memoryIsFull, startEngine } from "./wasm-loader.js";
import { isFatal } from "./is-fatal.js";
import { live } from "./liveness.js";
import { builtin } from "./node-builtins.js";

/**
 * @import { Held } from "./liveness.js"
 * @import { Failure, Message, Reply, Started, Work } from "./protocol.js"
 *
 * @typedef {object} ThreadGlue what wasm-bindgen writes for a module with threads
 * @property {(input: { module: WebAssembly.Module, memory: WebAssembly.Memory }) => void} initSync
 * @property {(slot: number) => void} join
 *
 * @typedef {object} WorkerScope
 * @property {(reply: Reply | Held, transfer?: Transferable[]) => void} postMessage
 * @property {((type: "message", listener: (event: MessageEvent<Message>) => void) => void)
 *   & ((type: "error", listener: (event: ErrorEvent) => void) => void)} addEventListener
 */

const scope = /** @type {WorkerScope} */ (builtin("worker_threads")?.parentPort ?? /** @type {unknown} */ (globalThis));

/** The object whose methods are called. @type {Awaited<ReturnType<typeof startEngine>>["object"]} */
let object;
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
    const value = await perform(message);
    const file = /** @type {Partial<Started> | undefined} */ (value)?.model;
    scope.postMessage({ id, value, memory: memoryBytes() }, file instanceof ArrayBuffer ? [file] : []);
  } catch (error) {
    scope.postMessage({ id, failure: describe(error), fatal: isFatal(error) });
  } finally {
    running = undefined;
  }
});

// A trap in an asynchronous method, while its promise waits, is reported here only.
scope.addEventListener("error", (event) => {
  if (running !== undefined && isFatal(event.error)) {
    event.preventDefault();
    scope.postMessage({ id: running, failure: describe(event.error), fatal: true });
  }
});

/** @param {{ id: number } & Work} message */
async function perform(message) {
  if (message.verb === "join") {
    /** @type {ThreadGlue} */
    const { initSync, join } = await script(message.glue);
    initSync(message);
    return join(message.slot);
  }
  if (message.verb === "start") {
    const { object: started, ...facts } = await startEngine(message, (progress) => scope.postMessage({ id: message.id, progress }));
    object = started;
    return facts;
  }
  const { method, args } = message;
  if (!Object.hasOwn(Object.getPrototypeOf(object), method)) {
    throw new Error(`expected a method of the module, found ${method}`);
  }
  return object[method](...args);
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
          message: `expected more memory, found no more than ${Math.round(memoryBytes() / 2 ** 20)} MB; give a smaller image or smaller files, or close other pages`,
        }
      : { code: "worker-crashed", message: `expected the module to answer, found a trap: ${message}; try again` };
  }
  if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
    return { code: "bad-module", message: `expected a wasm module, found: ${message}; build it again` };
  }
  // The module's errors have a code, and perhaps the field that corrects them.
  return { code: "unknown", ...(error.name === "PolyheadError" && error), message };
}
