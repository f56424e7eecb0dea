/** The page's language: the one chosen earlier, or the browser's. */

/** The languages' own names. */
export const NAMES = { en: "English", de: "Deutsch" };

/** @typedef {keyof typeof NAMES} Language */

/** Where the choice is stored. */
const KEY = "polyhead-language";

/** @type {(() => void)[]} */
const listeners = [];

/** @type {Language} */
export let language = stored() ?? preferred();
document.documentElement.lang = language;

/** @param {() => void} listener called after the language changed, in the order of the calls */
export function onLanguage(listener) {
  listeners.push(listener);
}

/** @param {Language} to */
export function changeLanguage(to) {
  language = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // Storage is forbidden or full: the choice lasts until the page is closed.
  }
  for (const listener of listeners) {
    listener();
  }
}

function stored() {
  try {
    return named(localStorage.getItem(KEY));
  } catch {
    return undefined;
  }
}

function preferred() {
  return navigator.languages.map((tag) => named(tag.toLowerCase().split("-")[0])).find(Boolean) ?? "en";
}

/** @param {string | null} name */
function named(name) {
  return known().find((one) => one === name);
}

/** The available languages. */
export function known() {
  return /** @type {Language[]} */ (Object.keys(NAMES));
}
