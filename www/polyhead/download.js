/** Downloads with byte-true progress. */
import { PolyheadError } from "./error.js";

/** @import { Progress } from "./types.js" */

/**
 * @param {string} url
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<ReadableStream<Uint8Array>>} the body, counted as it is read
 */
export async function download(url, onProgress) {
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
  return response.body.pipeThrough(counter(expectedLength(response.headers), onProgress));
}

/**
 * The number of bytes that the body will yield, where the server tells it. Of a compressed answer the length counts
 * other bytes than the body yields.
 *
 * @param {Headers} headers
 */
function expectedLength(headers) {
  const length = Number(headers.get("content-length"));
  return headers.get("content-encoding") || !(length > 0) ? undefined : length;
}

/**
 * @param {number | undefined} total
 * @param {(progress: Progress) => void} onProgress
 * @returns {TransformStream<Uint8Array, Uint8Array>}
 */
function counter(total, onProgress) {
  let loaded = 0;
  return new TransformStream({
    start: () => onProgress({ stage: "download", loaded, total }),
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      // Another origin may hide that its answer was compressed.
      onProgress({ stage: "download", loaded, total: total && loaded <= total ? total : undefined });
      controller.enqueue(chunk);
    },
  });
}
