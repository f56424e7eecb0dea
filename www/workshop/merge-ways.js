/** The ways to merge models whose backbones are nearly the same, with the cost of each. */
import { brief } from "../page/display-name.js";
import { button, make } from "../page/dom.js";
import { inWords, list, megabytes, number, percent } from "../page/messages.js";
import { PolyheadError } from "../polyhead/error.js";
import { texts } from "./texts.js";

/**
 * @import { AnswerChange, Backbones, MergeWay } from "../pkg/workshop.js"
 */

/** The errors that leave these ways. */
const NEARLY_SHARED = ["drifted-backbone", "fine-tuned-backbone"];

/** @param {unknown} error */
export function isNearlyShared(error) {
  return error instanceof PolyheadError && NEARLY_SHARED.includes(error.code);
}

/**
 * A choice of the ways; the costs are filled in when they are known.
 *
 * @param {Promise<MergeWay[]>} costs
 * @param {(backbones: Backbones) => void} onChoice
 */
export function mergeWays(costs, onChoice) {
  const way = (/** @type {"separate" | "shared"} */ backbones) => {
    const { title, what } = texts.mergeWays[backbones];
    const cost = make("p", "way-cost", texts.measuringWays);
    costs.then(
      (ways) => cost.replaceChildren(costText(ways.find((way) => way.backbones === backbones))),
      () => cost.remove(),
    );
    return make("li", "way", button(title, () => onChoice(backbones)), make("p", "", what), cost);
  };
  return make("ul", "merge-ways", way("separate"), way("shared"));
}

/** @param {MergeWay | undefined} way */
function costText(way) {
  if (!way?.cost) {
    return way?.error ? inWords(new PolyheadError(way.error.code, way.error.message)).words : "";
  }
  const { bytes, multiplyAdds, largestModel, changes } = way.cost;
  const work = number(multiplyAdds / largestModel, { maximumFractionDigits: 2 });
  return [texts.wayCost(work, megabytes(bytes)), changes.length > 0 ? changes.map(changeText).join("; ") : texts.noChange].join(" ");
}

/** What a shared backbone changed in the answers of a head. @param {AnswerChange} change */
export function changeText({ head, images, synthetic, largest, median, top_label }) {
  return texts.answerChange(brief(head), percent(top_label), String(images), synthetic, percent(median), percent(largest));
}

/** @param {string[]} heads */
export function separateText(heads) {
  return texts.mergeSeparate(list(heads));
}
