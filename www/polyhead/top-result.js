/** The result of a ranking in one line: its first label, or none of them. */

/** @import { RankedLabel, Ranking } from "./types.js" */

/**
 * @param {Pick<Ranking, "labels" | "none">} ranking
 * @returns {{ none: true, probability: number } | { none: false, first: RankedLabel | undefined }} none of the labels if
 *   the model's probability of that is above 0.5
 */
export function headlineOf({ labels: [first], none }) {
  return none !== undefined && none > 0.5 ? { none: true, probability: none } : { none: false, first };
}
