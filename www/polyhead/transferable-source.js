/** Converts an image for its transfer to the worker. */
import { PolyheadError } from "./error.js";

/**
 * @import { ImageSource, Pixels } from "../pkg/polyhead.js"
 * @import { Source } from "./types.js"
 */

/** Types that the worker receives unchanged. Not every platform has all of them. */
const SENDABLE = ["Blob", "ImageBitmap", "ImageData", "VideoFrame"];

/**
 * Canvases and elements stay in the page: their image is copied for the worker.
 *
 * @param {Source} source
 * @param {number} inputSize pixels of the shorter side that a video's frame needs: the browser scales it as it draws it
 * @returns {Promise<[ImageSource, Transferable[]]>} with the objects to transfer; rejects with the code "source"
 */
export async function toSendable(source, inputSize) {
  if (isSendable(source) || isPixels(source)) {
    return [source, []];
  }
  try {
    const { videoWidth, videoHeight } = /** @type {HTMLVideoElement} */ (source);
    const bitmap = await createImageBitmap(source, {
      colorSpaceConversion: "none",
      resizeQuality: "medium",
      ...(Math.min(videoWidth, videoHeight) > inputSize && { [videoWidth < videoHeight ? "resizeWidth" : "resizeHeight"]: inputSize }),
    });
    return [bitmap, [bitmap]];
  } catch (error) {
    throw new PolyheadError("source", `source: expected an image, pixels, or an element that shows one, found: ${error}; pass one of these`);
  }
}

/**
 * @param {unknown} source
 * @returns {source is Blob | ImageBitmap | ImageData | VideoFrame}
 */
function isSendable(source) {
  return SENDABLE.some((name) => {
    const known = /** @type {Record<string, Function | undefined>} */ (/** @type {unknown} */ (globalThis))[name];
    return known && source instanceof known;
  });
}

/**
 * @param {unknown} source
 * @returns {source is Pixels}
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
