/** Errors, each shown in the step that failed. */
import { byId, make } from "../page/dom.js";
import { inWords } from "../page/messages.js";

/** @typedef {"project" | "models" | "images" | "comparable" | "evidence" | "fit" | "take"} Place */

/**
 * @param {Place} place
 * @param {unknown} error nothing takes away what stands there
 * @param {{ remedy?: Node }} [more] a remedy: buttons that correct it
 */
export function showError(place, error, { remedy } = {}) {
  const alert = byId(`alert-${place}`, HTMLElement);
  if (error === undefined) {
    alert.replaceChildren();
    return;
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    return;
  }
  const { words, detail } = inWords(error);
  alert.replaceChildren(make("p", "alert-words", words), make("p", "alert-detail", detail), ...(remedy ? [remedy] : []));
}
