/** Step 5: the model with its current rule, on an image or the camera. */
import { watchCameraControls } from "../page/camera-controls.js";
import { defineElement, listen } from "../page/classifier-element.js";
import { showLabels } from "../page/labels.js";
import { explainScale, showScores, watchScale } from "../page/score-mode.js";

/**
 * @import { Source } from "../polyhead/types.js"
 * @import { Shop } from "./project-client.js"
 */

/** The scale may be the raw scores'. */
const LOGITS = { logits: true };

export class Try {
  #shop;
  #element;
  /** The image that is shown. @type {Source | undefined} */
  #shown;

  /** @param {Shop} shop */
  constructor(shop) {
    this.#shop = shop;
    const classify = async (/** @type {Source} */ source) =>
      shop.call(
        "classify",
        source instanceof Blob ? source : await createImageBitmap(/** @type {HTMLVideoElement} */ (source), { colorSpaceConversion: "none" }),
        LOGITS,
      );
    this.#element = defineElement({ classifier: { labels: [], heads: [], classify } });
    listen(this.#element, "ranking", ({ ranking, live, source }) => {
      this.#shown = live ? undefined : source;
      showScores(ranking);
    });
    listen(this.#element, "error", () => (this.#shown = undefined));
    watchCameraControls(this.#element);
    watchScale();
  }

  /** @param {Source} image */
  show(image) {
    return this.#element.classify(image).catch(() => {});
  }

  /** Shows the changed model: its labels, and the image's new ranking. */
  async renew() {
    const card = await this.#shop.call("card");
    showLabels(card.labels, card.heads.map(({ name }) => name));
    explainScale(card);
    if (this.#shown) {
      await this.show(this.#shown);
    }
  }
}
