/** The workshop's worker: one project in one wasm module, asked one thing at a time. */
import { counted, fetchFile, request, script } from "../polyhead/download.js";
import { isFatal } from "../polyhead/is-fatal.js";
import { live } from "../polyhead/liveness.js";

/**
 * @import { Failure, Message, Reply } from "./protocol.js"
 * @import { Part } from "./types.js"
 *
 * @typedef {Record<string, (...args: unknown[]) => unknown>} Project
 * @typedef {object} Glue what wasm-bindgen writes
 * @property {(input: { module_or_path: WebAssembly.Module }) => Promise<{ memory: WebAssembly.Memory }>} default
 * @property {new () => Project} Workshop
 *
 * @typedef {object} WorkerScope
 * @property {(reply: Reply) => void} postMessage
 * @property {((type: "message", listener: (event: MessageEvent<Message>) => void) => void)
 *   & ((type: "error", listener: (event: ErrorEvent) => void) => void)} addEventListener
 */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (globalThis));
const WWW = new URL("../", import.meta.url);

/** @type {Promise<Project> | undefined} */
let project;
/** @type {number | undefined} the call under way */
let running;
/** The calls before this one. @type {Promise<unknown>} */
let before = Promise.resolve();

scope.addEventListener("message", ({ data }) => {
  if (data.name !== undefined) {
    live(data.name, scope);
    return;
  }
  before = before.then(() => handle(data));
});

// A trap in what the module does later, while its promise waits, comes up here and nowhere else.
scope.addEventListener("error", (event) => {
  if (running !== undefined && isFatal(event.error)) {
    event.preventDefault();
    scope.postMessage({ id: running, failure: describe(event.error), fatal: true });
  }
});

/** @param {Message} message */
async function handle({ id, verb, args }) {
  running = id;
  try {
    project ??= load();
    const value = await ask(await project, verb, args);
    scope.postMessage({ id, value: value instanceof Uint8Array ? new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (value)]) : value });
  } catch (error) {
    // A script that did not arrive is not asked for again in the same worker.
    const empty = await /** @type {Promise<Project>} */ (project).then(() => false, () => true);
    scope.postMessage({ id, failure: describe(error), fatal: empty || isFatal(error), empty });
  } finally {
    running = undefined;
  }
}

/** @returns {Promise<Project>} */
async function load() {
  /** @type {Promise<Glue>} */
  const glue = script(new URL("pkg/workshop.js", WWW).href);
  glue.catch(() => {});
  const incoming = await request(new URL("pkg/workshop_bg.wasm", WWW).href);
  const { bodies: [body], broken } = counted([incoming], (progress) => scope.postMessage({ progress }));
  const answer = new Response(body, { headers: { "content-type": "application/wasm" } });
  const module = await Promise.race([broken, WebAssembly.compileStreaming(answer)]);
  const { default: init, Workshop } = await glue;
  await init({ module_or_path: module });
  return new Workshop();
}

/**
 * @param {Project} shop
 * @param {string} verb
 * @param {any[]} args
 */
async function ask(shop, verb, args) {
  switch (verb) {
    case "addFiles":
    case "save":
      return shop[verb](await read(args[0]));
    case "addEvidence":
      return shop.addEvidence(args[0], await bytesOf(args[1]));
    case "open": {
      const { extra } = /** @type {{ extra: { path: string, bytes: Uint8Array<ArrayBuffer> }[] }} */ (shop.open(await bytesOf(args[0])));
      return extra.map(({ path, bytes }) => ({ path, content: new Blob([bytes]) }));
    }
    case "site":
      return shop.site(await read(await siteFiles()), args[0]);
    default:
      return shop[verb](...args);
  }
}

/** @param {Blob} content */
async function bytesOf(content) {
  return new Uint8Array(await content.arrayBuffer());
}

/** @param {Part[]} parts */
function read(parts) {
  return Promise.all(parts.map(async ({ path, content }) => ({ path, bytes: await bytesOf(content) })));
}

/** What a site of its own needs of this page's files. @returns {Promise<Part[]>} */
async function siteFiles() {
  /** @type {{ files: string[] }} */
  const { files } = JSON.parse(await (await fetchFile(new URL("pkg/site.json", WWW).href)).text());
  return Promise.all(files.map(async (path) => ({ path, content: await fetchFile(new URL(path, WWW).href) })));
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
    const { code, field, model, modelId } = /** @type {Error & Failure} */ (error);
    return { code, message, field, model, modelId };
  }
  if (isFatal(error)) {
    return { code: "worker-crashed", message: `workshop: expected an answer, found a trap: ${message}; try again with fewer or smaller files` };
  }
  return { code: "unknown", message };
}
