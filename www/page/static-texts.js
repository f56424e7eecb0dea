/** The texts that the page's HTML names by their keys. */
import { button, byId, make } from "./dom.js";
import { NAMES, changeLanguage, known, language, onLanguage } from "./language.js";

/**
 * Fills elements with `data-text` (content; `code` between backticks) and `data-label` (`aria-label`), now and whenever the language
 * changes.
 *
 * @param {() => Record<string, unknown>} texts of the language
 */
export function fillPage(texts) {
  const fill = () => {
    const table = texts();
    for (const element of document.querySelectorAll("[data-text]")) {
      const parts = String(table[element.getAttribute("data-text") ?? ""]).split("`");
      element.replaceChildren(...parts.map((part, place) => (place % 2 === 1 ? make("code", "", part) : part)));
    }
    for (const element of document.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", String(table[element.getAttribute("data-label") ?? ""]));
    }
  };
  fill();
  onLanguage(fill);
  offerLanguages(byId("languages", HTMLElement));
}

/** Shows a button per other language. @param {HTMLElement} place */
function offerLanguages(place) {
  const offer = (/** @type {typeof language} */ name) => {
    const choose = () => {
      changeLanguage(name);
      offerLanguages(place);
      place.querySelector("button")?.focus();
    };
    return button(NAMES[name], choose, { class: "language", lang: name });
  };
  place.replaceChildren(...known().filter((name) => name !== language).map(offer));
}
