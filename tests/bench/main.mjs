/** Measures Polyhead against other runners, in one browser and natively; `--help` says how it is asked. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startBrowser } from "./browser.mjs";
import { bundle } from "./bundle.mjs";
import { coldStarts } from "./cold.mjs";
import { digest } from "./digest.mjs";
import { machine } from "./machine.mjs";
import { idle, measure } from "./measure.mjs";
import { makeModels } from "./models.mjs";
import { measureNative } from "./native.mjs";
import { readOptions, ROOT } from "./options.mjs";
import { plot } from "./plot.mjs";
import { profiled } from "./profile.mjs";
import { report } from "./report.mjs";
import { BUNDLED, configurations, modelPlaces } from "./runners.mjs";
import { serve } from "./server.mjs";
import { sizer } from "./sizes.mjs";

const THREADS = availableParallelism() > 1 ? [1, 2] : [1];

/** A runner that computes something else is not slower or faster. */
const SAME = 1e-3;

const say = (text) => console.error(`==> ${text}`);

const options = readOptions();
await mkdir(options.out, { recursive: true });
const results = await measureAll();
console.log(report(results));
say(`written: bench.md, bench.json, bench.svg in ${options.out}`);

/** Called after every model, too: what was measured is kept, whatever happens to the next one. */
async function write(results) {
  await writeFile(join(options.out, "bench.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(options.out, "bench.md"), report(results));
  await writeFile(join(options.out, "bench.svg"), plot(results.models));
}

async function measureAll() {
  say("making the models, the probe and the workers");
  const { models, left } = await makeModels(options);
  const peakFile = await buildPeak();
  const built = join(options.out, "built");
  for (const runner of BUNDLED) {
    await bundle(runner, built);
  }
  const server = await serve({
    bench: `${ROOT}tests/bench`,
    www: `${ROOT}www`,
    npm: `${ROOT}tests/node_modules`,
    pkg: options.pkg,
    built,
    "peak.wasm": peakFile,
    ...modelPlaces(models),
  });
  const browser = await startBrowser(options.chromium);
  try {
    const probe = await browser.page(server.url);
    await probe.ask("start", "peak", { url: "/bench/page/peak.mjs", type: "module", request: {} });
    const peak = async () => (await probe.ask("infer", "peak", 1))[0];
    const brotli = await sizer(options.out, options.quick);
    const results = {
      machine: await machine(options, browser.version),
      brotli: brotli.quality,
      models: [],
      profile: options.profile ? [] : undefined,
      native: undefined,
      left,
    };
    for (const model of models) {
      const { figures, profile } = await measureModel({ model, browser, server, peak, brotli });
      results.models.push(figures);
      results.profile?.push(await profiled(options, model, profile));
      await write(results);
    }
    if (options.quick) {
      left.push("Polyhead natively: --quick");
    } else {
      say("natively");
      const { native, left: missing } = await measureNative(options, models, peak);
      results.native = native;
      left.push(...missing);
    }
    await write(results);
    return results;
  } finally {
    await browser.close();
    server.close();
  }
}

async function measureModel({ model, browser, server, peak, brotli }) {
  const own = configurations(model, THREADS);
  say(`${model.name}: ${own.length} workers, ${options.rounds} rounds`);
  const page = await browser.page(server.url);
  const facts = {};
  for (const { name, start } of own) {
    ({ facts: facts[name] } = await page.ask("start", name, start));
  }
  const difference = await compare(page, own);
  const resting = await idle();
  const { rounds, busy } = await measure({ page, peak, configurations: own, rounds: options.rounds });
  const profile = options.profile ? await profiles(page, own) : undefined;
  await page.close();
  say(`${model.name}: cold starts`);
  const starts = options.quick ? 1 : Math.min(options.rounds, 5);
  const cold = await coldStarts({ browser, peak, server, configurations: own, rounds: starts });
  const figures = await digest({ model, configurations: own, facts, busy, rounds, cold, sizes: brotli.sizes });
  return { figures: { ...figures, difference, idle: resting, rounds }, profile };
}

/** Polyhead's time per node of the merged model, with one thread and with more. */
async function profiles(page, configurations) {
  const found = [];
  for (const { name, threads } of configurations.filter(({ runner }) => runner === "Polyhead")) {
    found.push({ threads, nodes: await page.ask("profile", name) });
  }
  return found;
}

/**
 * Polyhead and onnxruntime-web run the same file: they have to give the same scores.
 *
 * @returns {Promise<number>} the largest difference
 */
async function compare(page, configurations) {
  const same = configurations.filter(({ runner }) => ["Polyhead", "onnxruntime-web"].includes(runner));
  const scores = [];
  for (const { name } of same) {
    scores.push(await page.ask("scores", name));
  }
  const differences = scores.map((own) => Math.max(...own.map((score, index) => Math.abs(score - scores[0][index]))));
  const wrong = differences.findIndex((difference) => !(difference <= SAME));
  if (wrong >= 0) {
    const [{ name: first }, { name }] = [same[0], same[wrong]];
    throw new Error(`expected '${name}' to score as '${first}' within ${SAME}, found a difference of ${differences[wrong]}`);
  }
  return Math.max(...differences);
}

async function buildPeak() {
  const output = join(options.out, "peak.wasm");
  await promisify(execFile)("rustc", [
    ...["--target", "wasm32-unknown-unknown", "-O", "--crate-type", "cdylib", "-C", "panic=abort"],
    ...["-C", "target-feature=+simd128,+relaxed-simd", `${ROOT}tests/bench/peak.rs`, "-o", output],
  ]);
  return output;
}
