/** The options of the benchmark: arguments, environment, and paths. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const HELP = `node tests/bench/main.mjs [options]
  --quick                3 rounds, EfficientNet-Lite0 alone, no native part: about a minute
  --rounds N             undisturbed rounds a model (default 15)
  --profile              also a table of Polyhead's time an operator
  --lite0-tflite FILE    EfficientNet-Lite0 for LiteRT.js
  --b0-tflite FILE       EfficientNet-B0 for LiteRT.js
  --mobilenet-tflite FILE MobileNetV2-0.35 for LiteRT.js
  --tfjs FILE            a Teachable Machine export (zip) of MobileNetV2-0.35 for tfjs-wasm
  --out DIR              where bench.md, bench.json and bench.svg go (default target/bench)
Environment: POLYHEAD (the command line), PKG (a folder with polyhead.js and its modules; default www/pkg),
CHROMIUM, PYTHON (with onnxruntime, Pillow, numpy), POLYHEAD_FIXTURES (a folder whose models/ has more models),
POLYHEAD_TFLITE (a folder with lite0.tflite, b0.tflite, mobilenet.tflite).`;

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {boolean} profile
 * @property {number} rounds
 * @property {string} out
 * @property {string} polyhead the command line
 * @property {string} pkg the folder with the wasm modules
 * @property {string} chromium
 * @property {string} python
 * @property {string} [fixtures] the folder that has the models
 * @property {Record<string, string | undefined>} tflite by the model's key
 * @property {string} [tfjs]
 */

/** @returns {Options} */
export function readOptions(args = process.argv.slice(2), env = process.env) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      rounds: { type: "string" },
      out: { type: "string" },
      tfjs: { type: "string" },
      "lite0-tflite": { type: "string" },
      "b0-tflite": { type: "string" },
      "mobilenet-tflite": { type: "string" },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 15));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`expected a whole number of rounds, found ${values.rounds}`);
  }
  const tflite = (key) => given(values[`${key}-tflite`], `--${key}-tflite`) ?? inFolder(env.POLYHEAD_TFLITE, `${key}.tflite`);
  return {
    quick: values.quick,
    profile: values.profile,
    rounds,
    out: resolve(values.out ?? `${ROOT}target/bench`),
    polyhead: given(env.POLYHEAD ?? `${ROOT}target/debug/polyhead`, "POLYHEAD, or ./build.sh build to have been run, and"),
    pkg: given(env.PKG ?? `${ROOT}www/pkg`, "PKG"),
    chromium: env.CHROMIUM ?? "/usr/bin/chromium",
    python: env.PYTHON ?? "python3",
    fixtures: inFolder(env.POLYHEAD_FIXTURES, "models") ?? env.POLYHEAD_FIXTURES,
    tflite: { lite0: tflite("lite0"), b0: tflite("b0"), mobilenet: tflite("mobilenet") },
    tfjs: given(values.tfjs, "--tfjs"),
  };
}

/** A file that was named has to be there. */
function given(path, what) {
  if (path !== undefined && !existsSync(path)) {
    throw new Error(`expected ${what} to name a file that is there, found ${path}`);
  }
  return path && resolve(path);
}

/** A file that is taken where the folder has it. */
function inFolder(folder, name) {
  const path = folder && join(resolve(folder), name);
  return path && existsSync(path) ? path : undefined;
}
