/** The labelled images by label: their number, small copies of them, and buttons to move and remove them. */
import { byId, make, named } from "../page/dom.js";
import { thumbnail } from "../page/thumbnail.js";
import { button, option } from "./form.js";
import { texts } from "./texts.js";

/**
 * @import { Item } from "./image-queue.js"
 * @import { MergeReport } from "../pkg/workshop.js"
 *
 * @typedef {object} Takers
 * @property {(label: string) => void} onAdd the user adds images of this label
 * @property {(items: Item[], label: string) => void} onMove
 * @property {(items: Item[]) => void} onRemove
 *
 * @typedef {object} Bin
 * @property {HTMLElement} count
 * @property {HTMLUListElement} list
 * @property {HTMLButtonElement} more
 * @property {boolean} open whether all are shown
 * @property {Item[]} items
 */

/** The number of small copies per label that are shown until more are requested. */
const SHOWN = 12;

export class Bins {
  #takers;
  #root = byId("bins", HTMLElement);
  /** @type {Map<string, Bin>} */
  #bins = new Map();
  /** @type {Set<Item>} */
  #chosen = new Set();
  #tools = make("div", "tools cluster");
  #words = make("span", "");
  #target = make("select", "");

  /** @param {Takers} takers */
  constructor(takers) {
    this.#takers = takers;
    this.#target.addEventListener("change", () => {
      const label = this.#target.value;
      takers.onMove(this.#taken(), label);
    });
    this.#tools.hidden = true;
  }

  /** @param {MergeReport["labels"]} labels */
  layOut(labels) {
    this.#bins.clear();
    this.#chosen.clear();
    this.#showTools();
    const heads = [...new Set(labels.map(({ heads }) => heads.join(" + ")))];
    this.#target.setAttribute("aria-label", texts.otherLabel);
    this.#tools.replaceChildren(this.#words, this.#target, button(texts.remove, () => this.#takers.onRemove(this.#taken())));
    this.#target.replaceChildren(option("", texts.moveTo), ...labels.map(({ label }) => option(label)));
    this.#root.replaceChildren(
      this.#tools,
      ...heads.map((head) => {
        const own = labels.filter(({ heads }) => heads.join(" + ") === head);
        return make("section", "head-bins", named("h3", "", head), make("div", "bin-grid", ...own.map(({ label }) => this.#make(label))));
      }),
    );
  }

  /** @param {Item} item with its features and its label */
  put(item) {
    const bin = this.#bins.get(item.label);
    if (bin && !bin.items.includes(item)) {
      bin.items.push(item);
      this.#show(bin);
    }
  }

  /** @param {Item} item */
  remove(item) {
    for (const bin of this.#bins.values()) {
      const place = bin.items.indexOf(item);
      if (place >= 0) {
        bin.items.splice(place, 1);
        this.#show(bin);
      }
    }
  }

  /** The labels that have no image yet. */
  empty() {
    return [...this.#bins].filter(([, { items }]) => items.length === 0).map(([label]) => label);
  }

  /** @param {string} label */
  #make(label) {
    const count = make("span", "group-count", "0");
    const list = make("ul", "thumbs");
    const add = button(texts.add, () => this.#takers.onAdd(label), { "aria-label": texts.addImagesOf(label) });
    const more = button("", () => {
      bin.open = !bin.open;
      this.#show(bin);
    });
    more.hidden = true;
    /** @type {Bin} */
    const bin = { count, list, more, open: false, items: [] };
    this.#bins.set(label, bin);
    return make("div", "bin", named("h4", "", label, " ", count), add, list, more);
  }

  /** @param {Bin} bin */
  #show(bin) {
    const shown = bin.open ? bin.items : bin.items.slice(0, SHOWN);
    bin.count.textContent = String(bin.items.length);
    bin.more.hidden = bin.items.length <= SHOWN;
    bin.more.textContent = bin.open ? texts.showFewer : texts.showAll(bin.items.length);
    const old = new Map([...bin.list.children].map((row) => [rows.get(row), row]));
    bin.list.replaceChildren(...shown.map((item) => old.get(item) ?? this.#row(item)));
  }

  /** @param {Item} item */
  #row(item) {
    const image = make("img", { alt: "" });
    thumbnail(item).then(
      ({ url }) => (image.src = url),
      () => image.remove(),
    );
    const choose = () => {
      const on = !this.#chosen.has(item);
      on ? this.#chosen.add(item) : this.#chosen.delete(item);
      press.setAttribute("aria-pressed", String(on));
      this.#showTools();
    };
    const press = button("", choose, { class: "thumb", title: item.path, "aria-pressed": "false" });
    press.append(image, make("span", "unseen", item.path));
    const row = make("li", "", press);
    rows.set(row, item);
    return row;
  }

  #taken() {
    const items = [...this.#chosen];
    this.#chosen.clear();
    // The buttons that were pressed no longer exist.
    byId("images", HTMLElement).focus({ preventScroll: true });
    for (const pressed of this.#root.querySelectorAll('.thumb[aria-pressed="true"]')) {
      pressed.setAttribute("aria-pressed", "false");
    }
    this.#showTools();
    return items;
  }

  #showTools() {
    const count = this.#chosen.size;
    this.#tools.hidden = count === 0;
    this.#words.textContent = texts.chosen(count);
    this.#target.value = "";
  }
}

/** @type {WeakMap<Element, Item>} */
const rows = new WeakMap();
