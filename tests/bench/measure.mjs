/**
 * Rounds in which every runner has its turn, so that whatever happens to the machine happens to all of them. A round is of
 * one measure, and so a few seconds long: on a machine that others use, too, some are left alone.
 */
import { setTimeout as pause } from "node:timers/promises";
import { undisturbed, watchOthers, watchOurs } from "./disturb.mjs";
import { median } from "./statistics.mjs";

/**
 * The measures: how a page is asked for it, the milliseconds and runs that a runner has for it in a round, and the part of
 * the rounds that it needs.
 */
const MEASURES = {
  inference: { ask: (page, name, times) => page.ask("infer", name, times), turn: 400, fewest: 5, part: 1 },
  small: { size: [640, 480], ask: rank("small"), turn: 200, fewest: 3, part: 0.6 },
  large: { size: [4000, 3000], ask: rank("large"), turn: 200, fewest: 2, part: 0.4 },
};

/** Runners' pools wait actively for a while after their work; nobody else is timed meanwhile. */
const CALM = 40;

/** Until V8 has compiled a module's hot functions once more, optimised. */
const WARM = 1500;

/** Rounds that are tried for one that counts. */
const PATIENCE = 3;

function rank(image) {
  return (page, name, times) => page.ask("rank", name, image, times);
}

/**
 * @typedef {object} Round
 * @property {string} measure
 * @property {number} peak multiply-adds a nanosecond
 * @property {number} [others] the part of a core that other processes took
 * @property {Record<string, number>} times milliseconds, by configuration
 */

/**
 * @param {object} given
 * @param {import("./browser.mjs").Page} given.page where the configurations' workers are started
 * @param {() => Promise<number>} given.peak asks the probe
 * @param {import("./runners.mjs").Configuration[]} given.configurations
 * @param {number} given.rounds that count
 * @returns {Promise<{ rounds: Round[], busy: Record<string, number | undefined> }>} `busy`: how many cores each keeps busy
 */
export async function measure({ page, peak, configurations, rounds }) {
  const { repeats, busy } = await warm(page, configurations);
  const taken = [];
  for (const [measure, { part }] of Object.entries(MEASURES)) {
    const wanted = Math.max(Math.ceil(part * rounds), Math.min(rounds, 3));
    const own = [];
    while (undisturbed(own).filter(Boolean).length < wanted && own.length < PATIENCE * wanted) {
      own.push(await round({ page, peak, measure, configurations: inTurn(configurations, own.length), repeats }));
    }
    taken.push(...own);
  }
  return { rounds: taken, busy };
}

/** Forwards, then backwards: whoever comes before a runner comes after it in the next round. */
function inTurn(configurations, round) {
  return round % 2 ? [...configurations].reverse() : configurations;
}

/** Runs everything until it is as fast as it gets; gives how often each fits into a turn, and how many cores it keeps busy. */
async function warm(page, configurations) {
  const repeats = {};
  const busy = {};
  for (const [measure, { size }] of Object.entries(MEASURES)) {
    if (size) {
      await page.ask("draw", measure, ...size);
    }
  }
  for (const { name } of configurations) {
    repeats[name] = {};
    const end = performance.now() + WARM;
    while (performance.now() < end) {
      await MEASURES.inference.ask(page, name, 5);
    }
    const used = watchOurs();
    await MEASURES.inference.ask(page, name, 20);
    busy[name] = used();
    for (const [measure, { ask, turn, fewest }] of Object.entries(MEASURES)) {
      repeats[name][measure] = Math.max(fewest, Math.round(turn / median(await ask(page, name, 4))));
    }
  }
  return { repeats, busy };
}

async function round({ page, peak, measure, configurations, repeats }) {
  const others = watchOthers();
  const times = {};
  const before = await peak();
  for (const { name } of configurations) {
    await pause(CALM);
    times[name] = median(await MEASURES[measure].ask(page, name, repeats[name][measure]));
  }
  await pause(CALM);
  const after = await peak();
  return { measure, peak: Math.min(before, after), others: others(), times };
}

/**
 * The part of one core that all of it takes while nobody is asked: pools that wait actively would disturb the others.
 *
 * @returns {Promise<number | undefined>}
 */
export async function idle() {
  const used = watchOurs();
  await pause(1000);
  return used();
}
