/** Files from the network, with byte-true progress over all of them. */
import { PolyheadError } from "./error.js";
import { builtin } from "./node.js";

/**
 * @import { Progress } from "./types.js"
 *
 * @typedef {object} Incoming
 * @property {ReadableStream<Uint8Array>} body
 * @property {number} [length] bytes that the body will yield, where the server tells it
 * @property {Headers} headers
 */

/**
 * @param {string} url absolute
 * @returns {Promise<Incoming>} as soon as the server answers
 */
export async function request(url) {
  if (url.startsWith("file:")) {
    return fromDisk(url);
  }
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw new PolyheadError("download", `${url}: expected an answer, found none; check the connection`);
  }
  if (!response.ok || !response.body) {
    throw new PolyheadError(
      "download",
      `${url}: expected the file, found status ${response.status}; check that it is served`,
    );
  }
  return { body: response.body, length: expectedLength(response.headers), headers: response.headers };
}

/**
 * Node.js fetches no files.
 *
 * @param {string} url
 * @returns {Promise<Incoming>}
 */
async function fromDisk(url) {
  try {
    const blob = await builtin("fs")?.openAsBlob(new URL(url));
    if (blob) {
      return { body: blob.stream(), length: blob.size, headers: new Headers() };
    }
  } catch {
    // Told below.
  }
  throw new PolyheadError("download", `${url}: expected a readable file, found none; check the path`);
}

/**
 * Of a compressed answer the length counts other bytes than the body yields.
 *
 * @param {Headers} headers
 */
function expectedLength(headers) {
  const length = Number(headers.get("content-length"));
  return headers.get("content-encoding") || !(length > 0) ? undefined : length;
}

/**
 * The bodies, counted together as they are read.
 *
 * @param {Incoming[]} files
 * @param {(progress: Progress) => void} onProgress
 * @returns {ReadableStream<Uint8Array>[]} in the files' order
 */
export function counted(files, onProgress) {
  let loaded = 0;
  const sum = files.reduce((sum, { length }) => sum + (length ?? NaN), 0);
  const report = () => {
    // Another origin may hide that its answer was compressed.
    const total = loaded <= sum ? sum : undefined;
    onProgress({ stage: "download", loaded, total });
  };
  if (files.length > 0) {
    report();
  }
  return files.map(({ body }) =>
    body.pipeThrough(
      new TransformStream({
        transform(chunk, controller) {
          loaded += chunk.byteLength;
          report();
          controller.enqueue(chunk);
        },
      }),
    ),
  );
}
