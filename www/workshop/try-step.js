/** Step 5: the model as it is taken, on an image or the camera. */
import { clearAnswer, setWorking, showError, showKnowledge, showRanking } from "../page/answer.js";
import { watchCamera } from "../page/camera.js";
import { showPreview } from "../page/preview.js";
import { explainScale, watchScale } from "../page/score-mode.js";

/** @import { Shop } from "./project-client.js" */

/** The scale may be the raw scores'. */
const LOGITS = { logits: true };

export class Try {
  #shop;
  #stopCamera;
  /** @type {Blob | undefined} */
  #shown;
  /** Counts what comes onto the stage: an answer to something earlier is dropped. */
  #turn = 0;

  /** @param {Shop} shop */
  constructor(shop) {
    this.#shop = shop;
    watchScale();
    this.#stopCamera = watchCamera({
      onStart: () => {
        this.#turn += 1;
        this.#preview(undefined);
        clearAnswer();
        setWorking(false);
      },
      rank: async (video) => shop.call("classify", await createImageBitmap(video, { colorSpaceConversion: "none" }), LOGITS),
      onRanking: showRanking,
      onStop: async (image) => {
        clearAnswer();
        const still = await image;
        still ? this.show(still) : this.#preview(undefined);
      },
      onError: (error, again) => {
        this.#preview(undefined);
        showError(error, again);
      },
    });
  }

  /** @param {Blob} image */
  async show(image) {
    this.#stopCamera();
    const turn = ++this.#turn;
    setWorking(true);
    try {
      const ranking = await this.#shop.call("classify", image, LOGITS);
      if (turn === this.#turn) {
        await this.#preview(image);
        showRanking(ranking);
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.#preview(undefined);
        showError(error);
      }
    }
    if (turn === this.#turn) {
      setWorking(false);
    }
  }

  /** The model is another one: what stands here is asked again. */
  async renew() {
    const card = await this.#shop.call("card");
    showKnowledge(card.labels, card.heads.map(({ name }) => name));
    explainScale(card);
    if (this.#shown) {
      await this.show(this.#shown);
    }
  }

  /** @param {Blob | undefined} image one that the classifier took */
  async #preview(image) {
    this.#shown = image;
    await showPreview(image);
  }
}
