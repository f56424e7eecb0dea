/** A page or the library whose downloads break off and whose worker ends: what the tests of faults share. */
import { readFile } from "node:fs/promises";
import { CAMERAS, WWW, addBlank, endWorker, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { MODULE, moduleWith, smallModel } from "./small.mjs";

export const WASM = "/pkg/polyhead_bg.wasm";
/** The browsers' console messages about interrupted downloads. */
export const NETWORK = { consoleMay: /ERR_|Failed to load|net::/ };

export const killWorker = (page) => endWorker(page, page.workers()[0]);

const small = await smallModel();
const bare = await readFile(MODULE);
/** The module with the small model in it. */
export const module = await moduleWith(small);

/** For all tests of a file: a browser with cameras, and a server whose answers can break off. */
export function useFaults() {
  const shared = useBrowser(CAMERAS);
  return { shared, withServer: (walk, options) => withServer(shared, walk, options) };
}

/**
 * A server of the page with the small model, some of whose answers break off half-way.
 *
 * @param {Parameters<typeof withPage>[1]} walk gets the page, the paths that break off, and the server
 */
async function withServer(shared, walk, options = {}) {
  const broken = new Set(options.broken);
  const files = { [WASM]: module, "/bare.wasm": bare, "/small.onnx": small, ...options.files };
  const server = await serveFolder(WWW, (path) => {
    const body = files[path];
    const cut = broken.has(path) ? { cut: 0.5 } : {};
    return body || broken.has(path) ? { body, headers: { etag: '"one"' }, type: path.endsWith(".js") ? "text/javascript" : undefined, ...cut } : undefined;
  });
  try {
    await withPage(shared, (page) => walk(page, broken, server), { url: server.url, prepare: addBlank, ...options });
  } finally {
    await server.close();
  }
}
