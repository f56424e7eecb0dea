/** Images or an address that another app shared to this page, as stored by the service worker. */

import { texts } from "./texts.js";

/** sw.js has the same name. */
const SHARED = "polyhead-shared";

/**
 * Reads the shared content, once.
 *
 * @returns {Promise<{ images: File[], address?: string } | undefined>}
 */
export async function takeShared() {
  if (!new URLSearchParams(location.search).has("shared")) {
    return undefined;
  }
  // So that a reload does not read it again.
  history.replaceState(null, "", location.pathname);
  try {
    return await taken();
  } catch {
    // Browsers that forbid storage have stored nothing.
    return { images: [] };
  }
}

async function taken() {
  const cache = await caches.open(SHARED);
  const images = [];
  /** @type {string | undefined} */
  let address;
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (response && request.url.endsWith("/address")) {
      address = await response.text();
    } else if (response) {
      const name = decodeURIComponent(response.headers.get("x-name") ?? "");
      const image = await response.blob();
      images.push(new File([image], name || texts.sharedImage, { type: image.type }));
    }
  }
  await caches.delete(SHARED);
  return { images, address };
}
