/** Errors, each shown in the step that failed. */
import { byId, english, make } from "../page/dom.js";
import { onLanguage } from "../page/language.js";
import { inWords } from "../page/messages.js";

/** @typedef {"project" | "models" | "images" | "comparable" | "evidence" | "fit" | "take"} Place */

/** The errors that are shown. @type {Map<Place, [unknown, { remedy?: Node }]>} */
const shown = new Map();
onLanguage(() => {
  for (const [place, [error, more]] of shown) {
    showError(place, error, more);
  }
});

/**
 * @param {Place} place
 * @param {unknown} error undefined removes the shown error
 * @param {{ remedy?: Node }} [more] a remedy: buttons that correct it
 */
export function showError(place, error, { remedy } = {}) {
  const alert = byId(`alert-${place}`, HTMLElement);
  if (error === undefined) {
    shown.delete(place);
    alert.replaceChildren();
    return;
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    return;
  }
  shown.set(place, [error, { remedy }]);
  const { words, detail } = inWords(error);
  alert.replaceChildren(make("p", "alert-words", words), english(make("p", "alert-detail", detail)), ...(remedy ? [remedy] : []));
}
