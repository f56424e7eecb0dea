/** How far the model is. */
import { byId } from "./dom.js";
import { megabytes } from "./messages.js";
import { texts } from "./texts.js";

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
    words.textContent = texts.preparing;
  } else {
    words.textContent = total
      ? texts.loadingOf(megabytes(loaded), megabytes(total))
      : texts.loadingSize(megabytes(loaded));
  }
}

export function hideProgress() {
  byId("loading", HTMLElement).hidden = true;
}
