/** The model's card: everything its file says of itself. */
import { byId, make, named } from "./dom.js";
import { ROOM, brief } from "./display-name.js";
import { list } from "./messages.js";

/** @import { Card } from "../polyhead/types.js" */

/** More numbers than these are counted, not shown. */
const SHOWN = 12;
/** What is nested deeper is shown as text. */
const DEPTH = 4;

/** @param {Card} card */
export function showCard(card) {
  const { heads, labels, rule, sources, preprocessing, foreign } = card;
  byId("card-body", HTMLElement).replaceChildren(
    part("Heads and labels", make("dl", "facts", ...heads.flatMap((head) => entry(head.name, headFacts(head, labels))))),
    part("Rule", make("p", "", aboutRule(card)), generic(rule)),
    part("Made of", make("ul", "sources", ...sources.map(({ name, sha256 }) => named("li", "", name, " ", make("code", "", sha256))))),
    part("How an image is prepared", generic(preprocessing)),
    ...(foreign.length ? [part("What the sources say besides", generic(Object.fromEntries(foreign.map(({ key, value }) => [key, value]))))] : []),
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
  const texts = joined.length ? joined : own;
  const kind = activation === "sigmoid" ? "each label on its own" : "one label is right";
  return `${texts.map(brief).join(", ")} (${own.length} labels, ${kind}${linear ? ", linear" : ""})`;
}

/** @param {Card} card */
function aboutRule({ calibrated, rule, heads }) {
  const facts = rule && typeof rule === "object" ? Object.keys(rule).filter((key) => key !== "name") : [];
  const names = list(heads.map(({ name }) => name));
  if (!calibrated) {
    return `The scores of ${names} stand side by side; nothing was fitted to images, so there are no measured figures.`;
  }
  return facts.length
    ? `How the scores of ${names} become one ranking, and what the file says of it:`
    : `How the scores of ${names} become one ranking. The file has no measured figures.`;
}

/** Anything that JSON can hold, as text and lists: a rule may bring what this page has never heard of. @param {unknown} value @param {number} [depth] @returns {HTMLElement} */
function generic(value, depth = 0) {
  if (Array.isArray(value)) {
    const numbers = value.flat(DEPTH);
    if (numbers.every((item) => typeof item !== "object")) {
      return words(numbers.length > SHOWN ? `${numbers.length.toLocaleString("en")} values` : numbers.map(plain).join(", "));
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
    return "none";
  }
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(5))) : String(value);
}

/**
 * @param {string} name
 * @param {string | Node} value
 */
function entry(name, value) {
  return [named("dt", "", name), make("dd", value instanceof HTMLDListElement ? "nested" : "", value)];
}
