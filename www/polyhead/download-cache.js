/**
 * Downloads of earlier visits in Cache Storage: each content once, under its SHA-256, and the SHA-256 per address.
 * Content that cannot be stored (private windows, insecure pages, no space, Node.js) is downloaded again.
 */

/**
 * @typedef {object} Entry what an address had
 * @property {string} sha256 hexadecimal
 * @property {string | null} etag
 * @property {string | null} modified
 * @property {string | null} length
 */

const CACHE = "polyhead";
/** Milliseconds without a reply after which a server counts as unreachable. */
const PATIENCE = 4000;

/**
 * @param {string} url absolute
 * @returns {Promise<Blob | undefined>} the stored content, if the server still has it or cannot be reached
 */
export async function find(url) {
  try {
    const cache = await open(url);
    const index = await cache?.match(url);
    if (!cache || !index) {
      return undefined;
    }
    /** @type {Entry} */
    const entry = await index.json();
    if (!(await isCurrent(url, entry))) {
      return undefined;
    }
    const content = await (await cache.match(contentUrl(entry.sha256)))?.blob();
    if (content && (await sha256(content)) === entry.sha256) {
      return content;
    }
    // Damaged: the new download replaces it.
  } catch {
    // Equivalent to not stored.
  }
  return undefined;
}

/**
 * @param {string} url absolute
 * @param {Headers} headers of its response
 * @param {Blob} content
 */
export async function keep(url, headers, content) {
  try {
    const cache = await open(url);
    if (!cache) {
      return;
    }
    /** @type {Entry} */
    const entry = { sha256: await sha256(content), ...validators(headers) };
    // The entry first: another writer deletes contents without an entry.
    await cache.put(url, new Response(JSON.stringify(entry)));
    // The replaced content is deleted before the new one is stored, which may need the space.
    await forgetUnused(cache);
    await cache.put(contentUrl(entry.sha256), new Response(content));
  } catch {
    // The next visit downloads it again.
  }
}

/** @param {string} url */
async function open(url) {
  // Insecure pages lack one of them.
  if (!url.startsWith("http") || typeof caches === "undefined" || !globalThis.crypto?.subtle) {
    return undefined;
  }
  return caches.open(CACHE);
}

/** @param {string} hash */
function contentUrl(hash) {
  return new URL(`/polyhead/sha256/${hash}`, globalThis.origin).href;
}

/**
 * Whether the server has the same content, by a HEAD request. An unreachable server counts as unchanged.
 *
 * @param {string} url
 * @param {Entry} entry
 */
async function isCurrent(url, entry) {
  /** @type {Response} */
  let response;
  try {
    // Browsers before 2022 have no such signal and their own timeout.
    response = await fetch(url, { method: "HEAD", credentials: "same-origin", signal: AbortSignal.timeout?.(PATIENCE) });
  } catch {
    return true;
  }
  const { etag, modified, length } = validators(response.headers);
  if (!response.ok) {
    return response.status >= 500;
  }
  return etag && entry.etag ? etag === entry.etag : modified !== null && modified === entry.modified && length === entry.length;
}

/** @param {Headers} headers */
function validators(headers) {
  return {
    etag: headers.get("etag"),
    modified: headers.get("last-modified"),
    length: headers.get("content-length"),
  };
}

/** @param {Blob} content */
async function sha256(content) {
  const hash = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Deletes contents without an address.
 *
 * @param {Cache} cache
 */
async function forgetUnused(cache) {
  const used = new Set();
  const contents = [];
  for (const { url } of await cache.keys()) {
    if (url.startsWith(contentUrl(""))) {
      contents.push(url);
    } else {
      try {
        used.add(contentUrl((await (await cache.match(url))?.json()).sha256));
      } catch {
        // A damaged entry must not keep every content for ever.
        await cache.delete(url);
      }
    }
  }
  await Promise.all(contents.filter((url) => !used.has(url)).map((url) => cache.delete(url)));
}
