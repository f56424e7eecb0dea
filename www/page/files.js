/** The files in what was chosen, dropped or pasted: folders to their bottom, with their paths. */

/**
 * @typedef {object} Found
 * @property {File[]} pictures
 * @property {number} others files that are no pictures by their kind, left out
 */

/** Kinds that browsers know by no name but people take for pictures: they are listed with the reason why they do not open. */
const PICTURE = /\.(avif|bmp|gif|hei[cf]|jpe?g|jxl|png|tiff?|webp)$/i;

/** Paths of files out of dropped folders; chosen ones carry theirs. @type {WeakMap<File, string>} */
const paths = new WeakMap();

/**
 * @param {Blob} picture
 * @returns {string} the path below the folder it came in, or the name, or nothing
 */
export function pathOf(picture) {
  return picture instanceof File ? (paths.get(picture) ?? (picture.webkitRelativePath || picture.name)) : "";
}

/**
 * Of a folder only pictures are wanted, whatever else lies in it.
 *
 * @param {Iterable<File>} files
 * @returns {Found}
 */
export function picturesOf(files) {
  const all = [...files].filter(({ name }) => !name.startsWith("."));
  const pictures = all.filter(({ name, type }) => type.startsWith("image/") || PICTURE.test(name));
  return { pictures, others: all.length - pictures.length };
}

/**
 * Must be called in the event itself: later the browser has taken the entries away.
 *
 * @param {DataTransfer} data
 * @returns {Promise<Found>}
 */
export async function filesOf(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  if (!entries.some((entry) => entry?.isDirectory)) {
    return { pictures: [...data.files], others: 0 };
  }
  const loose = [...data.files].filter((_, index) => entries[index]?.isFile);
  /** @type {File[]} */
  const files = [];
  for (const entry of entries) {
    if (entry?.isDirectory) {
      await collect(/** @type {FileSystemDirectoryEntry} */ (entry), files);
    }
  }
  const { pictures, others } = picturesOf(files);
  return { pictures: [...loose, ...pictures], others };
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

/** Browsers hand a folder's entries out in parts. @param {FileSystemDirectoryEntry} folder */
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
 * A file that cannot be opened any more is listed like any other: the ranking says what is wrong with it.
 *
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function opened(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}

/**
 * All files, pictures or not, folders to their bottom. Must be called in the event itself, as `filesOf`.
 *
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function everyFileOf(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const files = [...data.files].filter((_, index) => !entries[index]?.isDirectory);
  for (const entry of entries) {
    if (entry?.isDirectory) {
      await collect(/** @type {FileSystemDirectoryEntry} */ (entry), files);
    }
  }
  return files.filter(({ name }) => !name.startsWith("."));
}
