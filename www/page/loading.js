/** How far the model is. */
import { byId } from "./dom.js";
import { megabytes } from "./messages.js";

/** @import { Progress } from "../polyhead/types.js" */

/** @param {Progress} progress */
export function showProgress({ stage, loaded, total }) {
  const bar = byId("loading-bar", HTMLProgressElement);
  const words = byId("loading-words", HTMLElement);
  byId("loading", HTMLElement).hidden = false;
  if (stage === "prepare" || !total) {
    bar.removeAttribute("value");
  } else {
    bar.max = total;
    bar.value = loaded;
  }
  if (stage === "prepare") {
    words.textContent = "Preparing the model";
  } else {
    words.textContent = total
      ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`
      : `Loading the model: ${megabytes(loaded)}`;
  }
}

export function hideProgress() {
  byId("loading", HTMLElement).hidden = true;
}
