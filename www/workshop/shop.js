/** The project in the worker, as the page asks it. */
import { Host } from "./host.js";

/**
 * @import { Card, Ranking } from "../polyhead/types.js"
 * @import { Checked, Evidence, FitReport, MergeOptions, MergeReport, Model, Part, Picture, RuleRecord, Stated, State } from "./types.js"
 */

export class Shop {
  #host;

  /** @param {ConstructorParameters<typeof Host>[0]} listeners */
  constructor(listeners) {
    this.#host = new Host(listeners);
  }

  /** @returns {Promise<State>} */
  state() {
    return this.#host.call("state");
  }

  /** @param {Part[]} files @returns {Promise<{ models: Model[], unused: string[] }>} */
  addFiles(files) {
    return this.#host.call("addFiles", files);
  }

  /** @param {number} id @param {Stated} stated @returns {Promise<Model>} */
  editModel(id, stated) {
    return this.#host.call("editModel", id, stated);
  }

  /** @param {number} id @returns {Promise<void>} */
  removeModel(id) {
    return this.#host.call("removeModel", id);
  }

  /** @param {number} id @param {number} to its place among the models @returns {Promise<void>} */
  moveModel(id, to) {
    return this.#host.call("moveModel", id, to);
  }

  /** @param {MergeOptions} options @returns {Promise<MergeReport>} */
  merge(options) {
    return this.#host.call("merge", options);
  }

  /** @param {string} text @returns {Promise<{ label: string, head: string | null }>} */
  labelOf(text) {
    return this.#host.call("labelOf", text);
  }

  /**
   * @param {Blob} picture
   * @param {{ name: string, label?: string | null, head?: string | null, unseen?: boolean, id?: number }} about
   * @returns {Promise<Picture>}
   */
  observe(picture, about) {
    return this.#host.call("observe", picture, about);
  }

  /** @param {number} id @param {{ label?: string | null, head?: string | null, unseen?: boolean }} change @returns {Promise<Picture>} */
  editPicture(id, change) {
    return this.#host.call("editPicture", id, change);
  }

  /** @param {number} id @returns {Promise<void>} */
  removePicture(id) {
    return this.#host.call("removePicture", id);
  }

  /** @returns {Promise<Checked>} */
  check() {
    return this.#host.call("check");
  }

  /** @param {Record<string, string>} thumbnails addresses by the pictures' names @returns {Promise<string>} HTML */
  checkPage(thumbnails) {
    return this.#host.call("checkPage", thumbnails);
  }

  /** @param {{ head?: string | null }} options @returns {Promise<number>} bytes */
  evidenceSize(options) {
    return this.#host.call("evidenceSize", options);
  }

  /** @param {{ head?: string | null }} options @returns {Promise<Blob>} */
  evidence(options) {
    return this.#host.call("evidence", options);
  }

  /** @param {string} name @param {Blob} content @returns {Promise<Evidence>} */
  addEvidence(name, content) {
    return this.#host.call("addEvidence", name, content);
  }

  /** @param {number} id @returns {Promise<void>} */
  removeEvidence(id) {
    return this.#host.call("removeEvidence", id);
  }

  /** @returns {Promise<FitReport>} */
  fit() {
    return this.#host.call("fit", {});
  }

  /** @param {string} [rule] @returns {Promise<{ rule: RuleRecord, bytes: number, warnings: string[] }>} */
  take(rule) {
    return this.#host.call("take", rule);
  }

  /** @param {Blob | ImageBitmap} picture @returns {Promise<Ranking>} */
  classify(picture) {
    return this.#host.call("classify", picture, { logits: true });
  }

  /** @returns {Promise<Card>} */
  card() {
    return this.#host.call("card");
  }

  /** @param {{ weights: "keep" | "f32" | "f16" }} options @returns {Promise<Blob>} ONNX */
  download(options) {
    return this.#host.call("download", options);
  }

  /** @param {{ title?: string }} [options] @returns {Promise<Blob>} a zip */
  site(options) {
    return this.#host.call("site", options);
  }

  /** @param {{ file?: string }} [options] @returns {Promise<{ python: string, html: string }>} */
  texts(options) {
    return this.#host.call("texts", options);
  }

  /** @param {Part[]} extra what the page wants kept @returns {Promise<Blob>} */
  save(extra) {
    return this.#host.call("save", extra);
  }

  /** @param {Blob} content @returns {Promise<Part[]>} what the page had kept */
  open(content) {
    return this.#host.call("open", content);
  }

  /** @returns {Promise<number>} bytes of wasm memory */
  memory() {
    return this.#host.call("memory");
  }

  /** Ends the worker and its memory. */
  close() {
    this.#host.stop();
  }
}
