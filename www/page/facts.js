/** Facts of the core as texts in the page's language. */
import { list, number } from "./messages.js";

/**
 * The formats for the values of a fact.
 *
 * @typedef {object} Show
 * @property {(count: number) => string} count
 * @property {(names: string[]) => string} list
 * @property {(share: number) => string} percent a share of 0..1 with one decimal
 * @property {(share: number) => string} points the same without the sign
 * @property {(area: number) => string} auroc
 * @property {(value: number) => string} scientific
 * @property {(spans: [number, number][]) => string} spans ranges of R, G and B
 */

/**
 * A text per kind of fact; a function if the text contains values of the fact.
 *
 * @template {{ kind: string }} Fact
 * @typedef {{ [Kind in Fact["kind"]]: string | ((fact: Extract<Fact, { kind: Kind }>, show: Show) => string) }} FactTexts
 */

/** @type {Show} */
const show = {
  count: number,
  list,
  percent: (share) => number(share, { style: "percent", ...digits(1) }),
  points: (share) => number(100 * share, digits(1)),
  auroc: (area) => number(area, digits(3)),
  scientific: (value) => number(value, { notation: "scientific", maximumSignificantDigits: 2 }),
  spans: (spans) => {
    const all = spans.map((span) => span.map((end) => number(end)).join(" … "));
    return all.every((one) => one === all[0]) ? all[0] : all.join(", ");
  },
};

/** @param {number} count digits after the decimal point */
function digits(count) {
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}

/**
 * @template {{ kind: string }} Fact
 * @param {FactTexts<Fact>} texts
 * @param {Fact} fact
 */
export function factText(texts, fact) {
  const text = /** @type {Record<string, string | ((fact: Fact, show: Show) => string)>} */ (texts)[fact.kind];
  return typeof text === "function" ? text(fact, show) : text;
}

/** A text with a capital first letter. @param {string} text */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
