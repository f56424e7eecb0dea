/** The texts of error codes, by language: loaded next to the model, not with the first bundle. */

/** @typedef {{ [Code in keyof typeof import("./errors-en.js").errors]: string }} ErrorTexts */

/** @type {Record<string, Record<string, string>>} */
const loaded = {};

/** @param {string} lang a language tag, such as "de-AT" */
export async function loadErrorTexts(lang) {
  const { errors } = await (/^de\b/i.test(lang) ? import("./errors-de.js") : import("./errors-en.js"));
  loaded[lang] = errors;
}

/** @param {string} lang @param {string} code @returns {string | undefined} undefined until they are loaded */
export function errorText(lang, code) {
  return loaded[lang]?.[code] ?? loaded[lang]?.unknown;
}
