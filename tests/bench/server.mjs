/** A server on 127.0.0.1 for the page, its workers and the runners' files, which isolates the page and counts bytes. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Shared memory is for isolated pages only; `no-store`, so that a cold start fetches everything. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * @param {Record<string, string>} places what stands behind the first part of an address: a folder, or a file
 * @returns {Promise<{ url: string, fetched: () => string[], close: () => void }>} `fetched`: the files that were asked for
 *   since the last call, those of the bench itself (`/bench/`) left out
 */
export async function serve(places) {
  let asked = new Set();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname);
    const file = fileAt(places, path);
    const found = file && (await stat(file).catch(() => undefined));
    if (!found?.isFile()) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    if (!path.startsWith("/bench/")) {
      asked.add(file);
    }
    response.writeHead(200, {
      ...HEADERS,
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": found.size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    fetched: () => {
      const files = [...asked];
      asked = new Set();
      return files;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function fileAt(places, path) {
  const [, first, ...rest] = normalize(path).split("/");
  const place = places[first];
  return place && (rest.length > 0 ? join(place, ...rest) : place);
}
