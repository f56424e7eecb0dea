/** Small copies of images, made one at a time. */

/**
 * @typedef {{ image?: Blob }} Item
 * @typedef {{ copy: Blob, url: string }} Thumbnail `url`: an address of this page
 */

/** Pixels; twice what is shown, for dense screens. */
const SIDE = 128;

/** @type {WeakMap<Item, Promise<Thumbnail>>} */
const made = new WeakMap();
/** The previous copies: decoders need much memory. @type {Promise<unknown>} */
let before = Promise.resolve();

/**
 * @param {Item} item its image was accepted by the classifier, which checks the size
 * @returns {Promise<Thumbnail>} rejects where the browser cannot decode it
 */
export function thumbnail(item) {
  const known = made.get(item);
  if (known) {
    return known;
  }
  const { image } = item;
  const small = image ? before.then(() => smallCopyOf(image)).then(addressed) : Promise.reject(new Error("no image"));
  before = small.catch(() => {});
  made.set(item, small);
  return small;
}

/** @param {Blob} image */
async function smallCopyOf(image) {
  const bitmap = await createImageBitmap(image, { resizeWidth: SIDE, resizeQuality: "medium" });
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  const scale = SIDE / Math.min(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context?.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
}

/** @param {Blob} copy */
function addressed(copy) {
  return { copy, url: URL.createObjectURL(copy) };
}

/** @param {Item} item @param {Blob} copy stored earlier */
export function keepThumbnail(item, copy) {
  made.set(item, Promise.resolve(addressed(copy)));
}

/** @param {Item} item */
export function dropThumbnail(item) {
  made.get(item)?.then(({ url }) => URL.revokeObjectURL(url), () => {});
  made.delete(item);
}

/** As a data URL. @param {Thumbnail} thumbnail @returns {Promise<string>} */
export function inline({ copy }) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(copy);
  });
}
