/** Starts a worker with the API of the platform: a module worker in browsers, a thread in Node.js. */
import { watchLife } from "./liveness.js";
import { builtin } from "./node-builtins.js";
import { WORKER_MODULES } from "./worker-modules.js";
import { vouched } from "./trusted-types.js";

/**
 * @import { Reply, Message } from "./protocol.js"
 *
 * @typedef {object} Thread
 * @property {(message: Message, transfer: Transferable[]) => void} post
 * @property {(busy: boolean) => void} hold whether the program waits for this thread to reply
 * @property {() => void} end ends the worker and its memory immediately
 *
 * @typedef {object} Listeners
 * @property {(reply: Reply) => void} receive
 * @property {(found: string) => void} crash
 *
 * @typedef {object} NodeWorker
 * @property {(message: Message, transfer: Transferable[]) => void} postMessage
 * @property {() => void} ref
 * @property {() => void} unref
 * @property {() => Promise<number>} terminate
 * @property {(event: string, listener: (value: unknown) => void) => void} on
 */

/**
 * @param {string | undefined} url where `worker.js` is served; by default next to this file
 * @param {Listeners} listeners
 * @returns {Thread}
 */
export function startThread(url, listeners) {
  const threads = typeof Worker === "function" ? undefined : builtin("worker_threads");
  return threads ? nodeThread(threads.Worker, url, listeners) : webThread(url, listeners);
}

/**
 * @param {string | undefined} url
 * @param {Listeners} listeners
 * @returns {Thread}
 */
function webThread(url, { receive, crash }) {
  const [worker, blob = ""] = vouching(() => webWorker(url));
  const started = () => URL.revokeObjectURL(blob);
  const leave = watchLife(worker, () => crash("its end"));
  worker.addEventListener("message", (event) => {
    started();
    receive(event.data);
  });
  worker.addEventListener("messageerror", () => crash("a message that could not be read"));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    crash(event.message || "a script that did not load");
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: () => {},
    end: () => {
      started();
      leave();
      worker.terminate();
    },
  };
}

/**
 * Bundlers need the literal form, in which no other address fits, so the constructor applies the Trusted Types policy.
 *
 * @template T
 * @param {() => T} start
 * @returns {T}
 */
function vouching(start) {
  const { Worker: Native } = globalThis;
  /** @param {string | URL} url @param {WorkerOptions} options */
  function VouchedWorker(url, options) {
    return new Native(vouched(url), options);
  }
  globalThis.Worker = /** @type {typeof Worker} */ (/** @type {unknown} */ (VouchedWorker));
  try {
    return start();
  } finally {
    globalThis.Worker = Native;
  }
}

/**
 * Browsers start no worker from another origin, but a worker of this origin may import from there.
 *
 * @param {string | undefined} url
 * @returns {[worker: Worker, blob?: string]} `blob`: the address of its script, until it is started
 */
function webWorker(url) {
  const here = import.meta.url;
  if (url === undefined && new URL(here).origin === globalThis.origin) {
    // Bundlers find the worker by this literal form.
    return [new Worker(new URL("./worker.js", import.meta.url), { type: "module" })];
  }
  const address = new URL(url ?? "worker.js", here);
  if (address.origin === globalThis.origin) {
    return [new Worker(address, { type: "module" })];
  }
  const blob = URL.createObjectURL(new Blob([importing(url ? [address] : [...WORKER_MODULES.map((name) => new URL(`${name}.js`, address)), address])], { type: "text/javascript" }));
  return [new Worker(blob, { type: "module" }), blob];
}

/**
 * A worker script that imports others and queues messages until they listen. Firefox and WebKit check the address of
 * every static import against `worker-src`, but not that of a dynamic import, or of a static one that is already
 * loaded.
 *
 * @param {URL[]} urls in the order of their dependencies
 */
function importing(urls) {
  return `const early = [];
const keep = ({ data }) => early.push(data);
addEventListener("message", keep);
(async () => {
for (const url of ${JSON.stringify(urls)}) await import(url);
removeEventListener("message", keep);
early.forEach((data) => dispatchEvent(new MessageEvent("message", { data })));
})().catch((error) => setTimeout(() => { throw error; }));`;
}

/**
 * @param {new (url: URL, options: { execArgv: string[] }) => NodeWorker} NodeWorker
 * @param {string | undefined} url
 * @param {Listeners} listeners
 * @returns {Thread}
 */
function nodeThread(NodeWorker, url, { receive, crash }) {
  // The program's own arguments are not meant for this thread.
  const worker = new NodeWorker(new URL(url ?? "worker.js", import.meta.url), { execArgv: [] });
  worker.unref();
  worker.on("message", (reply) => receive(/** @type {Reply} */ (reply)));
  worker.on("messageerror", () => crash("a message that could not be read"));
  worker.on("error", (error) => crash(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => crash(`an end with code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  };
}
