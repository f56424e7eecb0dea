/** Small copies of images, so that a long list does not hold every image at its full size. */

/** Twice what is shown, for dense screens. */
const SIDE = 128;

/**
 * @param {Blob} image one that the classifier took: it checked the size
 * @returns {Promise<string>} an address of the copy's own; whoever shows it gives it back
 */
export async function thumbnailOf(image) {
  return URL.createObjectURL(await smallCopyOf(image));
}

/** @param {Blob} image one that the classifier took */
export async function smallCopyOf(image) {
  const bitmap = await createImageBitmap(image, { resizeWidth: SIDE, resizeQuality: "medium" });
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  const scale = SIDE / Math.min(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context?.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
}
