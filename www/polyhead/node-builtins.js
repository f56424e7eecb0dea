/** Node.js' own modules, where this is Node.js; asked for in a way that no bundler follows. */

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

/** Where relative addresses start: the folder that the program runs in. */
export function workingFolder() {
  const folder = node()?.cwd?.();
  return folder === undefined ? undefined : builtin("url")?.pathToFileURL(`${folder}/`).href;
}

/** @returns {{ getBuiltinModule?: <N extends keyof Builtins>(name: N) => Builtins[N], cwd?: () => string } | undefined} */
function node() {
  return /** @type {{ process?: ReturnType<typeof node> }} */ (globalThis).process;
}
