/** Names from files, prepared for display: labels, heads, paths. */
import { cleaned, isBlank } from "../polyhead/sanitize.js";
import { texts } from "./texts.js";

/** The number of characters of a name that fit on a line. */
export const ROOM = 120;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name from a file, prepared for display in a sentence: it does not change the direction of other words, is at most a few lines
 * long, and is never empty.
 *
 * @param {string} name
 */
export function brief(name) {
  if (isBlank(name)) {
    return texts.noName;
  }
  const letters = name.length > ROOM ? [...name] : [];
  const short = letters.length > ROOM ? letters.slice(0, ROOM).join("") + "…" : name;
  const plain = cleaned(short.replace(/[\u2068\u2069]/g, "\ufffd"));
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}
