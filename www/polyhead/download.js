/** Downloads, with progress in exact bytes over all of them. */
import { PolyheadError } from "./error.js";
import { builtin } from "./node-builtins.js";

/**
 * @import { Progress } from "./types.js"
 *
 * @typedef {object} Incoming
 * @property {string} url
 * @property {ReadableStream<Uint8Array>} body
 * @property {number} [length] bytes of the decoded body, if known
 * @property {Headers} headers
 */

/**
 * @param {string} url absolute
 * @returns {Promise<Incoming>} resolves once the server responds
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
  return { url, body: response.body, length: expectedLength(response.headers), headers: response.headers };
}

/**
 * `fetch` of Node.js reads no files.
 *
 * @param {string} url
 * @returns {Promise<Incoming>}
 */
async function fromDisk(url) {
  try {
    const blob = await builtin("fs")?.openAsBlob(new URL(url));
    if (blob) {
      return { url, body: blob.stream(), length: blob.size, headers: new Headers() };
    }
  } catch {
    // Told below.
  }
  throw new PolyheadError("download", `${url}: expected a readable file, found none; check the path`);
}

/**
 * The length of a compressed response is not that of the decoded body.
 *
 * @param {Headers} headers
 */
function expectedLength(headers) {
  const length = Number(headers.get("content-length"));
  return headers.get("content-encoding") || !(length > 0) ? undefined : length;
}

/**
 * The bodies, counted together while they are read.
 *
 * @param {(Incoming | undefined)[]} files
 * @param {(progress: Progress) => void} onProgress
 * @returns {{ bodies: (ReadableStream<Uint8Array> | undefined)[], broken: Promise<never> }} in the files' order; `broken` rejects once
 *   one of them ends early: readers of the bodies may get a general error only
 */
export function counted(files, onProgress) {
  let loaded = 0;
  const sum = files.reduce((sum, file) => sum + (file ? file.length ?? NaN : 0), 0);
  const report = () => {
    // Another origin may hide that its response was compressed.
    const total = loaded <= sum ? sum : undefined;
    onProgress({ stage: "download", loaded, total });
  };
  if (files.some(Boolean)) {
    report();
  }
  /** @type {(error: Error) => void} */
  let reject;
  const broken = new Promise((_, failed) => (reject = failed));
  broken.catch(() => {});
  const bodies = files.map((file) => {
    if (!file) {
      return undefined;
    }
    const reader = file.body.getReader();
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            return;
          }
          loaded += value.byteLength;
          report();
          controller.enqueue(value);
        } catch {
          const error = cutOff(file.url);
          reject(error);
          throw error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  });
  return { bodies, broken: /** @type {Promise<never>} */ (broken) };
}

/**
 * All bytes of a body, in half the time of `Response`.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {Promise<ArrayBuffer>}
 */
export async function whole(body) {
  const reader = body.getReader();
  const parts = [];
  let end = 0;
  for (let read; !(read = await reader.read()).done; end += read.value.length) {
    parts.push(read.value);
  }
  const bytes = new Uint8Array(end);
  for (const part of parts.reverse()) {
    bytes.set(part, (end -= part.length));
  }
  return bytes.buffer;
}

/**
 * @param {string} url absolute
 * @returns {Promise<Blob>} the whole file
 */
export async function fetchFile(url) {
  const { body, headers } = await request(url);
  return new Response(body, { headers }).blob().catch(() => Promise.reject(cutOff(url)));
}

/**
 * @template Exports
 * @param {string} url of a module
 * @returns {Promise<Exports>} its exports; rejects with the code "download" if the download fails
 */
export async function script(url) {
  try {
    return await import(/* @vite-ignore */ url);
  } catch (error) {
    // Errors of the running module are not download errors.
    throw error instanceof TypeError ? new PolyheadError("download", error.message) : error;
  }
}

/** @param {string} url */
function cutOff(url) {
  return new PolyheadError("download", `${url}: expected the whole file, found the connection closed before its end; try again`);
}
