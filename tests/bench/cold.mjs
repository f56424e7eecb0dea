/** Cold starts: a page in a new context, nothing cached, from the worker's start to its first scores. */
import { watchOthers } from "./disturb.mjs";
import { peakOfRenderer } from "./processes.mjs";

/** The image that makes a runner's memory grow to what it needs. */
const LARGE = [4000, 3000];

/**
 * @typedef {object} Start
 * @property {number} fetched milliseconds until modules and model were there, and the modules compiled
 * @property {number} prepared milliseconds from there until the model was ready
 * @property {number} first milliseconds of the first inference
 * @property {number} total milliseconds from the worker's start to its first scores
 */

/**
 * @typedef {object} Found
 * @property {Start[]} starts
 * @property {string[]} files that were fetched
 * @property {Memory} memory
 *
 * @param {object} given
 * @param {import("./browser.mjs").Browser} given.browser
 * @param {() => Promise<number>} given.peak asks the probe
 * @param {{ url: string, fetched: () => string[] }} given.server
 * @param {import("./runners.mjs").Configuration[]} given.configurations
 * @param {number} given.rounds
 * @returns {Promise<Record<string, Found>>} by configuration
 */
export async function coldStarts({ browser, peak, server, configurations, rounds }) {
  /** @type {Record<string, Found>} */
  const found = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, start } of configurations) {
      const of = (found[name] ??= { starts: [], files: [], memory: undefined });
      const probe = await peak();
      const page = await browser.page(server.url);
      server.fetched();
      const others = watchOthers();
      const times = await page.ask("start", name, start);
      of.starts.push({ ...times, others: others(), peak: probe });
      of.files = server.fetched();
      of.memory ??= await memory(page, name);
      await page.close();
    }
  }
  return found;
}

/** Processes of pages that were measured. */
const seen = new Set();

/**
 * WebAssembly memory never shrinks: its size is what was needed at most.
 *
 * @typedef {object} Memory
 * @property {number} inference bytes of wasm memory after inferences
 * @property {number} large after an image of 12 megapixels
 * @property {number} [process] the most that the page's process ever had before the image, where the system tells
 * @returns {Promise<Memory>}
 */
async function memory(page, name) {
  await page.ask("infer", name, 3);
  const inference = await page.ask("memory", name);
  const process = peakOfRenderer(seen);
  await page.ask("draw", "large", ...LARGE);
  await page.ask("rank", name, "large", 2);
  return { inference, large: await page.ask("memory", name), process };
}
