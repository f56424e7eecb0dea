/** The project in the worker, as the page asks it. */
import { Host } from "./project-worker.js";
import { Replay } from "./command-log.js";

/**
 * @import { Card, Progress, Ranking } from "../polyhead/types.js"
 * @import { Checked, Evidence, FitReport, MergeOptions, MergeReport, Model, Part, Image, RuleRecord, Stated, State } from "./types.js"
 */

export class Shop {
  #host;
  #replay = new Replay();
  /** Whether the worker has what was handed to it; unset where there is none. @type {Promise<void> | undefined} */
  #whole;
  #restoring = false;

  /**
   * @param {{ onProgress: (progress: Progress) => void, onLost: (verb: string | undefined) => void }} listeners `onLost`: the
   *   worker is gone, in the middle of this call if any; the next call starts another, which is first given models, merge and
   *   evidence
   */
  constructor({ onProgress, onLost }) {
    this.#host = new Host({
      onProgress,
      onLost: (verb) => {
        this.#whole = undefined;
        // Else the call that wanted it restored tells.
        if (!this.#restoring) {
          onLost(verb);
        }
      },
    });
  }

  /**
   * @param {Parameters<Host["call"]>[0]} verb
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  async #call(verb, ...args) {
    await (this.#whole ??= this.#restore());
    const answer = await this.#host.call(verb, ...args);
    await this.#replay.note(this.#host, verb, args, answer);
    return answer;
  }

  async #restore() {
    this.#restoring = true;
    try {
      await this.#replay.again(this.#host);
    } catch (error) {
      // In part is as good as not: the next call begins with an empty one.
      this.#host.stop();
      this.#whole = undefined;
      throw error;
    } finally {
      this.#restoring = false;
    }
  }

  /** @returns {Promise<State>} */
  state() {
    return this.#call("state");
  }

  /** @param {Part[]} files @returns {Promise<{ models: Model[], unused: string[] }>} */
  addFiles(files) {
    return this.#call("addFiles", files);
  }

  /** @param {number} id @param {Stated} stated @returns {Promise<Model>} */
  editModel(id, stated) {
    return this.#call("editModel", id, stated);
  }

  /** @param {number} id @returns {Promise<void>} */
  removeModel(id) {
    return this.#call("removeModel", id);
  }

  /** @param {number} id @param {number} to its place among the models @returns {Promise<void>} */
  moveModel(id, to) {
    return this.#call("moveModel", id, to);
  }

  /** @param {MergeOptions} options @returns {Promise<MergeReport>} */
  merge(options) {
    return this.#call("merge", options);
  }

  /** @param {string} text @returns {Promise<{ label: string, head: string | null }>} */
  labelOf(text) {
    return this.#call("labelOf", text);
  }

  /**
   * @param {Blob} image
   * @param {{ name: string, label?: string | null, head?: string | null, unseen?: boolean, id?: number }} about
   * @returns {Promise<Image>}
   */
  observe(image, about) {
    return this.#call("observe", image, about);
  }

  /** @param {number} id @param {{ label?: string | null, head?: string | null, unseen?: boolean }} change @returns {Promise<Image>} */
  editImage(id, change) {
    return this.#call("editImage", id, change);
  }

  /** @param {number} id @returns {Promise<void>} */
  removeImage(id) {
    return this.#call("removeImage", id);
  }

  /** @returns {Promise<Checked>} */
  check() {
    return this.#call("check");
  }

  /** @param {Record<string, string>} thumbnails addresses by the images' names @returns {Promise<string>} HTML */
  checkPage(thumbnails) {
    return this.#call("checkPage", thumbnails);
  }

  /** @param {{ head?: string | null }} options @returns {Promise<number>} bytes */
  evidenceSize(options) {
    return this.#call("evidenceSize", options);
  }

  /** @param {{ head?: string | null }} options @returns {Promise<Blob>} */
  evidence(options) {
    return this.#call("evidence", options);
  }

  /** @param {string} name @param {Blob} content @returns {Promise<Evidence>} */
  addEvidence(name, content) {
    return this.#call("addEvidence", name, content);
  }

  /** @param {number} id @returns {Promise<void>} */
  removeEvidence(id) {
    return this.#call("removeEvidence", id);
  }

  /** @returns {Promise<FitReport>} */
  fit() {
    return this.#call("fit", {});
  }

  /** @param {string} [rule] @returns {Promise<{ rule: RuleRecord, bytes: number, warnings: string[] }>} */
  take(rule) {
    return this.#call("take", rule);
  }

  /** @param {Blob | ImageBitmap} image @returns {Promise<Ranking>} */
  classify(image) {
    return this.#call("classify", image, { logits: true });
  }

  /** @returns {Promise<Card>} */
  card() {
    return this.#call("card");
  }

  /** @param {{ weights: "keep" | "f32" | "f16" | "int8" }} options @returns {Promise<Blob>} ONNX */
  download(options) {
    return this.#call("download", options);
  }

  /** @param {{ title?: string }} [options] @returns {Promise<Blob>} a zip */
  site(options) {
    return this.#call("site", options);
  }

  /** @param {{ file?: string }} [options] @returns {Promise<{ python: string, html: string }>} */
  texts(options) {
    return this.#call("texts", options);
  }

  /** @param {Part[]} extra what the page wants kept @returns {Promise<Blob>} */
  save(extra) {
    return this.#call("save", extra);
  }

  /** @param {Blob} content @returns {Promise<Part[]>} what the page had kept */
  open(content) {
    return this.#call("open", content);
  }

  /** @returns {Promise<number>} bytes of wasm memory */
  memory() {
    return this.#call("memory");
  }

  /** Ends the worker and its memory. */
  close() {
    this.#host.stop();
  }
}
