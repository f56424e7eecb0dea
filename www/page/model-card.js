/** The model card: the description in the model's file. */
import { byId, make, named } from "./dom.js";
import { ROOM, brief } from "./display-name.js";
import { onLanguage } from "./language.js";
import { list, number } from "./messages.js";
import { texts } from "./texts.js";

/** @import { Card } from "../polyhead/types.js" */

/** More numbers than these are counted, not shown. */
const SHOWN = 12;
/** What is nested deeper is shown as text. */
const DEPTH = 4;

/** @type {Card | undefined} */
let shown;
onLanguage(() => shown && showCard(shown));

/** @param {Card} card */
export function showCard(card) {
  shown = card;
  const { heads, labels, rule, sources, preprocessing, foreign } = card;
  byId("card-body", HTMLElement).replaceChildren(
    part(texts.headsAndLabels, make("dl", "facts", ...heads.flatMap((head) => entry(head.name, headFacts(head, labels))))),
    part(texts.rule, make("p", "", aboutRule(card)), generic(rule)),
    part(texts.sources, make("ul", "sources", ...sources.map(({ name, sha256 }) => named("li", "", name, " ", make("code", "", sha256))))),
    part(texts.preprocessing, generic(preprocessing)),
    ...(foreign.length ? [part(texts.otherMetadata, generic(Object.fromEntries(foreign.map(({ key, value }) => [key, value]))))] : []),
  );
  byId("card", HTMLElement).hidden = false;
}

/**
 * @param {string} title
 * @param {...Node} content
 */
function part(title, ...content) {
  return make("section", "", make("h3", "", title), ...content);
}

/**
 * @param {Card["heads"][number]} head
 * @param {Card["labels"]} labels
 */
function headFacts({ name, labels: own, activation, linear }, labels) {
  const joined = labels.filter(({ heads }) => heads.includes(name)).map(({ label }) => label);
  const names = joined.length ? joined : own;
  return texts.headFacts(names.map(brief).join(", "), own.length, activation !== "sigmoid", linear);
}

/** @param {Card} card */
function aboutRule({ calibrated, rule, heads }) {
  const facts = rule && typeof rule === "object" ? Object.keys(rule).filter((key) => key !== "name") : [];
  const names = list(heads.map(({ name }) => name));
  if (!calibrated) {
    return texts.ruleNotFitted(names);
  }
  return facts.length ? texts.ruleFitted(names) : texts.ruleWithoutFigures(names);
}

/** Anything that JSON can hold, as text and lists: a rule may bring what this page has never heard of. @param {unknown} value @param {number} [depth] @returns {HTMLElement} */
function generic(value, depth = 0) {
  if (Array.isArray(value)) {
    const numbers = value.flat(DEPTH);
    if (numbers.every((item) => typeof item !== "object")) {
      return words(numbers.length > SHOWN ? texts.values(number(numbers.length)) : numbers.map(plain).join("; "));
    }
    return make("ul", "", ...value.map((item) => make("li", "", generic(item, depth + 1))));
  }
  if (value !== null && typeof value === "object") {
    if (depth >= DEPTH) {
      return words(JSON.stringify(value));
    }
    return make("dl", "facts", ...Object.entries(value).flatMap(([key, item]) => entry(inWords(key), generic(item, depth + 1))));
  }
  return words(plain(value));
}

/** The whole of a long text where it is asked for. @param {string} text */
function words(text) {
  return text.length > 4 * ROOM ? make("details", "", make("summary", "", brief(text)), text) : make("span", "", text);
}

/** A name of the file's own, "none-false-rejects"; a head's label, "clothes/t-shirt", stays. @param {string} key */
function inWords(key) {
  return key.includes("/") ? key : key.replaceAll("-", " ");
}

/** @param {unknown} value */
function plain(value) {
  if (value === null || value === undefined) {
    return texts.nothing;
  }
  return typeof value === "number" ? number(value, { maximumSignificantDigits: Number.isInteger(value) ? 21 : 5, useGrouping: false }) : String(value);
}

/**
 * @param {string} name
 * @param {string | Node} value
 */
function entry(name, value) {
  return [named("dt", "", name), make("dd", value instanceof HTMLDListElement ? "nested" : "", value)];
}
