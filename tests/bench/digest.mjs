/** Rounds and cold starts as figures of a model's configurations. */
import { keep } from "./disturb.mjs";
import { median, summary } from "./statistics.mjs";

const MEASURES = ["inference", "small", "large"];

/**
 * @param {object} given
 * @param {import("./models.mjs").Model} given.model
 * @param {import("./runners.mjs").Configuration[]} given.configurations
 * @param {Record<string, Record<string, unknown>>} given.facts what each said of itself
 * @param {Record<string, number | undefined>} given.busy how many cores each keeps busy
 * @param {import("./measure.mjs").Round[]} given.rounds
 * @param {Record<string, import("./cold.mjs").Found>} given.cold
 * @param {(files: string[]) => Promise<{ raw: number, brotli: number }>} given.sizes
 */
export async function digest({ model, configurations, facts, busy, rounds, cold, sizes }) {
  const kept = byMeasure((measure) => keep(rounds.filter((round) => round.measure === measure)));
  const reference = (threads) => configurations.find((one) => one.runner === "Polyhead" && one.threads === threads).name;
  const rows = [];
  for (const { name, runner, threads, alone } of configurations) {
    const row = { runner, threads, alone, facts: facts[name], busy: busy[name] };
    for (const measure of MEASURES) {
      const { rounds: used } = kept[measure];
      row[measure] = {
        milliseconds: summary(used.map(({ times }) => times[name])),
        toOneThread: summary(used.map(({ times }) => times[name] / times[reference(1)])),
        toSameThreads: summary(used.map(({ times }) => times[name] / times[reference(threads)])),
      };
    }
    // The peak is of one thread, in multiply-adds a nanosecond.
    const rate = ({ times }) => model.macs / times[name] / 1e6;
    row.rate = median(kept.inference.rounds.map(rate));
    row.ofLimit = median(kept.inference.rounds.map((round) => rate(round) / (round.peak * row.facts.threads)));
    row.cold = started(cold[name].starts);
    row.size = await sizes(cold[name].files);
    row.memory = cold[name].memory;
    rows.push(row);
  }
  return {
    key: model.key,
    name: model.name,
    macs: model.macs,
    notes: byMeasure((measure) => kept[measure].note),
    peak: median(kept.inference.rounds.map(({ peak }) => peak)),
    rows,
  };
}

/** @template T @param {(measure: string) => T} figure */
function byMeasure(figure) {
  return Object.fromEntries(MEASURES.map((measure) => [measure, figure(measure)]));
}

function started(starts) {
  const { rounds, dropped, forced } = keep(starts);
  const of = (part) => median(rounds.map((start) => start[part]));
  return {
    fetched: of("fetched"),
    prepared: of("prepared"),
    first: of("first"),
    total: of("total"),
    used: rounds.length,
    dropped,
    forced,
  };
}
