/** The rows of the list of many images, in groups that stay sorted as rows are added. */
import { headlineOf } from "../polyhead/top-result.js";
import { button, byId, english, make, named } from "./dom.js";
import { dropThumbnail, thumbnail } from "./thumbnail.js";
import { inWords, percent, winnerOf } from "./messages.js";
import { texts } from "./texts.js";

/**
 * @import { Item } from "./batch-view.js"
 *
 * @typedef {"label" | "unsure" | "file"} Order
 *
 * @typedef {object} Group
 * @property {HTMLElement} section
 * @property {HTMLElement} count
 * @property {HTMLOListElement} list
 * @property {Item[]} items in the order shown
 */

/** Keys of groups; a label's key is its name after `LABEL`. */
const [ALL, NONE, FAILED] = ["all", "none", "failed"];
const LABEL = "label:";
const groups = byId("batch-groups", HTMLElement);

export class BatchList {
  /** @type {Order} */
  order = "label";
  /** @type {Map<string, Group>} */
  #groups = new Map();
  /** @type {Map<Item, HTMLLIElement>} */
  #rows = new Map();
  #onShow;
  #onRetry;

  /**
   * @param {(item: Item) => void} onShow
   * @param {() => void} onRetry
   */
  constructor(onShow, onRetry) {
    this.#onShow = onShow;
    this.#onRetry = onRetry;
  }

  /** @param {Item} item ranked or failed */
  put(item) {
    this.#remove(item);
    const name = this.#groupOf(item);
    const group = this.#groups.get(name) ?? this.#makeGroup(name);
    const place = group.items.findIndex((other) => this.#compare(item, other) < 0);
    const row = this.#row(item);
    if (place < 0) {
      group.items.push(item);
      group.list.append(row);
    } else {
      group.list.insertBefore(row, group.list.children[place] ?? null);
      group.items.splice(place, 0, item);
    }
    group.count.textContent = String(group.items.length);
  }

  /**
   * @param {Item[]} items
   * @param {Order} order
   */
  rearrange(items, order) {
    this.order = order;
    this.#groups.clear();
    groups.replaceChildren();
    for (const item of items.filter(({ state }) => state !== "waiting")) {
      this.put(item);
    }
  }

  clear() {
    for (const item of this.#rows.keys()) {
      dropThumbnail(item);
    }
    this.#rows.clear();
    this.#groups.clear();
    groups.replaceChildren();
  }

  /** Removes a row from its group: the item failed before and was tried again. @param {Item} item */
  #remove(item) {
    for (const [name, group] of this.#groups) {
      const place = group.items.indexOf(item);
      if (place >= 0) {
        group.items.splice(place, 1);
        group.list.children[place]?.remove();
        this.#rows.delete(item);
        group.count.textContent = String(group.items.length);
        if (group.items.length === 0) {
          group.section.remove();
          this.#groups.delete(name);
        }
      }
    }
  }

  /** @param {Item} item */
  #groupOf(item) {
    if (!item.ranking) {
      return FAILED;
    }
    if (this.order !== "label") {
      return ALL;
    }
    const headline = headlineOf(item.ranking);
    return headline.none ? NONE : LABEL + (headline.first?.label ?? texts.noLabel);
  }

  /**
   * @param {Item} one
   * @param {Item} other
   */
  #compare(one, other) {
    const by = { label: -1, unsure: 1, file: 0 }[this.order];
    const share = (/** @type {Item} */ item) => (item.ranking ? winnerOf(item.ranking).probability : 0);
    return by * (share(one) - share(other)) || one.path.localeCompare(other.path, undefined, { numeric: true });
  }

  /** At its sorted position, so that no group moves when another one grows. @param {string} name */
  #makeGroup(name) {
    const count = make("span", "group-count");
    const shown = shownName(name);
    const title = named("h3", "", shown, " ", count);
    const list = make("ol", "batch-list");
    const section = make("section", { class: "batch-group", "aria-label": shown }, title, list);
    if (name === FAILED) {
      title.after(button(texts.retry, this.#onRetry));
    }
    const group = { section, count, list, items: [] };
    const later = [...this.#groups].find(([other]) => compareNames(other, name) > 0);
    groups.insertBefore(section, later?.[1].section ?? null);
    this.#groups.set(name, group);
    this.#groups = new Map([...this.#groups].sort(([a], [b]) => compareNames(a, b)));
    return group;
  }

  /** @param {Item} item */
  #row(item) {
    const known = this.#rows.get(item);
    if (known) {
      return known;
    }
    const row = item.ranking ? this.#rankedRow(item) : failedRow(item);
    this.#rows.set(item, row);
    return row;
  }

  /** @param {Item} item */
  #rankedRow(item) {
    const { label, probability } = winnerOf(/** @type {NonNullable<Item["ranking"]>} */ (item.ranking));
    const image = make("img", { class: "thumbnail", alt: "", width: "64", height: "64" });
    thumbnail(item).then(
      // The list may have been cleared in the meantime.
      ({ url }) => image.isConnected && (image.src = url),
      () => image.remove(),
    );
    const facts = make("span", "row-facts", `${label}, ${percent(probability)}`);
    const row = button("", () => this.#onShow(item), { class: "row" });
    row.append(image, named("span", "row-name", item.path), facts);
    return make("li", "", row);
  }
}

/** @param {string} group its key */
function shownName(group) {
  return group.startsWith(LABEL) ? group.slice(LABEL.length) : { [ALL]: texts.allImages, [NONE]: texts.noneOfThese, [FAILED]: texts.notRanked }[group] ?? "";
}

/**
 * Labels in alphabetical order, then "none of these", then failures.
 *
 * @param {string} one
 * @param {string} other
 */
function compareNames(one, other) {
  const rank = (/** @type {string} */ name) => [NONE, FAILED].indexOf(name);
  return rank(one) - rank(other) || one.localeCompare(other);
}

/** @param {Item} item */
function failedRow(item) {
  const { words, detail } = inWords(item.error);
  return make("li", "failed", named("span", "row-name", item.path), make("span", "row-facts", words), english(make("span", "row-detail", detail)));
}
