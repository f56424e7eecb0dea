/** The runners per model, and the start of their workers. */

/**
 * @typedef {object} Configuration
 * @property {string} name unique among a model's
 * @property {string} runner for people
 * @property {number} threads that were asked for
 * @property {{ url: string, type: "module" | "classic", request: object }} start for the page
 * @property {boolean} [alone] one source alone, instead of the merged model
 */

const RUNNERS = [
  { key: "polyhead", runner: "Polyhead", type: "module", file: "onnx" },
  { key: "polyhead", runner: "Polyhead, one source alone", type: "module", file: "alone", alone: true, most: 1 },
  { key: "ort", runner: "onnxruntime-web", type: "module", file: "onnx" },
  { key: "litert", runner: "LiteRT.js", type: "classic", file: "tflite" },
  { key: "tfjs", runner: "tfjs-wasm", type: "classic", file: "tfjs" },
];

/** Those that are bundled into one file. */
export const BUNDLED = RUNNERS.filter(({ type }) => type === "classic").map(({ key }) => key);

/**
 * @param {import("./models.mjs").Model} model
 * @param {number[]} threads
 * @returns {Configuration[]}
 */
export function configurations(model, threads) {
  return RUNNERS.filter(({ file }) => model[file]).flatMap(({ key, runner, type, file, alone, most = Infinity }) =>
    threads.filter((count) => count <= most).map((count) => ({
      name: `${model.key} ${key}${alone ? " alone" : ""} ${count}`,
      runner,
      threads: count,
      alone,
      start: {
        url: type === "module" ? `/bench/runners/${key}.mjs` : `/built/${key}.js`,
        type,
        request: { model: `/${model.key}.${file}`, threads: count, preprocessing: model.preprocessing },
      },
    })),
  );
}

/** @param {import("./models.mjs").Model[]} models */
export function modelPlaces(models) {
  const files = models.flatMap((model) => RUNNERS.map(({ file }) => [`${model.key}.${file}`, model[file]]));
  return Object.fromEntries(files.filter(([, path]) => path));
}
