/** Visits without a network: the service worker that keeps the page. */
import { vouched } from "../polyhead/trusted-types.js";
import { byId } from "./dom.js";

/** To be called when the model is there: what the worker keeps has just been loaded, and is not loaded again. */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  try {
    await navigator.serviceWorker.register(vouched("sw.js"));
    await navigator.serviceWorker.ready;
    byId("offline-words", HTMLElement).textContent = "The page and its model are kept in this browser: it works without a network now.";
  } catch {
    // A page served without its build, or a browser that forbids it: the page works, online.
  }
}
