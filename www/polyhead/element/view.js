/** Shows ranking, image, camera, progress and errors in the element's language. */
import { errorText, loadErrorTexts } from "../texts/errors.js";
import { headlineOf } from "../top-result.js";
import { cleaned } from "../sanitize.js";
import { Announcer } from "./live-region.js";
import { make } from "./dom.js";
import { draw } from "./preview.js";
import { showRows } from "./ranking.js";
import { style } from "./style.js";
import { build } from "./template.js";
import { fill, textsFor } from "./texts.js";

/**
 * @import { Camera } from "../camera/camera.js"
 * @import { Progress, Ranking, Source } from "../types.js"
 * @import { OwnTexts } from "./texts.js"
 *
 * @typedef {object} Shown
 * @property {Ranking} ranking
 * @property {number} [frameMilliseconds] of a camera's frames
 */

/** Milliseconds between two updates of the frame time. */
const READING = 500;

export class View {
  parts = build();
  #announcer = new Announcer(this.parts.status);
  /** @type {ReturnType<typeof textsFor>} */
  #texts = textsFor("en", {});
  #lang = "en";
  /** @type {Shown | undefined} */
  #shown;
  /** @type {{ error: Error, retry?: () => void } | undefined} */
  #failure;
  /** @type {Progress | undefined} */
  #progress;
  #read = -Infinity;
  /** Counts images, so that one that is decoded late does not cover a newer one. */
  #image = 0;

  /** @param {ShadowRoot} root */
  constructor(root) {
    root.adoptedStyleSheets = [style()];
    root.append(this.parts.root);
    this.parts.again.addEventListener("click", () => this.#failure?.retry?.());
  }

  /**
   * @param {string} lang
   * @param {OwnTexts} own
   */
  speak(lang, own) {
    const { parts } = this;
    this.#texts = textsFor(lang, own);
    this.#lang = lang;
    parts.invitation.textContent = this.#texts.invitation;
    parts.choose.textContent = this.#texts.choose;
    parts.again.textContent = this.#texts.again;
    parts.canvas.setAttribute("aria-label", this.#texts.preview);
    parts.devices.setAttribute("aria-label", this.#texts.devices);
    parts.video.setAttribute("aria-label", this.#texts.devices);
    if (this.#shown) {
      this.#read = -Infinity;
      this.showRanking(this.#shown);
    }
    if (this.#failure) {
      this.loadErrorTexts();
    }
    this.showProgress(this.#progress);
  }

  /** @param {Progress | undefined} progress undefined once the model is loaded */
  showProgress(progress) {
    const { loading, loadingWords, bar } = this.parts;
    this.#progress = progress;
    loading.hidden = !progress;
    if (!progress) {
      return;
    }
    const { stage, loaded, total } = progress;
    if (stage === "download" && total) {
      bar.max = total;
      bar.value = loaded;
      loadingWords.textContent = fill(this.#texts.loadingPart, { percent: this.#percent(loaded / total, 0) });
    } else {
      bar.removeAttribute("value");
      loadingWords.textContent = stage === "prepare" ? this.#texts.preparing : this.#texts.loading;
    }
  }

  /** @param {Shown} shown */
  showRanking(shown) {
    const { answer, ranking: list, none, details } = this.parts;
    const { ranking, frameMilliseconds } = shown;
    this.#shown = shown;
    answer.hidden = false;
    this.#showEmpty();
    this.#endWaiting();
    const outside = headlineOf(ranking).none;
    showRows(list, ranking.labels, (probability) => this.#percent(probability), this.#texts.noName, outside ? undefined : 0);
    none.hidden = ranking.none === undefined;
    none.setAttribute("part", outside ? "none top-none" : "none");
    none.textContent = this.#none(ranking.none ?? 0);
    // The most likely result comes first, also for screen readers.
    const next = outside ? list : details;
    if (none.nextElementSibling !== next) {
      answer.insertBefore(none, next);
    }
    this.#showTime(ranking.milliseconds, frameMilliseconds);
    this.#announce(ranking, frameMilliseconds !== undefined);
  }

  /** The shown ranking belongs to an earlier image. */
  setWaiting() {
    this.parts.answer.classList.add("old");
    this.parts.answer.setAttribute("aria-busy", "true");
    this.#announcer.forget();
  }

  #endWaiting() {
    this.parts.answer.classList.remove("old");
    this.parts.answer.removeAttribute("aria-busy");
  }

  /** The texts of errors: until they are loaded, an error is shown with a general sentence. */
  async loadErrorTexts() {
    await loadErrorTexts(this.#lang).catch(() => {});
    this.#showFailure();
  }

  /**
   * @param {Error} error
   * @param {() => void} [retry]
   * @returns {Promise<void>} resolves once its text is shown
   */
  showError(error, retry) {
    this.#failure = { error, retry };
    this.#showFailure();
    return this.loadErrorTexts();
  }

  #showFailure() {
    if (this.#failure) {
      const { failure, errorText: text, errorDetail, again } = this.parts;
      const { error, retry } = this.#failure;
      const code = "code" in error ? String(error.code) : "";
      failure.hidden = false;
      this.#showEmpty();
      text.textContent = this.#texts[`error:${code}`] ?? errorText(this.#lang, code) ?? this.#texts.failed;
      errorDetail.textContent = cleaned(error.message);
      again.hidden = !retry;
    }
  }

  clearError() {
    this.#failure = undefined;
    this.parts.failure.hidden = true;
    this.#showEmpty();
  }

  #showEmpty() {
    this.parts.empty.hidden = Boolean(this.#shown || this.#failure);
  }

  /** @param {Source} source */
  async showImage(source) {
    const { canvas, inviting } = this.parts;
    const image = ++this.#image;
    const drawn = make("canvas");
    await draw(drawn, source);
    if (image === this.#image) {
      canvas.width = drawn.width;
      canvas.height = drawn.height;
      canvas.getContext("2d")?.drawImage(drawn, 0, 0);
      canvas.setAttribute("aria-label", source instanceof File ? fill(this.#texts.namedPreview, { name: cleaned(source.name) }) : this.#texts.preview);
      canvas.hidden = false;
      inviting.hidden = true;
    }
  }

  /** Image and ranking are removed together: one is useless without the other. */
  clear() {
    const { answer, canvas, inviting } = this.parts;
    this.#image += 1;
    this.#shown = undefined;
    this.#endWaiting();
    answer.hidden = true;
    canvas.hidden = true;
    inviting.hidden = false;
    this.#showEmpty();
  }

  /**
   * @param {Pick<Camera, "state" | "devices" | "deviceId" | "mirrored">} camera
   * @param {boolean} offered
   */
  showCamera({ state, devices, deviceId, mirrored }, offered) {
    const { camera: button, devices: picker, video, inviting, canvas } = this.parts;
    const off = state === "off";
    button.hidden = !offered && off;
    button.textContent = off ? this.#texts.startCamera : this.#texts.stopCamera;
    video.hidden = off;
    video.classList.toggle("mirrored", mirrored);
    inviting.hidden = !off || !canvas.hidden;
    picker.hidden = off || devices.length < 2;
    picker.replaceChildren(
      ...devices.map(({ id, label }) => {
        const name = /^\d+$/.test(label) ? fill(this.#texts.device, { name: label }) : label;
        const option = make("option", { value: id }, name);
        option.selected = id === deviceId;
        return option;
      }),
    );
  }

  silence() {
    this.#announcer.silence();
  }

  /**
   * @param {number} milliseconds
   * @param {number | undefined} frameMilliseconds
   */
  #showTime(milliseconds, frameMilliseconds) {
    const now = performance.now();
    if (frameMilliseconds === undefined) {
      this.parts.time.textContent = fill(this.#texts.time, { milliseconds: Math.round(milliseconds) });
    } else if (now - this.#read > READING) {
      this.#read = now;
      this.parts.time.textContent = fill(this.#texts.frameTime, { milliseconds: Math.round(frameMilliseconds) });
    }
  }

  /**
   * Only the label of a camera frame: its probability changes with every frame.
   *
   * @param {Ranking} ranking
   * @param {boolean} moving
   */
  #announce(ranking, moving) {
    const headline = headlineOf(ranking);
    if (headline.none) {
      this.#announcer.say(moving ? this.#texts.noneLive : this.#none(headline.probability));
    } else if (!headline.first) {
      this.#announcer.say(this.#texts.noLabel);
    } else if (moving) {
      this.#announcer.say(headline.first.label);
    } else {
      const { label, probability } = headline.first;
      this.#announcer.say(fill(this.#texts.result, { label, percent: this.#percent(probability) }));
    }
  }

  /** @param {number} probability */
  #none(probability) {
    return fill(this.#texts.none, { percent: this.#percent(probability) });
  }

  /**
   * @param {number} probability
   * @param {number} [digits]
   */
  #percent(probability, digits = 1) {
    const step = 10 ** (-2 - digits);
    const format = (/** @type {number} */ share) =>
      share.toLocaleString(this.#lang, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
    // Only 0 and 1 are rounded to 0 % and 100 %.
    if (probability > 0 && probability < step / 2) {
      return `< ${format(step)}`;
    }
    return probability < 1 && probability > 1 - step / 2 ? `> ${format(1 - step)}` : format(probability);
  }
}
