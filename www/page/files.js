/** Files that were chosen, dropped or pasted, with all files in folders and their paths. */

/**
 * @typedef {object} Found
 * @property {File[]} images
 * @property {number} others files of other kinds, which are left out
 */

/** Image formats for which browsers have no MIME type: the files are listed with the reason why they do not open. */
const IMAGE = /\.(avif|bmp|gif|hei[cf]|jpe?g|jxl|png|tiff?|webp)$/i;

/** Paths of files from dropped folders; chosen files have their own. @type {WeakMap<File, string>} */
const paths = new WeakMap();

/**
 * @param {Blob} image
 * @returns {string} the path relative to its folder, or the name, or ""
 */
export function pathOf(image) {
  return image instanceof File ? (paths.get(image) ?? (image.webkitRelativePath || image.name)) : "";
}

/**
 * Only images are added from a folder; its other files are ignored.
 *
 * @param {Iterable<File>} files
 * @returns {Found}
 */
export function imagesOf(files) {
  const all = [...files].filter(({ name }) => !name.startsWith("."));
  const images = all.filter(({ name, type }) => type.startsWith("image/") || IMAGE.test(name));
  return { images, others: all.length - images.length };
}

/**
 * The dropped images, and any file outside of a folder. Must be called in the event itself.
 *
 * @param {DataTransfer} data
 * @returns {Promise<Found>}
 */
export async function filesOf(data) {
  const { loose, inside } = await dropped(data);
  const { images, others } = imagesOf(inside);
  return { images: [...loose, ...images], others };
}

/**
 * All files, images or not. Must be called in the event itself.
 *
 * @param {DataTransfer} data
 */
export async function everyFileOf(data) {
  const { loose, inside } = await dropped(data);
  return [...loose, ...inside].filter(({ name }) => !name.startsWith("."));
}

/**
 * Files, and the files in folders at any depth. After the event the browser has removed the entries.
 *
 * @param {DataTransfer} data
 */
async function dropped(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const loose = [...data.files].filter((_, index) => !entries[index]?.isDirectory);
  /** @type {File[]} */
  const inside = [];
  for (const entry of entries) {
    if (entry?.isDirectory) {
      await collect(/** @type {FileSystemDirectoryEntry} */ (entry), inside);
    }
  }
  return { loose, inside };
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {File[]} files
 */
async function collect(folder, files) {
  for (const entry of await listed(folder)) {
    if (entry.isDirectory) {
      await collect(/** @type {FileSystemDirectoryEntry} */ (entry), files);
    } else {
      const file = await opened(/** @type {FileSystemFileEntry} */ (entry));
      paths.set(file, entry.fullPath.slice(1));
      files.push(file);
    }
  }
}

/** Browsers return a folder's entries in batches. @param {FileSystemDirectoryEntry} folder */
async function listed(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) {
      return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    }
    all.push(...part);
  }
}

/**
 * A file that can no longer be opened is listed like any other: its ranking reports the error.
 *
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function opened(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}
