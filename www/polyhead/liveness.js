/**
 * Detects the end of a worker: it holds a lock while it lives, and no other event reports that the browser ended it.
 */

/** @typedef {{ id: 0, held: string }} Held the worker's answer: it has the lock of this name */

/**
 * The page's side. Insecure pages have no locks: there a worker that the browser ends is not noticed.
 *
 * @param {Worker} worker
 * @param {() => void} onEnd
 * @returns {() => void} stops watching
 */
export function watchLife(worker, onEnd) {
  const ended = new AbortController();
  const name = String(Math.random());
  worker.addEventListener("message", ({ data }) => {
    if (data.held === name) {
      navigator.locks.request(name, { signal: ended.signal }, onEnd).catch(() => {});
    }
  });
  worker.postMessage({ id: 0, verb: "live", name });
  return () => ended.abort();
}

/**
 * The worker's side.
 *
 * @param {string} name
 * @param {{ postMessage: (told: Held) => void }} scope
 */
export function live(name, scope) {
  const held = () => {
    scope.postMessage({ id: 0, held: name });
    return new Promise(() => {});
  };
  navigator.locks?.request(name, held).catch(() => {});
}
