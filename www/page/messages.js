/** Numbers, rankings and errors as texts, in the page's language. */
import { headlineOf } from "../polyhead/top-result.js";
import { PolyheadError } from "../polyhead/index.js";
import { errors as de } from "../polyhead/texts/errors-de.js";
import { errors as en } from "../polyhead/texts/errors-en.js";
import { brief } from "./display-name.js";
import { language } from "./language.js";
import { texts } from "./texts.js";

/** @import { Ranking } from "../polyhead/types.js" */

/** The texts of error codes. @type {Record<string, Record<string, string>>} */
const ERRORS = { en, de };

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options) {
  return value.toLocaleString(language, options);
}

/**
 * @param {number} share 0..1
 * @returns {string} whole percent; only exactly 0 and 1 become 0 % and 100 %
 */
export function percent(share) {
  const whole = Math.round(share * 100);
  const inPercent = (/** @type {number} */ count) => number(count / 100, { style: "percent" });
  if (share > 0 && whole === 0) {
    return `< ${inPercent(1)}`;
  }
  if (share < 1 && whole === 100) {
    return `> ${inPercent(99)}`;
  }
  return inPercent(whole);
}

/**
 * @param {number} bytes
 * @returns {string} in units of 1,000,000 bytes
 */
export function megabytes(bytes) {
  return `${number(bytes / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;
}

/**
 * @param {string[]} all
 * @returns {string} such as "a, b, and c"
 */
export function list(all) {
  return new Intl.ListFormat(language).format(all.map(brief));
}

/**
 * @param {Ranking} ranking
 * @returns {{ label: string, probability: number }}
 */
export function winnerOf(ranking) {
  const headline = headlineOf(ranking);
  if (headline.none) {
    return { label: texts.noneOfThese, probability: headline.probability };
  }
  if (!headline.first) {
    return { label: texts.noLabel, probability: 0 };
  }
  const { label, probability } = headline.first;
  return { label: brief(label), probability };
}

/**
 * @param {unknown} error
 * @returns {{ words: string, detail: string }} a general sentence, and the error's own message
 */
export function inWords(error) {
  const detail = error instanceof Error ? error.message : String(error);
  const table = ERRORS[language];
  return { words: (error instanceof PolyheadError && table[error.code]) || table.unknown, detail };
}
