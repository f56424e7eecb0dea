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
 * Ranks the labels of an image or of camera frames, in the browser of whoever looks at the page.
 *
 * @element polyhead-classifier
 *
 * @attr {string} model - address of a merged file; by default the model that the wasm module carries
 * @attr {boolean} camera - offers a button that starts the camera
 * @attr {boolean} multiple - several files can be chosen at once; see the event `files`
 * @attr {boolean} logits - rankings in events have the raw scores too
 * @attr {"user" | "environment"} facing-mode - which camera: towards the person, or away; by default away on phones
 * @attr {number} top-k - at most so many labels are shown; by default 5
 * @attr {number} threshold - labels of a smaller probability are left out; 0 to 1, by default 0
 * @attr {"eager" | "lazy"} loading - when the model is loaded: at once, or when the element comes into view; by default `eager`
 * @attr {"on" | "off"} smoothing - whether the ranking of camera frames is smoothed over time; by default `on`
 * @attr {string} lang - language of the texts: `en`, `de`, or one that was added; by default that of the page
 *
 * @fires {CustomEvent<{ labels: Label[], heads: string[] }>} ready - the model is loaded
 * @fires {CustomEvent<Progress>} progress - a part of the model has arrived
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
 * @csspart stage - where the image is; takes what is dropped
 * @csspart preview - the image, a canvas
 * @csspart video - the camera's image
 * @csspart invitation - the text where the image will be
 * @csspart loading - words and bar while the model is loaded
 * @csspart progress - the bar
 * @csspart controls - the row of buttons
 * @csspart button - every button
 * @csspart choose-button - the button for a file
 * @csspart camera-button - the button that starts and stops the camera
 * @csspart device-picker - the choice of cameras
 * @csspart error - what went wrong
 * @csspart error-text - what to do, in the element's language
 * @csspart error-detail - the error's own message
 * @csspart again-button - the button that tries it once more
 * @csspart answer - ranking, "none of these" and time
 * @csspart ranking - the list of labels
 * @csspart row - one label
 * @csspart top-row - the most probable label, where one is right
 * @csspart label - a label's text
 * @csspart heads - the heads that a label comes from
 * @csspart value - a probability as number
 * @csspart bar - a probability's bar
 * @csspart fill - the filled part of the bar
 * @csspart none - the probability of "none of these", where the model tells it
 * @csspart top-none - the same above all labels, where it is more likely than not
 * @csspart time - how long it took
 *
 * @cssprop [--polyhead-accent=#3b82f6] - bars, focus and drop outlines
 * @cssprop [--polyhead-background=transparent] - behind the image
 * @cssprop [--polyhead-color=inherit] - texts
 * @cssprop [--polyhead-error=#dc2626] - the line beside an error
 * @cssprop [--polyhead-font=inherit] - the whole font
 * @cssprop [--polyhead-gap=0.75rem] - between stage, buttons and answer
 * @cssprop [--polyhead-line=#8888] - outlines of stage and buttons
 * @cssprop [--polyhead-radius=0.75rem] - their corners
 * @cssprop [--polyhead-ratio=4 / 3] - the stage's width to its height
 * @cssprop [--polyhead-track=#8883] - the empty part of a bar
 */
export class PolyheadClassifier extends Properties {
  static observedAttributes = ["model", "camera", "multiple", "facing-mode", "lang", "loading", "smoothing"];

  /**
   * What every element passes on when it loads its model.
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
  /** Why the model did not load, as long as that is shown. @type {unknown} */
  #unloaded;
  /** Gives up the image before the newest. */
  #newest = new AbortController();
  /** Between being put into a page and being taken out of it for good. */
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

  /** A classifier that the page made, in place of one that the element loads. @type {Given | undefined} */
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

  /** Texts of this element alone, in place of its language's. @type {OwnTexts} */
  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#texts = { ...texts };
    this.#speak();
  }

  /**
   * The classifier, loaded if it is not yet.
   *
   * @returns {Promise<Classifier>} rejects as the library does, after the error was shown
   */
  load() {
    return /** @type {Promise<Classifier>} */ (this.#loader.load());
  }

  /**
   * Ranks and shows an image; an earlier one that is not ranked yet is cancelled, a running camera is stopped.
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
   * Call it on a person's action: browsers ask then.
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
    // A move takes an element away and puts it back at once.
    queueMicrotask(() => this.#leaveIfRemoved());
  }

  /** Where the browser can move elements as such, a move needs nothing. */
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
      // An image, else any file: the classifier reports its kind.
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
