/** What the element says, by language; pages may add languages and replace texts. */

/**
 * @typedef {typeof en} Texts `{name}` stands for what the element puts there
 * @typedef {{ [Key in keyof Texts]?: string } & { [code: `error:${string}`]: string }} OwnTexts
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
  again: "Try again",
  none: "None of these: {percent}",
  noneLive: "None of these",
  time: "{milliseconds} ms",
  frameTime: "{milliseconds} ms a frame",
  result: "{label}, {percent}",
  noLabel: "No label is probable enough",
  failed: "That did not work.",
  "error:download": "The model could not be downloaded. Check the connection, then try again.",
  "error:not-an-image": "This file is no image that can be opened. Save it as PNG or JPEG.",
  "error:broken-image": "This image is damaged. Choose another.",
  "error:limit": "This image is too large. Scale it down.",
  "error:no-image": "There was no image in that.",
  "error:out-of-memory": "There is not enough memory. Close other pages, or choose a smaller image.",
  "error:worker-crashed": "The classifier stopped. Try again.",
  "error:worker-start": "The classifier could not start.",
  "error:no-simd": "This browser is too old. Update it.",
  "error:no-wasm": "This browser is too old. Update it.",
  "error:no-worker": "This browser is too old. Update it.",
  "error:no-canvas": "This browser is too old. Update it.",
  "error:camera-denied": "The camera is not allowed. Allow it in the address bar, and in the system's settings.",
  "error:camera-none": "No camera was found. Connect one, or choose another.",
  "error:camera-busy": "Another program uses the camera. Close it, then try again.",
  "error:camera-insecure": "Browsers give the camera only to secure pages. Open this page over https.",
  "error:camera-lost": "The camera is gone. Connect it again, then start it.",
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
  again: "Noch einmal versuchen",
  none: "Nichts davon: {percent}",
  noneLive: "Nichts davon",
  time: "{milliseconds} ms",
  frameTime: "{milliseconds} ms je Bild",
  result: "{label}, {percent}",
  noLabel: "Keine Bezeichnung ist wahrscheinlich genug",
  failed: "Das hat nicht geklappt.",
  "error:download": "Das Modell konnte nicht geladen werden. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
  "error:not-an-image": "Diese Datei ist kein Bild, das sich öffnen lässt. Speichern Sie es als PNG oder JPEG.",
  "error:broken-image": "Dieses Bild ist beschädigt. Wählen Sie ein anderes.",
  "error:limit": "Dieses Bild ist zu groß. Verkleinern Sie es.",
  "error:no-image": "Darin war kein Bild.",
  "error:out-of-memory": "Der Speicher reicht nicht. Schließen Sie andere Seiten oder wählen Sie ein kleineres Bild.",
  "error:worker-crashed": "Die Erkennung wurde unterbrochen. Versuchen Sie es noch einmal.",
  "error:worker-start": "Die Erkennung konnte nicht starten.",
  "error:no-simd": "Dieser Browser ist zu alt. Aktualisieren Sie ihn.",
  "error:no-wasm": "Dieser Browser ist zu alt. Aktualisieren Sie ihn.",
  "error:no-worker": "Dieser Browser ist zu alt. Aktualisieren Sie ihn.",
  "error:no-canvas": "Dieser Browser ist zu alt. Aktualisieren Sie ihn.",
  "error:camera-denied": "Die Kamera ist nicht erlaubt. Erlauben Sie sie in der Adresszeile und in den Systemeinstellungen.",
  "error:camera-none": "Keine Kamera gefunden. Schließen Sie eine an oder wählen Sie eine andere.",
  "error:camera-busy": "Ein anderes Programm benutzt die Kamera. Schließen Sie es und versuchen Sie es noch einmal.",
  "error:camera-insecure": "Browser geben die Kamera nur sicheren Seiten. Öffnen Sie diese Seite über https.",
  "error:camera-lost": "Die Kamera ist weg. Schließen Sie sie wieder an und starten Sie sie dann.",
};

/** @type {Map<string, OwnTexts>} */
const languages = new Map(Object.entries({ en, de }));

/**
 * Adds a language, or replaces texts of one, for elements that are made afterwards.
 *
 * @param {string} lang as in the attribute `lang`: "fr", or "fr-CA"
 * @param {OwnTexts} texts those that are missing stay as they were, or English
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
