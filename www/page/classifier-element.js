/** The `<polyhead-classifier>` of the page. */
import { PolyheadClassifier } from "../polyhead/element/element.js";
import { byId } from "./dom.js";
import { language, onLanguage } from "./language.js";

/**
 * @import { LiveCamera } from "../polyhead/element/live-camera.js"
 * @import { Ranking, Source } from "../polyhead/types.js"
 *
 * @typedef {object} Details of the element's events
 * @property {unknown} ready
 * @property {{ files: File[] }} files
 * @property {{ ranking: Ranking, live: boolean, source: Source, size: { width: number, height: number } }} ranking
 * @property {LiveCamera["state"]} camera
 * @property {{ error: Error }} error
 */

/**
 * Defines the element, which then begins to load its model.
 *
 * @param {Partial<Pick<PolyheadClassifier, "classifier">>} [properties] set before the element loads its model
 */
export function defineElement(properties) {
  const found = byId("classifier", HTMLElement);
  Object.assign(found, properties);
  // The service worker stores the page's files, including these.
  PolyheadClassifier.loadOptions = { cache: false };
  customElements.define("polyhead-classifier", PolyheadClassifier);
  onLanguage(() => (found.lang = language));
  for (const [type, filled] of Object.entries({ ranking: true, error: false, camera: false })) {
    found.addEventListener(type, () => found.classList.toggle("filled", filled));
  }
  return byId("classifier", PolyheadClassifier);
}

/**
 * @template {keyof Details} Type
 * @param {PolyheadClassifier} element
 * @param {Type} type
 * @param {(detail: Details[Type], event: Event) => void} listener
 */
export function listen(element, type, listener) {
  element.addEventListener(type, (event) => listener(/** @type {CustomEvent<Details[Type]>} */ (event).detail, event));
}
