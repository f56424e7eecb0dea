/** Step 2: labelled images, their features, and a list of those that failed, with the reason. */
import { byId, english, make, named, tell } from "../page/dom.js";
import { imagesOf } from "../page/files.js";
import { brief } from "../page/display-name.js";
import { inWords } from "../page/messages.js";
import { dropThumbnail, keepThumbnail } from "../page/thumbnail.js";
import { PolyheadError } from "../polyhead/index.js";
import { Bins } from "./label-gallery.js";
import { Collection } from "./image-queue.js";
import { button, option } from "./form.js";
import { offerLabels, watchRecorder } from "./camera-recorder.js";
import { texts } from "./texts.js";

/**
 * @import { Item } from "./image-queue.js"
 * @import { ProjectClient } from "./project-client.js"
 * @import { LabelMeant, MergeReport, State } from "../pkg/workshop.js"
 *
 * @typedef {object} Listeners
 * @property {() => void} onBusy images are being processed
 * @property {() => void} onRest all images are processed
 * @property {(error: unknown) => void} onError
 */

/** A label that the model lacks, or has twice. */
const UNKNOWN = ["no-such-label", "ambiguous-label"];
/** An image that is listed in an interrupted project but missing in its file. */
const MISSING = "image-missing";

const bar = byId("images-bar", HTMLProgressElement);
const progress = byId("images-progress", HTMLElement);
const cancel = byId("images-cancel", HTMLButtonElement);
const resume = byId("images-resume", HTMLButtonElement);
const status = byId("images-status", HTMLElement);
const failures = byId("failures", HTMLElement);
const unknown = byId("unknown-labels", HTMLElement);
const chooser = byId("images-file", HTMLInputElement);

export class Images {
  /** @type {MergeReport["labels"]} */
  #labels = [];
  #client;
  #listeners;
  #others = 0;
  /** The meaning of a folder's name. @type {Map<string, Promise<LabelMeant>>} */
  #meanings = new Map();
  #ready = false;
  #collection = new Collection({
    work: (item) => this.#observe(item),
    onItem: (item) => this.#onItem(item),
    onState: () => this.#onState(),
  });
  #bins = new Bins({
    onAdd: (label) => {
      chooser.dataset.label = label;
      chooser.click();
    },
    onMove: (items, label) => this.#move(items, label),
    onRemove: (items) => this.#remove(items),
  });

  /**
   * @param {ProjectClient} client
   * @param {Listeners} listeners
   */
  constructor(client, listeners) {
    this.#client = client;
    this.#listeners = listeners;
    chooser.addEventListener("change", () => {
      const files = [...(chooser.files ?? [])];
      chooser.value = "";
      this.add(files, chooser.dataset.label);
    });
    cancel.addEventListener("click", () => {
      this.#collection.cancel();
      resume.focus();
    });
    resume.addEventListener("click", () => {
      this.#run();
      cancel.focus();
    });
    byId("failures-again", HTMLButtonElement).addEventListener("click", () => {
      this.#collection.retry((item) => !isUnknown(item));
      this.#run();
    });
    watchRecorder((image, label) => this.add([image], label));
  }

  get items() {
    return this.#collection.items;
  }

  get running() {
    return this.#collection.running;
  }

  /**
   * @param {File[]} files
   * @param {string} [label] of all images; by default their folders' names
   */
  add(files, label) {
    const { images, others } = imagesOf(files);
    this.#others += others;
    this.#collection.add(images, { label, unseen: byId("images", HTMLElement).querySelector("input[value=unseen]:checked") !== null });
    this.#run();
    this.#onState();
  }

  /** Sets the labels of the new model; features of the old one are discarded. @param {MergeReport} merge */
  remerged(merge) {
    this.#collection.forget();
    this.#become(merge.labels);
    this.#run();
    this.#onState();
  }

  /** No model: images wait. */
  unmerged() {
    this.#ready = false;
    this.#collection.cancel();
  }

  /** The project has lost its images. @param {boolean} looking whether it was lost in looking at one of them */
  lost(looking) {
    if (looking) {
      this.#collection.setAside(
        ({ path }) => new PolyheadError("worker-crashed", `${path}: expected to look at it, found the workshop stopped by it; try it again, or leave it out`),
      );
    }
    this.unmerged();
    this.#collection.forget();
    for (const item of this.items) {
      item.id = undefined;
    }
  }

  /**
   * Another worker has these images again, from a project file.
   *
   * @param {State["images"]} known
   */
  async regained(known) {
    for (const { id, name, sha256 } of known) {
      const item = this.items.find((item) => item.name === name && item.sha256 === sha256);
      if (item) {
        item.id = id;
      } else {
        await this.#client.call("removeImage", id);
      }
    }
  }

  /**
   * Replaces all images by those of a project file.
   *
   * @param {State} state
   * @param {Map<string, Blob>} copies small ones by the hash of the image
   */
  replace(state, copies) {
    this.#collection.forget();
    this.#collection.items = state.images.map(({ id, name, label, unseen, fresh, sha256 }) => {
      /** @type {Item} */
      const item = { path: name, label: label ?? "", unseen, id, name, sha256, state: fresh ? "done" : "waiting" };
      const copy = copies.get(sha256);
      if (copy) {
        keepThumbnail(item, copy);
      }
      return item;
    });
    this.#become(state.merge?.labels ?? []);
    this.#ready = state.merge !== null;
    this.#run();
    this.#onState();
  }

  /** Updates all texts after a change of the language. */
  translate() {
    if (this.#ready) {
      this.#layOut();
    }
    this.#onState();
  }

  /** @param {MergeReport["labels"]} labels of the current model */
  #become(labels) {
    this.#labels = labels;
    this.#ready = true;
    this.#meanings.clear();
    offerLabels(labels.map(({ label }) => label));
    this.#layOut();
  }

  #layOut() {
    this.#bins.layOut(this.#labels);
    for (const item of this.items.filter(({ state }) => state === "done")) {
      this.#bins.put(item);
    }
  }

  #run() {
    if (this.#ready && this.#collection.count("waiting") > 0) {
      this.#listeners.onBusy();
      this.#collection.run();
    }
  }

  /** @param {Item} item */
  async #observe(item) {
    const { label, head } = await this.#meaning(item.label);
    const { unseen, id } = item;
    if (!item.image) {
      // The features of an image from a project file are available, as long as the model is the same.
      const kept = id === undefined ? undefined : await this.#client.call("editImage", id, { label, head, unseen });
      if (kept?.fresh) {
        item.label = label;
        return;
      }
      throw new PolyheadError(MISSING, `${item.path}: expected the image, found only what was computed of it for another model; drop the image again`);
    }
    const image = await this.#client.call("observe", item.image, { name: item.path, label, head, unseen, id });
    Object.assign(item, { id: image.id, name: image.name, sha256: image.sha256, label });
  }

  /** @param {string} text */
  #meaning(text) {
    const meaning = this.#meanings.get(text) ?? this.#client.call("labelOf", text);
    this.#meanings.set(text, meaning);
    return meaning;
  }

  /** @param {Item} item */
  #onItem(item) {
    if (item.state === "done") {
      const twin = this.items.find((other) => other !== item && other.id === item.id);
      if (twin) {
        // The same file with the same label: the existing one stays.
        this.#collection.remove((other) => other === item);
        twin.image ??= item.image;
      } else {
        this.#bins.put(item);
      }
    }
    this.#onState();
  }

  /**
   * @param {Item[]} items
   * @param {string} label
   */
  async #move(items, label) {
    for (const item of items) {
      try {
        const { label: known, head } = await this.#meaning(label);
        await this.#client.call("editImage", /** @type {number} */ (item.id), { label: known, head });
        this.#bins.remove(item);
        item.label = known;
        this.#bins.put(item);
      } catch (error) {
        this.#listeners.onError(error);
      }
    }
    this.#listeners.onRest();
  }

  /** @param {Item[]} items */
  async #remove(items) {
    for (const item of items) {
      this.#bins.remove(item);
      dropThumbnail(item);
      this.#collection.remove((other) => other === item);
      if (item.id !== undefined) {
        await this.#client.call("removeImage", item.id).catch(this.#listeners.onError);
      }
    }
    this.#onState();
    this.#listeners.onRest();
  }

  #onState() {
    const { running } = this.#collection;
    const [all, failed, waiting] = [this.items.length, this.#collection.count("failed"), this.#collection.count("waiting")];
    bar.max = all || 1;
    bar.value = all - waiting;
    bar.hidden = cancel.hidden = !running;
    resume.hidden = running || waiting === 0 || !this.#ready;
    progress.hidden = !running && resume.hidden;
    const empty = this.#bins.empty();
    const parts = [
      texts.imagesDone(all - failed - waiting, all),
      failed && texts.imagesFailed(failed),
      waiting && !this.#ready && texts.imagesWait,
      this.#others && texts.othersCount(this.#others),
      this.#ready && !running && empty.length > 0 && empty.length < this.#labels.length && texts.labelsEmpty(empty.map(brief).join(", ")),
    ];
    const words = all ? parts.filter(Boolean).join("; ") : "";
    tell(byId("images-count", HTMLElement), words);
    // Screen readers announce every tenth image only.
    if (!running || (all - waiting) % 10 === 0) {
      tell(status, words);
    }
    if (!running) {
      this.#showFailures();
      this.#listeners.onRest();
    }
  }

  #showFailures() {
    const failed = this.items.filter(({ state }) => state === "failed");
    const others = failed.filter((item) => !isUnknown(item));
    failures.hidden = others.length === 0;
    byId("failure-list", HTMLUListElement).replaceChildren(
      ...others.map(({ path, error }) =>
        make("li", "failed", named("span", "row-name", path), english(make("span", "row-detail", inWords(error).detail))),
      ),
    );
    const names = [...new Set(failed.filter(isUnknown).map(({ label }) => label))];
    unknown.hidden = names.length === 0;
    unknown.replaceChildren(
      ...(names.length ? [make("h3", "", texts.whichLabel)] : []),
      ...names.map((name) => this.#question(name, failed.filter((item) => isUnknown(item) && item.label === name))),
    );
  }

  /**
   * @param {string} name
   * @param {Item[]} items
   */
  #question(name, items) {
    const select = make("select", "", option("", texts.chooseLabel), ...this.#labels.map(({ label }) => option(label)));
    const words = name ? texts.folderNamed(brief(name), items.length) : texts.noFolder(items.length);
    select.addEventListener("change", () => {
      for (const item of items) {
        item.label = select.value;
      }
      this.#collection.retry((item) => items.includes(item));
      this.#run();
      this.#onState();
    });
    const leave = button(texts.leaveOut, () => {
      this.#collection.remove((item) => items.includes(item));
      this.#onState();
    });
    return make("p", "cluster", make("label", "", words, select), leave);
  }
}

/** @param {Item} item */
function isUnknown({ error }) {
  return error instanceof PolyheadError && UNKNOWN.includes(error.code);
}
