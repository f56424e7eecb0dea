/** Defines `<polyhead-classifier>`, unless it is defined or this is a server. */
import { PolyheadClassifier } from "./element.js";

export { PolyheadClassifier };

if (globalThis.customElements && !customElements.get("polyhead-classifier")) {
  customElements.define("polyhead-classifier", PolyheadClassifier);
}
