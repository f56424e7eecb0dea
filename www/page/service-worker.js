/** Registers the service worker, which stores the page for visits without a network. */
import { vouched } from "../polyhead/trusted-types.js";
import { byId } from "./dom.js";
import { texts } from "./texts.js";

/**
 * Call it once the model is loaded: the files that the worker stores are then in the browser's cache and not loaded
 * again.
 */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  try {
    await navigator.serviceWorker.register(vouched("sw.js"));
    await navigator.serviceWorker.ready;
    const words = byId("offline-words", HTMLElement);
    words.setAttribute("data-text", "offlineNow");
    words.textContent = texts.offlineNow;
  } catch {
    // The page is served without its build, or the browser forbids service workers: it works online only.
  }
}
