/**
 * What was downloaded on an earlier visit, in Cache Storage: each content once, under its SHA-256, and for each address
 * which content it had. What cannot be kept (private windows, insecure pages, no space, Node.js) is downloaded again.
 */

/**
 * @typedef {object} Entry what an address had
 * @property {string} sha256 hexadecimal
 * @property {string | null} etag
 * @property {string | null} modified
 * @property {string | null} length
 */

const CACHE = "polyhead";
/** Milliseconds after which a server that says nothing counts as not reachable. */
const PATIENCE = 4000;

/**
 * @param {string} url absolute
 * @returns {Promise<Blob | undefined>} what the address had, where it still has it or the server cannot be reached
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
    // Damaged: what is downloaded now takes its place.
  } catch {
    // As good as not kept.
  }
  return undefined;
}

/**
 * @param {string} url absolute
 * @param {Headers} headers of the answer that brought it
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
    // The entry first: a content without one is dropped by whoever keeps another file meanwhile.
    await cache.put(url, new Response(JSON.stringify(entry)));
    // What it replaces goes before the content comes, which may need the room.
    await forgetUnused(cache);
    await cache.put(contentUrl(entry.sha256), new Response(content));
  } catch {
    // The next visit downloads it again.
  }
}

/** @param {string} url */
async function open(url) {
  // Either is missing on insecure pages.
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
 * Whether the server, asked without the body, tells of the same content. One that cannot be reached keeps what it had.
 *
 * @param {string} url
 * @param {Entry} entry
 */
async function isCurrent(url, entry) {
  /** @type {Response} */
  let response;
  try {
    // Browsers before 2022 wait as long as they see fit.
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
 * Drops contents that no address has any more.
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
        // A damaged one must not keep every content for ever.
        await cache.delete(url);
      }
    }
  }
  await Promise.all(contents.filter((url) => !used.has(url)).map((url) => cache.delete(url)));
}
