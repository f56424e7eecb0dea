/** What was handed to the worker, to hand it to another one where the first was lost. */

/**
 * @import { Shop } from "./shop.js"
 * @import { Part, State } from "./types.js"
 */

export class Replay {
  #shop;
  /** Project files and drops, as they came. @type {({ open: Blob } | { add: Part[] })[]} */
  #given = [];
  /** By name. @type {Map<string, Blob>} */
  #evidence = new Map();

  /** @param {Shop} shop */
  constructor(shop) {
    this.#shop = shop;
  }

  /** @param {Part[]} parts */
  async addFiles(parts) {
    const added = await this.#shop.addFiles(parts);
    this.#given.push({ add: parts });
    return added;
  }

  /**
   * @param {string} name
   * @param {Blob} content
   */
  async addEvidence(name, content) {
    const added = await this.#shop.addEvidence(name, content);
    this.#evidence.set(added.name, content);
    return added;
  }

  /** @param {Blob} file */
  async open(file) {
    const extra = await this.#shop.open(file);
    this.#given = [{ open: file }];
    this.#evidence.clear();
    return extra;
  }

  /**
   * Models with what was said of them, and evidence; the merge, the pictures and the fit come after.
   *
   * @param {State} last what the lost worker held
   */
  async again(last) {
    for (const given of this.#given) {
      await ("open" in given ? this.#shop.open(given.open) : this.#shop.addFiles(given.add));
    }
    const wanted = [...last.models];
    const now = await this.#shop.state();
    for (const { id, path } of now.models) {
      const [old] = wanted[0]?.path === path ? wanted.splice(0, 1) : [];
      if (old) {
        await this.#shop.editModel(id, old.stated);
      } else {
        await this.#shop.removeModel(id);
      }
    }
    const there = new Set(now.evidence.map(({ name }) => name));
    for (const { name } of last.evidence) {
      const content = this.#evidence.get(name);
      if (content && !there.has(name)) {
        await this.#shop.addEvidence(name, content);
      }
    }
  }
}
