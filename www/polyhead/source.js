/** A picture as it travels to the worker. */
import { PolyheadError } from "./error.js";

/** @import { Sendable, Source } from "./types.js" */

/** What crosses to the worker as it is. Not every platform has all of them. */
const SENDABLE = ["Blob", "ImageBitmap", "ImageData", "VideoFrame"];

/**
 * Canvases and elements stay with the page: their picture is copied for the worker.
 *
 * @param {Source} source
 * @returns {Promise<{ sendable: Sendable, transfer: Transferable[] }>} rejects with the code "source"
 */
export async function toSendable(source) {
  if (isSendable(source) || isPixels(source)) {
    return { sendable: source, transfer: [] };
  }
  if (typeof createImageBitmap !== "function") {
    throw unusable("an object with data, width and height", typeof source);
  }
  try {
    const bitmap = await createImageBitmap(source, { colorSpaceConversion: "none" });
    return { sendable: bitmap, transfer: [bitmap] };
  } catch (error) {
    throw unusable("a picture, or an element whose picture is loaded", error instanceof Error ? error.message : typeof source);
  }
}

/**
 * @param {unknown} source
 * @returns {source is Blob | ImageBitmap | ImageData | VideoFrame}
 */
function isSendable(source) {
  return SENDABLE.some((name) => {
    const known = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))[name];
    return typeof known === "function" && source instanceof known;
  });
}

/**
 * @param {unknown} source
 * @returns {source is import("./types.js").Pixels}
 */
function isPixels(source) {
  return (
    typeof source === "object" &&
    source !== null &&
    "data" in source &&
    (source.data instanceof Uint8Array || source.data instanceof Uint8ClampedArray) &&
    "width" in source &&
    "height" in source
  );
}

/**
 * @param {string} expected
 * @param {string} found
 */
function unusable(expected, found) {
  return new PolyheadError("source", `source: expected ${expected}, found: ${found}; pass one of these`);
}
