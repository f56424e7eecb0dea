/** The ranking as rows: label, heads, probability as number and bar. */
import { cleaned, isBlank } from "../sanitize.js";
import { make } from "./dom.js";

/**
 * @import { Ranking, RankedLabel } from "../types.js"
 *
 * @typedef {(probability: number) => string} Percent
 */

/**
 * @param {HTMLOListElement} list its rows are reused, so that bars move instead of flickering
 * @param {RankedLabel[]} labels
 * @param {Percent} percent
 * @param {string} noName in place of a label without a visible letter
 * @param {number} [top] the highlighted row; by default none
 */
export function showRows(list, labels, percent, noName, top) {
  while (list.children.length > labels.length) {
    list.lastElementChild?.remove();
  }
  labels.forEach(({ label, heads, probability }, index) => {
    const row = list.children[index] ?? list.appendChild(newRow());
    const [name, origin, value, bar] = /** @type {HTMLElement[]} */ ([...row.children]);
    row.setAttribute("part", index === top ? "row top-row" : "row");
    name.textContent = isBlank(label) ? noName : cleaned(label);
    // Only a few lines of a long name are visible.
    name.title = label.length > 80 ? label : "";
    origin.textContent = cleaned(heads.join(", "));
    value.setAttribute("value", String(probability));
    value.textContent = percent(probability);
    /** @type {HTMLElement} */ (bar.firstElementChild).style.inlineSize = `${probability * 100}%`;
  });
}

function newRow() {
  return make(
    "li",
    {},
    make("span", { part: "label" }),
    make("span", { part: "heads" }),
    make("data", { part: "value" }),
    make("span", { part: "bar", "aria-hidden": "true" }, make("span", { part: "fill" })),
  );
}

/**
 * Smoothed rankings leave out the same labels as the classifier's.
 *
 * @param {Ranking} ranking
 * @param {{ topK?: number, threshold?: number }} options
 * @returns {Ranking}
 */
export function cut(ranking, { topK = Infinity, threshold = 0 }) {
  const labels = ranking.labels.filter(({ probability }) => probability >= threshold).slice(0, topK);
  return { ...ranking, labels };
}
