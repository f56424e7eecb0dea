/** `<polyhead-classifier>`: an image or the camera in, a ranking out. */
import { abortable, reasonOf } from "../queue.js";
import { Camera, Smoothing } from "../camera/camera.js";
import { PolyheadError } from "../error.js";
import { languageOf, nameOf, numberOf } from "./attributes.js";
import { watchIntake } from "./file-input.js";
import { cut } from "./ranking.js";
import { share } from "./shared-classifier.js";
import { View } from "./view.js";

/**
 * @import { Classifier } from "../classifier.js"
 * @import { LoadOptions, Ranking, Source } from "../types.js"
 * @import { Facing } from "../camera/stream.js"
 * @import { Lease, Model } from "./shared-classifier.js"
 * @import { OwnTexts } from "./texts.js"
 */

/** On a server there are no elements; importing must do no harm there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** Properties that a page may set before the element is defined. */
const PROPERTIES = /** @type {const} */ ([
  "model", "camera", "facingMode", "topK", "threshold", "loading", "smoothing", "texts",
]);

/**
 * Ranks the labels of an image or of camera frames, in the browser of whoever looks at the page.
 *
 * @element polyhead-classifier
 *
 * @attr {string} model - address of a merged file; by default the model that the wasm module carries
 * @attr {boolean} camera - offers a button that starts the camera
 * @attr {"user" | "environment"} facing-mode - which camera: towards the person, or away; by default away on phones
 * @attr {number} top-k - at most so many labels are shown; by default 5
 * @attr {number} threshold - labels of a smaller probability are left out; 0 to 1, by default 0
 * @attr {"eager" | "lazy"} loading - when the model is loaded: at once, or when the element comes into view; by default `eager`
 * @attr {"on" | "off"} smoothing - whether the ranking of camera frames is smoothed over time; by default `on`
 * @attr {string} lang - language of the texts: `en`, `de`, or one that was added; by default that of the page
 *
 * @fires {CustomEvent<{ labels: Label[], heads: string[] }>} ready - the model is loaded
 * @fires {CustomEvent<Progress>} progress - a part of the model has arrived
 * @fires {CustomEvent<{ ranking: Ranking, live: boolean }>} ranking - an image, or with `live` a camera frame, is ranked
 * @fires {CustomEvent<{ error: Error }>} error - the model did not load, an image was not ranked, or the camera is off
 *
 * @slot invitation - text where the image will be
 * @slot help - what stands below the buttons
 *
 * @csspart box - everything
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
export class PolyheadClassifier extends Base {
  static observedAttributes = ["model", "camera", "facing-mode", "lang", "loading", "smoothing"];

  /**
   * What every element passes on when it loads its model.
   *
   * @type {Pick<LoadOptions, "threads" | "workerUrl" | "moduleUrl" | "wasmUrl" | "cache" | "idleSeconds">}
   */
  static loadOptions = {};

  #view;
  #camera;
  #smoothing = new Smoothing();
  /** @type {Exclude<Model, string | URL>} a file set by a script */
  #file;
  /** @type {OwnTexts} */
  #texts = {};
  /** @type {Lease | undefined} */
  #lease;
  /** @type {IntersectionObserver | undefined} */
  #sight;
  /** Gives up the image before the newest. */
  #newest = new AbortController();
  #rescued = false;
  /** Between being put into a page and being taken out of it for good. */
  #placed = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    this.#view = new View(root);
    const { parts } = this.#view;
    this.#camera = new Camera(parts.video, {
      onFrame: (video, frameMilliseconds) => this.#classifyFrame(video, frameMilliseconds),
      onChange: () => this.#view.showCamera(this.#camera, this.camera),
      onError: (error) => this.#fail(error, () => this.#startCamera()),
    });
    watchIntake(this, parts, (image) => this.#take(image));
    parts.camera.addEventListener("click", () =>
      this.#camera.state === "off" ? this.#startCamera() : this.stopCamera(),
    );
    parts.devices.addEventListener("change", () => this.#startCamera(parts.devices.value));
  }

  /** The merged file: its address, or the file itself. @type {Model} */
  get model() {
    return this.#file ?? this.getAttribute("model") ?? undefined;
  }

  set model(model) {
    if (model === undefined || typeof model === "string" || model instanceof URL) {
      this.#file = undefined;
      this.#reflect("model", model === undefined ? null : String(model));
    } else {
      this.#file = model;
      this.#reload();
    }
  }

  /** Whether a button offers the camera. @type {boolean} */
  get camera() {
    return this.hasAttribute("camera");
  }

  set camera(offered) {
    this.toggleAttribute("camera", Boolean(offered));
  }

  /** Which camera. @type {Facing | undefined} */
  get facingMode() {
    return nameOf(this, "facing-mode", ["user", "environment"]);
  }

  set facingMode(facing) {
    this.#reflect("facing-mode", facing);
  }

  /** At most so many labels. @type {number} */
  get topK() {
    return Math.floor(numberOf(this, "top-k", 1, Infinity) ?? 5);
  }

  set topK(count) {
    this.#reflect("top-k", count);
  }

  /** The smallest probability that is shown. @type {number} */
  get threshold() {
    return numberOf(this, "threshold", 0, 1) ?? 0;
  }

  set threshold(probability) {
    this.#reflect("threshold", probability);
  }

  /** When the model is loaded. @type {"eager" | "lazy"} */
  get loading() {
    return nameOf(this, "loading", ["lazy"]) ?? "eager";
  }

  set loading(when) {
    this.#reflect("loading", when);
  }

  /** Whether camera rankings are smoothed. @type {"on" | "off"} */
  get smoothing() {
    return nameOf(this, "smoothing", ["off"]) ?? "on";
  }

  set smoothing(whether) {
    this.#reflect("smoothing", whether);
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
   * Ranks and shows an image; one that is still worked on is given up, a running camera is stopped.
   *
   * @param {Source} source
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
      const ranking = await abortable(this.#rank(source), newest, signal);
      await this.#view.showImage(source).catch(() => {});
      if (!newest.aborted) {
        this.#show({ ranking });
      }
      return ranking;
    } catch (thrown) {
      if (!newest.aborted) {
        this.#view.clear();
        if (!signal?.aborted) {
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
    this.#smoothing.reset();
    this.#view.clear();
    this.#view.clearError();
    try {
      this.#load().catch(() => {});
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
    this.#rescue();
    this.#placed = true;
    this.#speak();
    this.#loadInTime();
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
    } else if (name === "facing-mode" && this.#camera.state !== "off") {
      this.#startCamera();
    } else if (name === "loading") {
      this.#loadInTime();
    } else if (name === "smoothing") {
      this.#smoothing.reset();
    } else {
      this.#speak();
    }
  }

  /** What was set before the class was there hides the class's own properties. */
  #rescue() {
    if (this.#rescued) {
      return;
    }
    this.#rescued = true;
    const own = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
    for (const name of PROPERTIES) {
      if (Object.hasOwn(own, name)) {
        const value = own[name];
        delete own[name];
        own[name] = value;
      }
    }
  }

  #speak() {
    this.#view.speak(languageOf(this), this.#texts);
    this.#view.showCamera(this.#camera, this.camera);
  }

  #loadInTime() {
    this.#sight?.disconnect();
    if (this.#lease) {
      return;
    }
    if (this.loading === "lazy" && globalThis.IntersectionObserver) {
      this.#sight = new IntersectionObserver((entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          this.#sight?.disconnect();
          this.#load().catch(() => {});
        }
      });
      this.#sight.observe(this);
    } else {
      this.#load().catch(() => {});
    }
  }

  /** @returns {Promise<Classifier>} */
  #load() {
    if (this.#lease) {
      return this.#lease.classifier;
    }
    this.#view.loadErrorTexts();
    const lease = share(this.model, PolyheadClassifier.loadOptions, (progress) => {
      this.#view.showProgress(progress);
      this.#tell("progress", progress);
    });
    this.#lease = lease;
    lease.classifier.then(
      ({ labels, heads }) => {
        if (this.#lease === lease) {
          this.#view.showProgress(undefined);
          this.#view.clearError();
          this.#tell("ready", { labels, heads });
        }
      },
      (error) => {
        if (this.#lease === lease) {
          this.#release();
          this.#fail(asError(error), () => this.#load().catch(() => {}));
        }
      },
    );
    return lease.classifier;
  }

  #release() {
    this.#lease?.release();
    this.#lease = undefined;
    this.#view.showProgress(undefined);
  }

  #reload() {
    this.#newest.abort();
    this.#view.clear();
    this.#view.clearError();
    this.#smoothing.reset();
    if (this.#placed) {
      this.#release();
      this.#loadInTime();
    }
  }

  #leaveIfRemoved() {
    if (!this.isConnected) {
      this.#placed = false;
      this.#newest.abort();
      this.#sight?.disconnect();
      this.stopCamera();
      this.#release();
      this.#view.silence();
    }
  }

  /** @param {Source} source */
  async #rank(source) {
    const classifier = await this.#load();
    return classifier.classify(source, {
      topK: this.topK,
      threshold: this.threshold,
      signal: this.#newest.signal,
    });
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {number | undefined} frameMilliseconds
   */
  async #classifyFrame(video, frameMilliseconds) {
    const classifier = await this.#load();
    if (this.#camera.state !== "on") {
      return;
    }
    const whole = await classifier.classify(video);
    if (this.#camera.state === "on") {
      const steady = this.smoothing === "on" ? this.#smoothing.add(whole) : whole;
      const { topK, threshold } = this;
      this.#show({ ranking: cut(steady, { topK, threshold }), frameMilliseconds: frameMilliseconds ?? whole.milliseconds });
    }
  }

  /** @param {{ ranking: Ranking, frameMilliseconds?: number }} shown */
  #show(shown) {
    this.#view.clearError();
    this.#view.showRanking(shown);
    this.#tell("ranking", { ranking: shown.ranking, live: shown.frameMilliseconds !== undefined });
  }

  /** @param {File | undefined} image */
  #take(image) {
    if (image) {
      this.classify(image).catch(() => {});
    } else {
      this.#fail(new PolyheadError("no-image", "expected an image file, found none; drop or paste an image"));
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
    await this.#view.showError(error, retry);
    this.#tell("error", { error });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /**
   * @param {string} name
   * @param {unknown} value nothing takes the attribute away
   */
  #reflect(name, value) {
    if (value === undefined || value === null) {
      this.removeAttribute(name);
    } else {
      this.setAttribute(name, String(value));
    }
  }
}

/** @param {unknown} thrown */
function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
