/** Small copies of images: made once, one after the other. */
import { smallCopyOf } from "../page/thumbnail.js";

/**
 * @import { Item } from "./image-queue.js"
 *
 * @typedef {{ copy: Blob, url: string }} Thumbnail `url`: an address of this page
 */

/** @type {WeakMap<Item, Promise<Thumbnail>>} */
const made = new WeakMap();
/** The copies before this one: decoders take memory. @type {Promise<unknown>} */
let before = Promise.resolve();

/**
 * @param {Item} item
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

/** @param {Blob} copy */
function addressed(copy) {
  return { copy, url: URL.createObjectURL(copy) };
}

/** @param {Item} item @param {Blob} copy kept from an earlier time */
export function keepThumbnail(item, copy) {
  made.set(item, Promise.resolve(addressed(copy)));
}

/** @param {Item} item */
export function dropThumbnail(item) {
  made.get(item)?.then(({ url }) => URL.revokeObjectURL(url), () => {});
  made.delete(item);
}

/** As an address that holds the copy itself. @param {Thumbnail} thumbnail @returns {Promise<string>} */
export function inline({ copy }) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(copy);
  });
}
