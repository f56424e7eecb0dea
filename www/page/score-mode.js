/** Probabilities or raw scores: the switch between them, and words for what the numbers are. */
import { byId, make, named, tell } from "./dom.js";
import { brief } from "./display-name.js";

/** @import { Card, RankedLogit } from "../polyhead/types.js" */

const probabilities = byId("probabilities", HTMLElement);
const raw = byId("raw", HTMLElement);
const words = byId("scale-words", HTMLElement);

/** @type {Card | undefined} */
let card;

export function watchScale() {
  for (const choice of choices()) {
    choice.addEventListener("change", showScale);
  }
}

/** @param {Card} of the model whose numbers are shown */
export function explainScale(of) {
  card = of;
  showScale();
}

/** @param {RankedLogit[]} logits largest first */
export function showRaw(logits) {
  raw.replaceChildren(
    ...[...grouped(logits)].map(([head, rows]) =>
      make(
        "section",
        "raw-head",
        named("h3", "", head),
        make("ol", "", ...rows.map(({ label, logit }) => make("li", "", named("span", "label", label), score(logit)))),
      ),
    ),
  );
}

/** @param {number} logit */
function score(logit) {
  const data = make("data", "score", logit.toFixed(2).replace("-", "−"));
  data.value = String(logit);
  return data;
}

/** @param {RankedLogit[]} logits */
function grouped(logits) {
  /** @type {Map<string, RankedLogit[]>} */
  const heads = new Map();
  for (const logit of logits) {
    heads.set(logit.head, [...(heads.get(logit.head) ?? []), logit]);
  }
  return heads;
}

function showScale() {
  const asRaw = choices().some((choice) => choice.checked && choice.value === "raw");
  raw.hidden = !asRaw;
  probabilities.hidden = asRaw;
  tell(
    words,
    asRaw
      ? "Raw scores (logits): what each head says before the rule. They have no unit and are no probabilities: compare them within one head only."
      : whatProbabilitiesAre(),
  );
}

function whatProbabilitiesAre() {
  if (!card) {
    return "";
  }
  const { calibrated, heads, rule } = card;
  const name = rule && typeof rule === "object" && "name" in rule ? brief(String(rule.name)) : "unnamed";
  if (calibrated) {
    return `Calibrated: the rule “${name}” was fitted to images or to their evidence, so that 80 % should mean right about eight times in ten on images like those.${howMeasured(rule)}`;
  }
  return heads.some(({ activation }) => activation === "sigmoid")
    ? `Not calibrated: under the rule “${name}” every label stands alone, and nothing was fitted. Read them as an order, not as how often they are right.`
    : `Not calibrated: the rule “${name}” makes all heads' scores add to 100 %, and nothing ties one head's scores to the other's. Read them as an order, not as how often they are right.`;
}

/** Where the file says whence its figures are. @param {unknown} rule */
function howMeasured(rule) {
  const { figures } = /** @type {{ figures?: { measured?: string } }} */ (rule);
  return figures?.measured ? ` Its figures are ${figures.measured}.` : "";
}

/** @returns {HTMLInputElement[]} */
function choices() {
  return [...document.querySelectorAll("input")].filter(({ name }) => name === "scale");
}
