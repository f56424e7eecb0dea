/** Rankings of camera frames, smoothed over time. */

/** @import { Ranking } from "../types.js" */

/** Milliseconds after which the weight of a frame is 1/e. */
const MEMORY = 400;

/** An exponential mean: equally smooth at any frame rate. */
export class Smoothing {
  /** @type {Ranking | undefined} */
  #mean;
  #at = 0;

  /**
   * @param {Ranking} ranking with all labels
   * @param {number} [at] milliseconds
   * @returns {Ranking} most probable first
   */
  add(ranking, at = performance.now()) {
    const old = this.#mean;
    const fresh = old ? 1 - Math.exp((this.#at - at) / MEMORY) : 1;
    this.#at = at;
    this.#mean = {
      ...ranking,
      labels: mix(ranking.labels, old?.labels, fresh, ({ label }) => label),
      heads: mix(ranking.heads, old?.heads, fresh, ({ head }) => head),
    };
    if (ranking.none !== undefined) {
      this.#mean.none = fresh * ranking.none + (1 - fresh) * (old?.none ?? ranking.none);
    }
    return this.#mean;
  }

  reset() {
    this.#mean = undefined;
  }
}

/**
 * @template {{ probability: number }} T
 * @param {T[]} newest
 * @param {T[] | undefined} old
 * @param {number} fresh weight of the newest ranking
 * @param {(item: T) => string} name
 * @returns {T[]}
 */
function mix(newest, old, fresh, name) {
  const before = new Map(old?.map((item) => [name(item), item.probability]));
  return newest
    .map((item) => {
      const { probability } = item;
      return { ...item, probability: fresh * probability + (1 - fresh) * (before.get(name(item)) ?? probability) };
    })
    .sort((a, b) => b.probability - a.probability);
}
