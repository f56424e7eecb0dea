/** Registers the service worker, which stores the page for visits without a network. */
import { vouched } from "../polyhead/trusted-types.js";
import { byId } from "./dom.js";
import { texts } from "./texts.js";

/** To be called when the model is there: what the worker keeps has just been loaded, and is not loaded again. */
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
    // A page served without its build, or a browser that forbids it: the page works, online.
  }
}
