/** The service worker: stores the page for visits without a network, and receives content that is shared to it. */

/**
 * @typedef {Event & { waitUntil: (work: Promise<unknown>) => void }} LifeEvent
 * @typedef {LifeEvent & { request: Request, respondWith: (answer: Promise<Response>) => void }} AskEvent
 *
 * @typedef {object} Scope
 * @property {(...scripts: string[]) => void} importScripts
 * @property {{ version: string, files: string[], later: string[] } & Record<"threads" | "relaxed" | "plain", string[]>} RELEASE
 *   written by the build into pkg/release.js: the files of the page, the builds of the module, the files stored after
 *   their first use, and a version that changes with any of them
 * @property {{ scope: string }} registration
 * @property {() => Promise<void>} skipWaiting
 * @property {{ claim: () => Promise<void> }} clients
 * @property {(type: string, listener: (event: any) => void) => void} addEventListener
 * @property {{ createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string } }} [trustedTypes]
 */

const scope = /** @type {Scope} */ (/** @type {unknown} */ (self));
// A service worker script cannot import the page's modules.
const policy = scope.trustedTypes?.createPolicy("polyhead", { createScriptURL: (url) => url });
scope.importScripts(policy?.createScriptURL("pkg/release.js") ?? "pkg/release.js");

const PREFIX = "polyhead-page-";
const KEPT = PREFIX + scope.RELEASE.version;
/** The cache of shared content; page/share-target.js has the same name. */
const SHARED = "polyhead-shared";
const LATER = new Set(scope.RELEASE.later.map((file) => new URL(file, scope.registration.scope).href));
const SHARE_ACTION = new URL("share", scope.registration.scope).href;
/** Milliseconds after which a network without a response counts as absent. */
const PATIENCE = 4000;

scope.addEventListener("install", (/** @type {LifeEvent} */ event) => event.waitUntil(keep()));
scope.addEventListener("activate", (/** @type {LifeEvent} */ event) => event.waitUntil(takeOver()));
scope.addEventListener("fetch", (/** @type {AskEvent} */ event) => {
  const { request } = event;
  if (request.method === "POST" && request.url === SHARE_ACTION) {
    event.respondWith(takeIn(request));
  } else if (request.method === "GET" && request.url.startsWith(scope.registration.scope)) {
    event.respondWith(answer(request, event));
  }
});

/** All files or none: a version is never stored in part. Files in the browser's cache are not sent again. */
async function keep() {
  const cache = await caches.open(KEPT);
  await cache.addAll([...scope.RELEASE.files, ...build()].map((file) => new Request(file, { cache: "no-cache" })));
  await scope.skipWaiting();
}

/**
 * The build that the library uses in this browser; the reasons are in polyhead/support.js and polyhead/classifier.js.
 */
function build() {
  const relaxed = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0, 253, 133, 2, 26, 11];
  if (!WebAssembly.validate(new Uint8Array(relaxed))) {
    return scope.RELEASE.plain;
  }
  const { RELEASE } = scope;
  const shares = globalThis.crossOriginIsolated && navigator.hardwareConcurrency > 1 && RELEASE.threads.length > 0;
  return shares ? RELEASE.threads : RELEASE.relaxed;
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== KEPT).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/**
 * The server's current file, or the stored one if the server does not respond: a page is never older than its server.
 *
 * @param {Request} request
 * @param {LifeEvent} event
 */
async function answer(request, event) {
  /** @type {Cache | undefined} */
  let cache;
  /** @type {Response | undefined} */
  let kept;
  try {
    cache = await caches.open(KEPT);
    kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  } catch {
    // A forbidden or broken store contains nothing: the network is used.
  }
  const put = (/** @type {string | Request} */ key, /** @type {Response} */ fresh) => {
    // A file that ends early, or for which there is no space, is requested again the next time.
    event.waitUntil(Promise.resolve(cache?.put(key, fresh)).catch(() => {}));
  };
  if (!kept) {
    const fresh = await fetch(request);
    if (fresh.ok && LATER.has(request.url)) {
      put(request, fresh.clone());
    }
    return fresh;
  }
  try {
    const fresh = await withinPatience(fetch(request));
    if (fresh.status >= 500) {
      return kept;
    }
    if (fresh.ok && !sameFile(fresh, kept)) {
      put(new URL(request.url).href.replace(/\?.*/, ""), fresh.clone());
    }
    return fresh;
  } catch {
    return kept;
  }
}

/** @param {Promise<Response>} asked */
function withinPatience(asked) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("no answer")));
  return /** @type {Promise<Response>} */ (Promise.race([asked, late]));
}

/**
 * @param {Response} one
 * @param {Response} other
 */
function sameFile(one, other) {
  return ["etag", "last-modified", "content-length"].every((name) => one.headers.get(name) === other.headers.get(name));
}

/**
 * Stores content shared by another app until the page has opened and read it.
 *
 * @param {Request} request
 */
async function takeIn(request) {
  try {
    await keepShared(await request.formData());
  } catch {
    // No space, or no store: the page shows that it got nothing, or uses the part that was stored.
  }
  return Response.redirect(new URL("./?shared", scope.registration.scope).href, 303);
}

/** @param {FormData} form */
async function keepShared(form) {
  const cache = await caches.open(SHARED);
  let count = 0;
  for (const image of form.getAll("images")) {
    // A form without a file contains one without name and bytes.
    if (image instanceof File && (image.name || image.size > 0)) {
      const headers = { "content-type": image.type, "x-name": encodeURIComponent(image.name) };
      await cache.put(new URL(`share/${count}`, scope.registration.scope).href, new Response(image, { headers }));
      count += 1;
    }
  }
  // Apps put an address into the text as often as into its own field.
  const words = [form.get("url"), form.get("text")].filter((word) => typeof word === "string").join(" ");
  const [address] = words.match(/https?:\/\/\S+/) ?? [];
  if (address && count === 0) {
    // Not in the page's address, which the server receives.
    await cache.put(new URL("share/address", scope.registration.scope).href, new Response(address));
  }
}
