/** The element's texts by language; pages may add languages and replace texts. Those for errors are in `../texts`. */

/**
 * @typedef {typeof en} Texts `{name}` is replaced by a value
 * @typedef {{ [Key in keyof Texts]?: string } & { [code: `error:${string}`]: string }} OwnTexts `error:CODE`: for an error
 */

const en = {
  invitation: "Drop an image here",
  choose: "Choose an image",
  startCamera: "Start the camera",
  stopCamera: "Stop the camera",
  devices: "Camera",
  device: "Camera {name}",
  loading: "Loading the model",
  loadingPart: "Loading the model: {percent}",
  preparing: "Preparing the model",
  preview: "The image",
  namedPreview: "The image {name}",
  again: "Try again",
  none: "None of these: {percent}",
  noneLive: "None of these",
  time: "{milliseconds} ms",
  frameTime: "{milliseconds} ms per frame",
  result: "{label}, {percent}",
  noName: "(no name)",
  noLabel: "No label is probable enough",
  failed: "That did not work.",
};

/** @type {Texts} */
const de = {
  invitation: "Bild hier ablegen",
  choose: "Bild auswählen",
  startCamera: "Kamera starten",
  stopCamera: "Kamera stoppen",
  devices: "Kamera",
  device: "Kamera {name}",
  loading: "Das Modell wird geladen",
  loadingPart: "Das Modell wird geladen: {percent}",
  preparing: "Das Modell wird vorbereitet",
  preview: "Das Bild",
  namedPreview: "Das Bild {name}",
  again: "Noch einmal versuchen",
  none: "Nichts davon: {percent}",
  noneLive: "Nichts davon",
  time: "{milliseconds} ms",
  frameTime: "{milliseconds} ms je Bild",
  result: "{label}, {percent}",
  noName: "(ohne Namen)",
  noLabel: "Kein Label ist wahrscheinlich genug",
  failed: "Das hat nicht geklappt.",
};

/** @type {Map<string, OwnTexts>} */
const languages = new Map(Object.entries({ en, de }));

/**
 * Adds a language, or replaces texts of one, for elements that are created later.
 *
 * @param {string} lang as in the attribute `lang`: "fr", or "fr-CA"
 * @param {OwnTexts} texts missing ones stay unchanged, or English
 */
export function addTexts(lang, texts) {
  const key = lang.toLowerCase();
  languages.set(key, { ...languages.get(key), ...texts });
}

/**
 * @param {string} lang
 * @param {OwnTexts} own texts of one element
 */
export function textsFor(lang, own) {
  const parts = lang.toLowerCase().split("-");
  const found = parts.map((_, index) => languages.get(parts.slice(0, index + 1).join("-")));
  return /** @type {Texts & OwnTexts} */ (Object.assign({}, en, ...found, own));
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
