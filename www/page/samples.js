/** The images the page offers, each with its origin and licence. */
import { fetchFile } from "../polyhead/download.js";
import { button, byId, make } from "./dom.js";
import { language, onLanguage } from "./language.js";

/**
 * @typedef {object} Sample
 * @property {string} file name next to `samples.json`
 * @property {Record<string, string>} title by language
 * @property {string} origin
 * @property {string} licence
 */

const FOLDER = new URL("../samples/", import.meta.url);

/**
 * Shows the samples; without samples the section stays hidden.
 *
 * @param {(name: string, image: Promise<Blob>) => void} onImage
 */
export async function showSamples(onImage) {
  /** @type {Sample[]} */
  const samples = await fetch(new URL("samples.json", FOLDER))
    .then((response) => (response.ok ? response.json() : []))
    .catch(() => []);
  byId("sample-list", HTMLUListElement).replaceChildren(...samples.map((sample) => item(sample, onImage)));
  showTitles(samples);
  onLanguage(() => showTitles(samples));
  byId("samples", HTMLElement).hidden = samples.length === 0;
}

/** @param {Sample[]} samples */
function showTitles(samples) {
  document.querySelectorAll(".sample-title").forEach((place, index) => (place.textContent = samples[index].title[language]));
  byId("credit-list", HTMLUListElement).replaceChildren(
    ...samples.map(({ title, origin, licence }) => make("li", "", `${title[language]}: ${origin}, ${licence}`)),
  );
}

/** Marks the sample that is shown, or none. @param {string} [name] */
export function markSample(name) {
  for (const button of document.querySelectorAll(".sample")) {
    button.setAttribute("aria-pressed", String(button instanceof HTMLElement && button.dataset.file === name));
  }
}

/**
 * @param {Sample} sample
 * @param {(name: string, image: Promise<Blob>) => void} onImage
 */
function item({ file, origin, licence }, onImage) {
  const url = new URL(file, FOLDER).href;
  const image = make("img", { alt: "", loading: "lazy", decoding: "async", draggable: "false", src: url });
  const sample = button("", () => onImage(file, fetchFile(url)), { class: "sample", "data-file": file, "aria-pressed": "false" });
  sample.append(image, make("span", "sample-title"));
  // The full origin, with its package, is in the list below.
  return make("li", "", sample, make("p", "credit", `${origin.replace(/ \(.*\)$/, "")}, ${licence}`));
}
