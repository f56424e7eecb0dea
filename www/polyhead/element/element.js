/** `<polyhead-classifier>`: an image or the camera in, a ranking out. */
import { abortable, reasonOf } from "../queue.js";
import { PolyheadError } from "../error.js";
import { languageOf } from "./attributes.js";
import { watchIntake } from "./file-input.js";
import { LiveCamera } from "./live-camera.js";
import { ModelLoader } from "./model-loader.js";
import { Properties } from "./properties.js";
import { cut } from "./ranking.js";
import { View } from "./view.js";

/**
 * @import { Classifier } from "../classifier.js"
 * @import { LoadOptions, Ranking, Source } from "../types.js"
 * @import { Given } from "./model-loader.js"
 * @import { Model } from "./shared-classifier.js"
 * @import { OwnTexts } from "./texts.js"
 */

/**
 * Ranks the labels of an image or of camera frames in the user's browser.
 *
 * @element polyhead-classifier
 *
 * @attr {string} model - address of a merged file; by default the model in the wasm module
 * @attr {boolean} camera - shows a button that starts the camera
 * @attr {boolean} multiple - several files can be chosen at once; see the event `files`
 * @attr {boolean} logits - rankings in events include the raw scores
 * @attr {"user" | "environment"} facing-mode - the camera: towards the user, or away; by default away on phones
 * @attr {number} top-k - maximum number of labels; by default 5
 * @attr {number} threshold - minimum probability of a label, 0 to 1; by default 0
 * @attr {"eager" | "lazy"} loading - when the model is loaded: immediately, or once the element is in view; by default `eager`
 * @attr {"on" | "off"} smoothing - whether the ranking of camera frames is smoothed over time; by default `on`
 * @attr {string} lang - language of the texts: `en`, `de`, or one that was added; by default that of the page
 *
 * @fires {CustomEvent<{ labels: Label[], heads: string[] }>} ready - the model is loaded
 * @fires {CustomEvent<Progress>} progress - a part of the model was received
 * @fires {CustomEvent<{ files: File[] }>} files - files were chosen, dropped or pasted; `preventDefault()` leaves them to the page
 * @fires {CustomEvent<{ ranking: Ranking, live: boolean, source: Source, size: { width: number, height: number } }>} ranking - an image, or with `live` a camera frame, is ranked; `size`: of the image as it is shown
 * @fires {CustomEvent<{ state: CameraState, devices: Device[], deviceId?: string, mirrored: boolean }>} camera - the camera's state changed
 * @fires {CustomEvent<{ error: Error }>} error - the model did not load, an image was not ranked, or the camera is off
 *
 * @slot invitation - text where the image will be
 * @slot overlay - shown over the image, in its place and size
 * @slot buttons - next to the button for a file
 * @slot help - below the buttons
 * @slot empty - in place of the ranking, before there is one
 * @slot details - below the ranking
 *
 * @csspart box - everything
 * @csspart input - image and buttons
 * @csspart result - error and ranking
 * @csspart stage - area of the image, and drop target
 * @csspart preview - the image, a canvas
 * @csspart video - the camera's image
 * @csspart invitation - the text where the image will be
 * @csspart loading - text and bar while the model is loaded
 * @csspart progress - the bar
 * @csspart controls - the row of buttons
 * @csspart button - every button
 * @csspart choose-button - the button for a file
 * @csspart camera-button - the button that starts and stops the camera
 * @csspart device-picker - the choice of cameras
 * @csspart error - the error
 * @csspart error-text - the remedy, in the element's language
 * @csspart error-detail - the error's own message
 * @csspart again-button - the button that tries again
 * @csspart answer - ranking, "none of these" and time
 * @csspart ranking - the list of labels
 * @csspart row - one label
 * @csspart top-row - the most probable label, if exactly one is right
 * @csspart label - a label's text
 * @csspart heads - the heads that a label comes from
 * @csspart value - a probability as number
 * @csspart bar - a probability's bar
 * @csspart fill - the filled part of the bar
 * @csspart none - the probability of "none of these", if the model yields it
 * @csspart top-none - the same before all labels, if it is above 0.5
 * @csspart time - the time of the ranking
 *
 * @cssprop [--polyhead-accent=#3b82f6] - bars, focus and drop outlines
 * @cssprop [--polyhead-background=transparent] - background of the image
 * @cssprop [--polyhead-color=inherit] - texts
 * @cssprop [--polyhead-error=#dc2626] - the line next to an error
 * @cssprop [--polyhead-font=inherit] - the whole font
 * @cssprop [--polyhead-gap=0.75rem] - between stage, buttons and answer
 * @cssprop [--polyhead-line=#8888] - outlines of stage and buttons
 * @cssprop [--polyhead-radius=0.75rem] - radius of their corners
 * @cssprop [--polyhead-ratio=4 / 3] - the stage's width to its height
 * @cssprop [--polyhead-track=#8883] - the empty part of a bar
 */
export class PolyheadClassifier extends Properties {
  static observedAttributes = ["model", "camera", "multiple", "facing-mode", "lang", "loading", "smoothing"];

  /**
   * Options of every element for loading its model.
   *
   * @type {Pick<LoadOptions, "threads" | "workerUrl" | "moduleUrl" | "wasmUrl" | "cache" | "idleSeconds">}
   */
  static loadOptions = {};

  #view;
  #camera;
  #loader;
  /** @type {Exclude<Model, string | URL>} a file set by a script */
  #file;
  /** @type {OwnTexts} */
  #texts = {};
  /** The error of loading the model, while it is shown. @type {unknown} */
  #unloaded;
  /** Aborts the previous image. */
  #newest = new AbortController();
  /** Whether the element is in a page; a move does not change it. */
  #placed = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    this.#view = new View(root);
    const { parts } = this.#view;
    this.#camera = new LiveCamera(parts.video, {
      rank: async (video) => (await this.load()).classify(video, { logits: this.logits }),
      smooth: () => this.smoothing === "on",
      onRanking: (whole, frameMilliseconds) => this.#show({ ranking: cut(whole, this), frameMilliseconds }, parts.video),
      onChange: () => this.#showCamera(),
      onError: (error) => {
        this.#view.clear();
        this.#fail(error, () => this.#startCamera());
      },
    });
    this.#loader = new ModelLoader({
      onLoad: () => {
        this.#view.loadErrorTexts();
        this.#view.showProgress({ stage: "download", loaded: 0 });
        return { model: this.model, options: PolyheadClassifier.loadOptions };
      },
      onProgress: (progress) => {
        this.#view.showProgress(progress);
        this.#tell("progress", progress);
      },
      onReady: ({ labels, heads }) => {
        this.#view.showProgress(undefined);
        if (this.#unloaded) {
          this.#view.clearError();
        }
        this.#tell("ready", { labels, heads });
      },
      onError: (error) => {
        this.#view.showProgress(undefined);
        this.#fail(asError(error), () => this.load().catch(() => {}));
        this.#unloaded = error;
      },
    });
    watchIntake(this, parts, (files) => this.#take(files));
    parts.camera.addEventListener("click", () => (this.#camera.off ? this.#startCamera() : this.#keepFrame()));
    parts.devices.addEventListener("change", () => this.#startCamera(parts.devices.value));
  }

  /** A classifier of the page, instead of one that the element loads. @type {Given | undefined} */
  get classifier() {
    return this.#loader.given;
  }

  set classifier(classifier) {
    this.#loader.given = classifier;
    this.#reload();
  }

  /** The merged file: its address, or the file itself. @type {Model} */
  get model() {
    return this.#file ?? this.getAttribute("model") ?? undefined;
  }

  set model(model) {
    if (model === undefined || typeof model === "string" || model instanceof URL) {
      this.#file = undefined;
      this.reflect("model", model === undefined ? null : String(model));
    } else {
      this.#file = model;
      this.#reload();
    }
  }

  /** Texts of this element only, instead of those of its language. @type {OwnTexts} */
  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#texts = { ...texts };
    this.#speak();
  }

  /**
   * The classifier, which is loaded first if necessary.
   *
   * @returns {Promise<Classifier>} rejects as the library does, after the error was shown
   */
  load() {
    return /** @type {Promise<Classifier>} */ (this.#loader.load());
  }

  /**
   * Ranks and shows an image; cancels an earlier one that is not ranked yet, and stops a running camera.
   *
   * @param {Source | Promise<Source>} source
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Ranking>} rejects as the library does, after the error was shown
   */
  async classify(source, { signal } = {}) {
    this.stopCamera();
    this.#newest.abort();
    this.#newest = new AbortController();
    const newest = this.#newest.signal;
    this.#view.setWaiting();
    try {
      if (signal?.aborted) {
        throw reasonOf(signal);
      }
      const { image, ranking } = await abortable(this.#rank(source), newest, signal);
      await this.#view.showImage(image).catch(() => {});
      if (!newest.aborted) {
        this.#show({ ranking }, image);
      }
      return ranking;
    } catch (thrown) {
      if (!newest.aborted) {
        this.#view.clear();
        if (!signal?.aborted && thrown !== this.#unloaded) {
          await this.#fail(asError(thrown));
        }
      }
      throw thrown;
    } finally {
      this.#leaveIfRemoved();
    }
  }

  /**
   * Call it in a user's action: browsers then ask for permission.
   *
   * @param {string} [deviceId] by default the one that `facing-mode` names
   * @returns {Promise<void>} rejects with a `PolyheadError`, after the error was shown
   */
  async startCamera(deviceId) {
    this.#newest.abort();
    this.#view.clear();
    this.#view.clearError();
    try {
      this.load().catch(() => {});
      await this.#camera.start({ facing: this.facingMode, deviceId });
    } catch (error) {
      await this.#fail(asError(error), () => this.#startCamera(deviceId));
      throw error;
    } finally {
      this.#leaveIfRemoved();
    }
  }

  /** Stops every track of the camera. */
  stopCamera() {
    this.#camera.stop();
  }

  connectedCallback() {
    this.rescue();
    this.#placed = true;
    this.#speak();
    this.#loader.begin(this);
  }

  disconnectedCallback() {
    // A move removes an element and inserts it again immediately.
    queueMicrotask(() => this.#leaveIfRemoved());
  }

  /** An atomic move (`moveBefore`) needs nothing. */
  connectedMoveCallback() {}

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (!this.#placed || before === now) {
      return;
    }
    if (name === "model") {
      this.#file = undefined;
      this.#reload();
    } else if (name === "facing-mode" && !this.#camera.off) {
      this.#startCamera();
    } else if (name === "loading") {
      this.#loader.begin(this);
    } else if (name === "smoothing") {
      this.#camera.smoothing.reset();
    } else {
      this.#speak();
    }
  }

  #speak() {
    this.#view.speak(languageOf(this), this.#texts);
    this.#view.parts.file.multiple = this.multiple;
    this.#view.showCamera(this.#camera.state, this.camera);
  }

  #showCamera() {
    this.#view.showCamera(this.#camera.state, this.camera);
    this.#tell("camera", this.#camera.state);
  }

  #release() {
    this.#loader.release();
    this.#view.showProgress(undefined);
  }

  #reload() {
    this.#newest.abort();
    this.#view.clear();
    this.#view.clearError();
    this.#camera.smoothing.reset();
    if (this.#placed) {
      this.#release();
      this.#loader.begin(this);
    }
  }

  #leaveIfRemoved() {
    if (!this.isConnected) {
      this.#placed = false;
      this.#newest.abort();
      this.#loader.rest();
      this.stopCamera();
      this.#release();
      this.#view.silence();
    }
  }

  /** @param {Source | Promise<Source>} source */
  async #rank(source) {
    const { signal } = this.#newest;
    const [image, classifier] = await Promise.all([source, this.load()]);
    const { topK, threshold, logits } = this;
    return { image, ranking: await classifier.classify(image, { topK, threshold, logits, signal }) };
  }

  /**
   * @param {{ ranking: Ranking, frameMilliseconds?: number }} shown
   * @param {Source} source
   */
  #show(shown, source) {
    const { ranking, frameMilliseconds } = shown;
    const { width, height } = this.#view.parts.canvas;
    this.#view.clearError();
    this.#view.showRanking(shown);
    this.#tell("ranking", { ranking, live: frameMilliseconds !== undefined, source, size: { width, height } });
  }

  /** @param {File[]} files */
  #take(files) {
    if (this.#tell("files", { files })) {
      // An image, otherwise any file: the classifier reports its kind.
      const image = files.find(({ type }) => type.startsWith("image/")) ?? files[0];
      const none = new PolyheadError("no-image", "expected an image file, found none; drop or paste an image");
      this.classify(image ?? Promise.reject(none)).catch(() => {});
    }
  }

  /** Stops the camera; its last frame stays as an image. */
  #keepFrame() {
    const frame = this.#camera.frame();
    this.stopCamera();
    if (frame) {
      this.classify(frame).catch(() => {});
    }
  }

  /** @param {string} [deviceId] */
  #startCamera(deviceId) {
    this.startCamera(deviceId).catch(() => {});
  }

  /**
   * @param {Error} error
   * @param {() => void} [retry]
   */
  async #fail(error, retry) {
    this.#unloaded = undefined;
    await this.#view.showError(error, retry);
    this.#tell("error", { error });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   * @returns {boolean} whether the page leaves it to the element
   */
  #tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, cancelable: type === "files" }));
  }

}

/** @param {unknown} thrown */
function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
