/** The image on a canvas: it needs no blob address, which a page's policy would have to allow. */

/** @import { Source } from "../types.js" */

/** Pixels of the longer side. */
const LONGEST = 1024;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Source} source a file only after the classifier has accepted it, which checks the size before decoding
 */
export async function draw(canvas, source) {
  const image = await createImageBitmap(
    "data" in source && !(source instanceof ImageData) ? new ImageData(new Uint8ClampedArray(source.data), source.width, source.height) : source,
  );
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
}
