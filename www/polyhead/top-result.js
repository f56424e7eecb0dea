/** What a ranking comes to in one line: its first label, or none of them. */

/** @import { RankedLabel, Ranking } from "./types.js" */

/**
 * @param {Pick<Ranking, "labels" | "none">} ranking
 * @returns {{ none: true, probability: number } | { none: false, first: RankedLabel | undefined }} none of the labels where
 *   the model holds that for more likely than not
 */
export function headlineOf({ labels: [first], none }) {
  return none !== undefined && none > 0.5 ? { none: true, probability: none } : { none: false, first };
}
