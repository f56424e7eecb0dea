/** Polyhead's command line against onnxruntime in Python, on the same file and images. */
import { execFile, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { keep, watchOthers } from "./disturb.mjs";
import { median, summary } from "./statistics.mjs";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("native.py", import.meta.url));

/** Without it, threads are only asked for, not held to. */
const taskset = spawnSync("taskset", ["--version"]).status === 0;

/** The duration of onnxruntime's inference in one round. */
const SECONDS = 1;

/** Images of one round. */
const READY = 30;

/**
 * @param {import("./options.mjs").Options} options
 * @param {import("./models.mjs").Model[]} models
 * @param {() => Promise<number>} peak asks the probe
 * @returns {Promise<{ native?: object, left: string[] }>}
 */
export async function measureNative(options, models, peak) {
  const versions = await python(options, 1, "versions").catch((error) => ({ error }));
  if (versions.error) {
    const said = String(versions.error.stderr || versions.error.message).trim().split("\n").at(-1);
    return { left: [`Polyhead natively: PYTHON=${options.python} lacks onnxruntime, Pillow or numpy (${said})`] };
  }
  const inferences = [];
  for (const model of models) {
    inferences.push({ model: model.name, ...(await inference(options, model, peak)) });
  }
  const folder = await overFolder(options, models[0], peak);
  return { native: { versions, inferences, folder }, left: [] };
}

/** One core each: milliseconds of one inference. */
async function inference(options, model, peak) {
  const { width, height } = model.preprocessing;
  const folder = join(options.out, `ready-${width}x${height}`);
  await python(options, 1, "ready", folder, width, height, READY);
  return inTurns(Math.min(options.rounds, 7), peak, {
    polyhead: async () => median((await classify(options, 1, model, folder)).map(({ milliseconds }) => milliseconds)),
    onnxruntime: async () => {
      const { milliseconds } = await python(options, 1, "inference", model.onnx, model.preprocessing, SECONDS);
      return median(milliseconds);
    },
  });
}

/** Two cores each: images a second, from the process's start to its end, with reading, decoding and everything. */
async function overFolder(options, model, peak) {
  const cores = Math.min(2, availableParallelism());
  const folder = join(options.out, "images");
  const { images } = await python(options, cores, "images", folder);
  const answers = {};
  const rate = async (runner, act) => {
    const start = performance.now();
    answers[runner] = await act();
    return (1000 * images) / (performance.now() - start);
  };
  const rates = await inTurns(Math.min(options.rounds, 5), peak, {
    polyhead: () => rate("polyhead", () => classify(options, cores, model, folder)),
    onnxruntime: () =>
      rate("onnxruntime", () => python(options, cores, "classify", model.onnx, model.preprocessing, folder, cores)),
  });
  const labels = answers.polyhead.map(({ labels: [{ label }] }) => label);
  const agree = answers.onnxruntime.top.filter((top, index) => model.labels[top] === labels[index]).length;
  return { model: model.name, images, cores, agree, ...rates };
}

/**
 * Asks one after the other, so many times.
 *
 * @param {number} rounds
 * @param {() => Promise<number>} peak
 * @param {Record<"polyhead" | "onnxruntime", () => Promise<number>>} runners
 */
async function inTurns(rounds, peak, runners) {
  const taken = [];
  for (let round = 0; round < rounds; round += 1) {
    const others = watchOthers();
    const values = {};
    const turn = Object.entries(runners);
    for (const [name, act] of round % 2 ? turn : turn.reverse()) {
      values[name] = await act();
    }
    const took = others();
    taken.push({ others: took, peak: await peak(), values });
  }
  const { rounds: used, note } = keep(taken);
  const of = (name) => summary(used.map(({ values }) => values[name]));
  return {
    note,
    polyhead: of("polyhead"),
    onnxruntime: of("onnxruntime"),
    ratio: summary(used.map(({ values }) => values.polyhead / values.onnxruntime)),
  };
}

/** A process that may use so many cores, and that libraries give as many threads. */
async function onCores(cores, command, args) {
  const held = taskset ? ["taskset", "-c", `0-${cores - 1}`] : [];
  const [file, ...rest] = [...held, command, ...args];
  const env = { ...process.env, RAYON_NUM_THREADS: String(cores), OMP_NUM_THREADS: String(cores) };
  return (await run(file, rest, { env, maxBuffer: 1 << 28 })).stdout;
}

async function python(options, cores, ...args) {
  const words = args.map((arg, index) => (index === 0 ? arg : JSON.stringify(arg)));
  return JSON.parse(await onCores(cores, options.python, [SCRIPT, ...words]));
}

async function classify(options, cores, model, folder) {
  return JSON.parse(await onCores(cores, options.polyhead, ["classify", model.onnx, folder, "--json"]));
}
