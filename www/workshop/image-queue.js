/** The labelled images, which are processed one at a time. */
import { pathOf } from "../page/files.js";
import { WorkQueue } from "../page/work-queue.js";

/**
 * @import { Queued } from "../page/work-queue.js"
 *
 * @typedef {object} Labelled
 * @property {Blob} [image] absent for images from a project file
 * @property {string} path
 * @property {string} label as named by the folder or the user
 * @property {boolean} unseen whether no head was trained on it
 * @property {number} [id] once it is done, and its name and hash in the project
 * @property {string} [name]
 * @property {string} [sha256]
 *
 * @typedef {Queued & Labelled} Item
 */

/** @extends {WorkQueue<Item>} */
export class Collection extends WorkQueue {
  /**
   * @param {Iterable<Blob>} images
   * @param {{ label?: string, unseen: boolean }} of by default the folder's name
   */
  add(images, { label, unseen }) {
    for (const image of images) {
      const path = label === undefined ? pathOf(image) : `${label}/${pathOf(image)}`;
      this.items.push({ image, path, label: label ?? path.split("/").at(-2) ?? "", unseen, state: "waiting" });
    }
  }
}
