/** The built-in modules of Node.js, imported in a way that bundlers do not follow. */

/**
 * @import { NodeWorker } from "./spawn-worker.js"
 * @import { WorkerScope } from "./worker.js"
 *
 * @typedef {object} Builtins
 * @property {{ Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker, parentPort: WorkerScope | null }} worker_threads
 * @property {{ openAsBlob: (path: URL) => Promise<Blob> }} fs
 * @property {{ pathToFileURL: (path: string) => URL }} url
 */

/**
 * @template {keyof Builtins} Name
 * @param {Name} name
 * @returns {Builtins[Name] | undefined}
 */
export function builtin(name) {
  return node()?.getBuiltinModule?.(name);
}

/** The base of relative addresses: the working directory. */
export function workingFolder() {
  const folder = node()?.cwd?.();
  return folder === undefined ? undefined : builtin("url")?.pathToFileURL(`${folder}/`).href;
}

/** @returns {{ getBuiltinModule?: <N extends keyof Builtins>(name: N) => Builtins[N], cwd?: () => string } | undefined} */
function node() {
  return /** @type {{ process?: ReturnType<typeof node> }} */ (globalThis).process;
}
