/** What the page says: numbers, rankings and errors in words. */
import { headlineOf } from "../polyhead/top-result.js";
import { PolyheadError } from "../polyhead/index.js";
import { errors } from "../polyhead/texts/errors-en.js";
import { brief } from "./display-name.js";

/** @import { Ranking } from "../polyhead/types.js" */

/**
 * @param {number} share 0..1
 * @returns {string} whole percent; what is neither none nor all is not rounded to it
 */
export function percent(share) {
  const whole = Math.round(share * 100);
  if (share > 0 && whole === 0) {
    return "< 1 %";
  }
  if (share < 1 && whole === 100) {
    return "> 99 %";
  }
  return `${whole} %`;
}

/**
 * @param {number} bytes
 * @returns {string} in units of a million bytes
 */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * @param {string[]} all
 * @returns {string} "a", "a and b", "a, b and c"
 */
export function list(all) {
  const names = all.map(brief);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The answer where a model says that none of its labels is right. */
export const NONE = "None of these";

/**
 * @param {Ranking} ranking
 * @returns {{ label: string, probability: number, facts: string }}
 */
export function winnerOf(ranking) {
  const headline = headlineOf(ranking);
  if (headline.none) {
    const { probability } = headline;
    return { label: NONE, probability, facts: percent(probability) };
  }
  if (!headline.first) {
    return { label: "No label", probability: 0, facts: "" };
  }
  const { label, probability, heads } = headline.first;
  return { label: brief(label), probability, facts: `${percent(probability)}, from ${list(heads)}` };
}

/**
 * @param {Ranking} ranking
 * @returns {string} what a screen reader says, as "t-shirt, 93 %, from clothes"
 */
export function announcement(ranking) {
  const { label, facts } = winnerOf(ranking);
  return facts ? `${label}, ${facts}` : label;
}

/**
 * @param {unknown} error
 * @returns {{ words: string, detail: string }} one sentence for people, and the facts
 */
export function inWords(error) {
  const detail = error instanceof Error ? error.message : String(error);
  /** @type {Record<string, string>} */
  const table = errors;
  return { words: (error instanceof PolyheadError && table[error.code]) || table.unknown, detail };
}
