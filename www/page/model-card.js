/** The model card: the description in the model's file. */
import { byId, make, named } from "./dom.js";
import { ROOM, brief } from "./display-name.js";
import { factText } from "./facts.js";
import { onLanguage } from "./language.js";
import { list, number } from "./messages.js";
import { aboutProbabilities } from "./probabilities.js";
import { texts } from "./texts.js";

/**
 * @import { Card } from "../polyhead/types.js"
 * @import { RuleRecord } from "../pkg/workshop.js"
 */

/** Longer lists of numbers are shown by their length. */
const SHOWN = 12;
/** The maximum depth of nesting; deeper values are shown as text. */
const DEPTH = 4;

/** @type {Card | undefined} */
let shown;
onLanguage(() => shown && showCard(shown));

/** @param {Card} card */
export function showCard(card) {
  shown = card;
  const { heads, labels, rule, sources, preprocessing, foreign } = card;
  const size = `${preprocessing.width} × ${preprocessing.height}`;
  byId("card-body", HTMLElement).replaceChildren(
    part(
      texts.cardWhat,
      make("p", "", texts.cardSummary(number(labels.length), list(heads.map(({ name }) => name)), heads.length, size)),
      make("dl", "facts", ...heads.flatMap((head) => entry(head.name, headFacts(head, labels)))),
    ),
    part(texts.cardQuality, ...quality(rule)),
    part(texts.cardReading, make("p", "", aboutProbabilities(card))),
    ...backbone(card),
    part(
      texts.cardOrigin,
      make("p", "", texts.cardOriginSums),
      make("ul", "sources", ...sources.map(({ name, sha256 }) => named("li", "", name, " ", make("code", "", sha256)))),
    ),
    folded(texts.cardParameters, make("p", "", aboutRule(card)), generic(rule)),
    folded(texts.preprocessing, generic(preprocessing)),
    ...(foreign.length ? [folded(texts.otherMetadata, generic(Object.fromEntries(foreign.map(({ key, value }) => [key, value]))))] : []),
  );
  byId("card", HTMLElement).hidden = false;
}

/**
 * The measured figures, if the file has those of a fit.
 *
 * @param {unknown} rule
 */
function quality(rule) {
  const { figures, cautions } = /** @type {Partial<RuleRecord>} */ (rule ?? {});
  const { accuracy, images, ece, "concat-accuracy": before, measured } = figures ?? {};
  if (accuracy === undefined || images === undefined || ece === undefined) {
    return [make("p", "", texts.cardNoFigures)];
  }
  const how = [measured && texts.validations[measured], ...(cautions ?? []).map((caution) => factText(texts.cautions, caution))];
  return [
    make("p", "", texts.cardFigures(share(accuracy), number(images), share(ece))),
    ...(before === undefined ? [] : [make("p", "", texts.cardComparison(share(before)))]),
    make("p", "", texts.cardMeasured, " ", how.filter(Boolean).join("; "), "."),
  ];
}

/** What a backbone that replaced those of the models changed. @param {Card} card */
function backbone({ shared_backbone: shared }) {
  if (!shared) {
    return [];
  }
  const changes = shared.heads.map(({ head, top_label, images, synthetic }) =>
    make("li", "", texts.cardChange(brief(head), share(top_label), number(images), synthetic)),
  );
  return [part(texts.cardBackbone, make("p", "", texts.cardShared(shared.weights === "first")), make("ul", "", ...changes))];
}

/** @param {number} part 0..1 */
function share(part) {
  return number(part, { style: "percent", maximumFractionDigits: 1 });
}

/**
 * @param {string} title
 * @param {...Node} content
 */
function part(title, ...content) {
  return make("section", "", make("h3", "", title), ...content);
}

/**
 * Details for few readers, collapsed.
 *
 * @param {string} title
 * @param {...Node} content
 */
function folded(title, ...content) {
  return make("details", "", make("summary", "", title), ...content);
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

/**
 * Any JSON value as text and lists: a rule may have parameters that this page does not know.
 *
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {HTMLElement}
 */
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

/** A long text is collapsed to its beginning. @param {string} text */
function words(text) {
  return text.length > 4 * ROOM ? make("details", "", make("summary", "", brief(text)), text) : make("span", "", text);
}

/** A key such as "none-false-rejects" as words; a head's label, "clothes/t-shirt", is unchanged. @param {string} key */
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
