/** Text from files, prepared for display. Programs get it unchanged. */

/** Control characters without a glyph, and those that change the direction of the following text (Unicode TR 9). */
const CONTROLS = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066\u2067]/gu;

/** @param {string} text */
export function cleaned(text) {
  return text.replace(CONTROLS, "\ufffd");
}

/** @param {string} text @returns {boolean} whether it has no visible letter */
export function isBlank(text) {
  return /^[\s\p{C}\u2800\u3164]*$/u.test(text);
}
