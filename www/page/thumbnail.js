/** Small copies of pictures, so that a long list does not hold every picture at its full size. */

/** Twice what is shown, for dense screens. */
const SIDE = 128;

/**
 * @param {Blob} picture one that the classifier took: it checked the size
 * @returns {Promise<string>} an address of the copy's own; whoever shows it gives it back
 */
export async function thumbnailOf(picture) {
  return URL.createObjectURL(await smallCopyOf(picture));
}

/** @param {Blob} picture one that the classifier took */
export async function smallCopyOf(picture) {
  const bitmap = await createImageBitmap(picture, { resizeWidth: SIDE, resizeQuality: "medium" });
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  const scale = SIDE / Math.min(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context?.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
}
