/** Cold starts: a page in a new context, nothing cached, from the worker's start to its first scores. */
import { undisturbed, watchOthers } from "./disturb.mjs";

/** The picture that makes a runner's memory grow to what it needs. */
const LARGE = [4000, 3000];

/**
 * @typedef {object} Start
 * @property {number} fetched milliseconds until modules and model were there, and the modules compiled
 * @property {number} prepared milliseconds from there until the model was ready
 * @property {number} first milliseconds of the first inference
 * @property {number} total milliseconds from the worker's start to its first scores
 * @property {boolean} kept
 */

/**
 * @param {object} given
 * @param {import("./browser.mjs").Browser} given.browser
 * @param {() => Promise<number>} given.peak asks the probe
 * @param {{ url: string, fetched: () => string[] }} given.server
 * @param {import("./runners.mjs").Configuration[]} given.configurations
 * @param {number} given.rounds
 * @returns {Promise<Record<string, { starts: Start[], files: string[], memory: Memory }>>} by configuration
 */
export async function coldStarts({ browser, peak, server, configurations, rounds }) {
  const found = Object.fromEntries(configurations.map(({ name }) => [name, { starts: [], files: [], memory: undefined }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, start } of configurations) {
      const of = found[name];
      const probe = await peak();
      const page = await browser.page(server.url);
      server.fetched();
      const others = watchOthers(browser.pid);
      const times = await page.ask("start", name, start);
      of.starts.push({ ...times, others: others(), peak: probe });
      of.files = server.fetched();
      of.memory ??= await memory(page, name);
      await page.close();
    }
  }
  const all = Object.values(found).flatMap(({ starts }) => starts);
  undisturbed(all).forEach((kept, index) => (all[index].kept = kept));
  return found;
}

/**
 * WebAssembly memory never shrinks: its size is what was needed at most.
 *
 * @typedef {{ inference: number, large: number, page?: number }} Memory bytes of wasm memory after inferences, and after a
 *   picture of 12 megapixels; of the whole page then, where the browser tells
 * @returns {Promise<Memory>}
 */
async function memory(page, name) {
  await page.ask("infer", name, 3);
  const inference = await page.ask("memory", name);
  await page.ask("draw", "large", ...LARGE);
  await page.ask("rank", name, "large", 2);
  const large = await page.ask("memory", name);
  await page.ask("forget", "large");
  return { inference, large, page: await page.bytes() };
}
