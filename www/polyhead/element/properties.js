/** The element's properties that reflect its attributes. */
import { nameOf, numberOf } from "./attributes.js";

/** @import { Facing } from "../camera/stream.js" */

/** Servers have no elements; importing must work there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class Properties extends Base {
  #rescued = false;

  /** Whether a button starts the camera. @type {boolean} */
  get camera() {
    return this.hasAttribute("camera");
  }

  set camera(offered) {
    this.toggleAttribute("camera", Boolean(offered));
  }

  /** Whether several files can be chosen at once. @type {boolean} */
  get multiple() {
    return this.hasAttribute("multiple");
  }

  set multiple(several) {
    this.toggleAttribute("multiple", Boolean(several));
  }

  /** Whether rankings include the raw scores. @type {boolean} */
  get logits() {
    return this.hasAttribute("logits");
  }

  set logits(wanted) {
    this.toggleAttribute("logits", Boolean(wanted));
  }

  /** The camera's direction. @type {Facing | undefined} */
  get facingMode() {
    return nameOf(this, "facing-mode", ["user", "environment"]);
  }

  set facingMode(facing) {
    this.reflect("facing-mode", facing);
  }

  /** The maximum number of labels. @type {number} */
  get topK() {
    return Math.floor(numberOf(this, "top-k", 1, Infinity) ?? 5);
  }

  set topK(count) {
    this.reflect("top-k", count);
  }

  /** The minimum probability of a label. @type {number} */
  get threshold() {
    return numberOf(this, "threshold", 0, 1) ?? 0;
  }

  set threshold(probability) {
    this.reflect("threshold", probability);
  }

  /** When the model is loaded. @type {"eager" | "lazy"} */
  get loading() {
    return nameOf(this, "loading", ["lazy"]) ?? "eager";
  }

  set loading(when) {
    this.reflect("loading", when);
  }

  /** Whether camera rankings are smoothed. @type {"on" | "off"} */
  get smoothing() {
    return nameOf(this, "smoothing", ["off"]) ?? "on";
  }

  set smoothing(whether) {
    this.reflect("smoothing", whether);
  }

  /**
   * Properties that were set before the class was defined hide those of the class.
   *
   * @protected
   */
  rescue() {
    if (this.#rescued) {
      return;
    }
    this.#rescued = true;
    const own = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
    for (const [name, value] of Object.entries(own)) {
      if (name in Object.getPrototypeOf(this)) {
        delete own[name];
        own[name] = value;
      }
    }
  }

  /**
   * @protected
   * @param {string} name
   * @param {unknown} value undefined removes the attribute
   */
  reflect(name, value) {
    if (value === undefined || value === null) {
      this.removeAttribute(name);
    } else {
      this.setAttribute(name, String(value));
    }
  }
}
