/** The meaning of a model's probabilities, as text. */
import { brief } from "./display-name.js";
import { percent } from "./messages.js";
import { texts } from "./texts.js";

/**
 * @import { Card } from "../polyhead/types.js"
 * @import { RuleRecord } from "../pkg/workshop.js"
 */

/** @param {Card} card */
export function aboutProbabilities({ calibrated, heads, rule }) {
  const { name, figures } = /** @type {Partial<RuleRecord>} */ (rule ?? {});
  const named = name === undefined ? texts.unnamedRule : brief(String(name));
  if (calibrated) {
    return texts.calibrated(named, percent(0.8)) + (figures?.measured ? texts.figuresFrom(texts.validations[figures.measured]) : "");
  }
  return heads.some(({ activation }) => activation === "sigmoid") ? texts.separateScores(named) : texts.uncalibrated(named, percent(1));
}
