/** A static server with the project's headers, whose answers a test may bend. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};
/** As `polyhead serve` has it. */
export const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/**
 * To `bend`, the module is one file, whichever of its builds the browser takes where a page is not isolated; unless it wants to
 * tell them apart.
 *
 * @param {string} root folder to serve
 * @param {(path: string) => { status?: number, type?: string, body?: Uint8Array | string, headers?: object,
 *   after?: Promise<unknown>, cut?: number } | undefined} [bend] what to answer otherwise than the folder would, by the path asked
 *   for; `cut`: the connection is closed after so much of the body, 0 to 1
 * @param {{ builds?: boolean }} [options] whether `bend` is told of the builds of the module
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveFolder(root, bend = () => undefined, { builds = false } = {}) {
  const server = createServer(async (request, response) => {
    const asked = normalize(new URL(request.url, "http://localhost").pathname);
    const path = asked.endsWith("/") ? `${asked}index.html` : asked;
    const bent = bend(builds ? path : path.replace("_relaxed_bg.wasm", "_bg.wasm")) ?? {};
    await bent.after;
    const body = bent.body ?? (await readFile(join(root, path)).catch(() => undefined));
    response.writeHead(bent.status ?? (body === undefined ? 404 : 200), {
      "content-type": bent.type ?? TYPES[extname(path)] ?? "application/octet-stream",
      "content-security-policy": POLICY,
      "content-length": body === undefined ? 0 : Buffer.byteLength(body),
      ...bent.headers,
    });
    if (bent.cut === undefined) {
      response.end(body);
    } else {
      response.write(body.subarray(0, body.length * bent.cut), () => response.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
