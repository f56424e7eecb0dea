/** Step 5: the model with its current rule, on an image or the camera. */
import { watchCameraControls } from "../page/camera-controls.js";
import { defineElement, listen } from "../page/classifier-element.js";
import { showLabels } from "../page/labels.js";
import { explainScale, showScores, watchScale } from "../page/score-mode.js";

/**
 * @import { Source } from "../polyhead/types.js"
 * @import { ProjectClient } from "./project-client.js"
 */

/** @param {ProjectClient} client */
export function watchTry(client) {
  /** The image that is shown. @type {Source | undefined} */
  let shown;
  const classify = async (/** @type {Source} */ source) => {
    const image = source instanceof Blob ? source : await createImageBitmap(/** @type {HTMLVideoElement} */ (source), { colorSpaceConversion: "none" });
    // The raw scores may be selected.
    return client.call("classify", image, { logits: true });
  };
  const element = defineElement({ classifier: { labels: [], heads: [], classify } });
  const show = (/** @type {Source} */ image) => element.classify(image).catch(() => {});
  listen(element, "ranking", ({ ranking, live, source }) => {
    shown = live ? undefined : source;
    showScores(ranking);
  });
  listen(element, "error", () => (shown = undefined));
  watchCameraControls(element);
  watchScale();
  return {
    show,
    /** Shows the changed model: its labels, and the new ranking of the image. */
    async renew() {
      const card = await client.call("card");
      showLabels(card.labels, card.heads.map(({ name }) => name));
      explainScale(card);
      await (shown && show(shown));
    },
  };
}
