/** The image on a canvas: no address is made for it, so a page's policy need not allow any. */

/** @import { Source } from "../types.js" */

/** Pixels of the longer side. */
const LONGEST = 1024;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Source} source a file only after the classifier took it: it checks the size before anything is decoded
 */
export async function draw(canvas, source) {
  const image = await drawable(source);
  const { width, height } = sizeOf(image);
  const scale = Math.min(1, LONGEST / Math.max(width, height, 1));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  if (image !== source && image instanceof ImageBitmap) {
    image.close();
  }
}

/**
 * @param {Source} source
 * @returns {Promise<Exclude<CanvasImageSource, SVGImageElement>>}
 */
async function drawable(source) {
  if (source instanceof Blob || source instanceof ImageData) {
    return createImageBitmap(source);
  }
  if ("data" in source) {
    const { data, width, height } = source;
    return createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
  }
  return source;
}

/**
 * Of an element the size of its image, not that of its box.
 *
 * @param {Exclude<CanvasImageSource, SVGImageElement>} image
 * @returns {{ width: number, height: number }}
 */
function sizeOf(image) {
  const { naturalWidth, naturalHeight, videoWidth, videoHeight, displayWidth, displayHeight, width, height } = /** @type {any} */ (image);
  return { width: naturalWidth ?? videoWidth ?? displayWidth ?? width, height: naturalHeight ?? videoHeight ?? displayHeight ?? height };
}
