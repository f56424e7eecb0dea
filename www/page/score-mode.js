/** Probabilities or raw scores: the switch between them, and an explanation of the numbers. */
import { byId, make, named, tell } from "./dom.js";
import { onLanguage } from "./language.js";
import { number, percent } from "./messages.js";
import { aboutProbabilities } from "./probabilities.js";
import { texts } from "./texts.js";

/** @import { Card, RankedLogit, Ranking } from "../polyhead/types.js" */

const element = byId("classifier", HTMLElement);
const heads = byId("heads", HTMLElement);
const raw = byId("raw", HTMLElement);
const words = byId("scale-words", HTMLElement);

/** @type {Card | undefined} */
let card;
/** @type {Ranking | undefined} */
let shown;

export function watchScale() {
  for (const choice of choices()) {
    choice.addEventListener("change", showScale);
  }
  onLanguage(() => {
    showScale();
    if (shown) {
      showScores(shown);
    }
  });
}

/** @param {Card} of the card of the model whose numbers are shown */
export function explainScale(of) {
  card = of;
  showScale();
}

/** The heads' probabilities, and the raw scores of each head. @param {Ranking} ranking */
export function showScores(ranking) {
  shown = ranking;
  heads.replaceChildren(
    ...ranking.heads.map(({ head, probability }) => make("div", "", named("dt", "", head), make("dd", "", percent(probability)))),
  );
  raw.replaceChildren(
    ...[...grouped(ranking.logits ?? [])].map(([head, rows]) =>
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
  const text = number(logit, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace("-", "−");
  return make("data", { class: "score", value: String(logit) }, text);
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
  heads.hidden = asRaw;
  // The ranking in the element is hidden by style.
  element.classList.toggle("raw-scores", asRaw);
  tell(words, asRaw ? texts.aboutRawScores : card ? aboutProbabilities(card) : "");
}

/** @returns {HTMLInputElement[]} */
function choices() {
  return [...document.querySelectorAll("input")].filter(({ name }) => name === "scale");
}
