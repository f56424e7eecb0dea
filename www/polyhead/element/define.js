/** Defines `<polyhead-classifier>`, where there is anything to define it in. */
import { PolyheadClassifier } from "./element.js";

export { PolyheadClassifier };

if (globalThis.customElements && !customElements.get("polyhead-classifier")) {
  customElements.define("polyhead-classifier", PolyheadClassifier);
}
