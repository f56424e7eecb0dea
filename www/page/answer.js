/** The result next to the image: the model's labels, a ranking, or an error. One of them at a time. */
import { headlineOf } from "../polyhead/top-result.js";
import { byId, english, make, named, tell } from "./dom.js";
import { brief } from "./display-name.js";
import { onLanguage } from "./language.js";
import { showRaw } from "./score-mode.js";
import { announcement, inWords, list, number, percent, winnerOf } from "./messages.js";
import { texts } from "./texts.js";

/** @import { Label, RankedLabel, Ranking } from "../polyhead/types.js" */

const answer = byId("answer", HTMLElement);
const title = byId("answer-title", HTMLElement);
const knowledge = byId("knowledge", HTMLElement);
const ranked = byId("ranking", HTMLElement);
const alert = byId("alert", HTMLElement);
const status = byId("status", HTMLElement);

/** Shows the current content again, in another language. */
let showAgain = clearAnswer;
onLanguage(() => showAgain());
clearAnswer();

/**
 * @param {Label[]} labels
 * @param {string[]} heads
 */
export function showKnowledge(labels, heads) {
  knowledge.replaceChildren(
    ...heads.map((head) => {
      const names = labels.filter((label) => label.heads.includes(head)).map(({ label }) => label);
      return make("div", "", named("h3", "", head), make("p", "", names.map(brief).join(", ")));
    }),
  );
}

/** An image is being worked on; what stands here belongs to another. @param {boolean} working */
export function setWorking(working) {
  answer.classList.toggle("working", working);
  answer.setAttribute("aria-busy", String(working));
  if (working) {
    // So that the same answer to another image is told again.
    status.textContent = "";
  }
}

/**
 * @param {Ranking} ranking
 * @param {number} [frameMilliseconds] of a camera: from frame to frame
 */
export function showRanking(ranking, frameMilliseconds) {
  showAgain = () => showRanking(ranking, frameMilliseconds);
  const winner = winnerOf(ranking);
  alert.replaceChildren();
  knowledge.hidden = true;
  ranked.hidden = false;
  ranked.classList.toggle("outside", headlineOf(ranking).none);
  title.textContent = texts.mostLikely;
  tell(byId("winner-label", HTMLElement), winner.label);
  tell(byId("winner-facts", HTMLElement), winner.facts);
  byId("labels", HTMLOListElement).replaceChildren(...ranking.labels.map(row));
  const others = ranking.none === undefined ? [] : [{ head: texts.noneOfThese, probability: ranking.none }];
  byId("heads", HTMLElement).replaceChildren(
    ...[...ranking.heads, ...others].map(({ head, probability }) =>
      make("div", "", named("dt", "", head), make("dd", "", percent(probability))),
    ),
  );
  showRaw(ranking.logits ?? []);
  const milliseconds = number(Math.round(frameMilliseconds ?? ranking.milliseconds));
  byId("time", HTMLElement).textContent = frameMilliseconds ? texts.frameTime(milliseconds) : texts.time(milliseconds);
  announce(announcement(ranking), winner.label, frameMilliseconds !== undefined);
}

/**
 * Of a camera only the label, and only another one: the probability changes with every frame.
 *
 * @param {string} words
 * @param {string} label
 * @param {boolean} live
 */
function announce(words, label, live) {
  if (!live) {
    tell(status, words);
  } else if (status.textContent !== label) {
    tell(status, label);
  }
}

/**
 * @param {unknown} error
 * @param {() => void} [onAgain] offers to try again
 */
export function showError(error, onAgain) {
  showAgain = () => showError(error, onAgain);
  const { words, detail } = inWords(error);
  ranked.hidden = true;
  knowledge.hidden = true;
  status.textContent = "";
  title.textContent = texts.noResult;
  alert.replaceChildren(make("p", "alert-words", words), english(make("p", "alert-detail", detail)));
  if (onAgain) {
    const again = make("button", "again", texts.tryAgain);
    again.type = "button";
    again.addEventListener("click", onAgain);
    alert.append(again);
  }
}

/** Neither a ranking nor an error: the model's labels. */
export function clearAnswer() {
  showAgain = clearAnswer;
  ranked.hidden = true;
  alert.replaceChildren();
  title.textContent = texts.labels;
  knowledge.hidden = false;
}

/** @param {RankedLabel} label */
function row({ label, heads, probability }) {
  const bar = make("span", "bar");
  bar.setAttribute("aria-hidden", "true");
  bar.style.setProperty("--share", String(probability));
  const share = make("data", "percent", percent(probability));
  share.value = String(probability);
  return make("li", "", named("span", "label", label), bar, share, make("span", "origin", list(heads)));
}
