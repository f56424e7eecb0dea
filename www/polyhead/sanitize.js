/** Text out of files, made fit to stand among other words. What programs get of it stays as it is. */

/** Controls of no look of their own, and those that turn the direction of all that follows (Unicode TR 9). */
const CONTROLS = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066\u2067]/gu;

/** @param {string} text */
export function cleaned(text) {
  return text.replace(CONTROLS, "\ufffd");
}
