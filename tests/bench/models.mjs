/** The models that are measured, each with two heads on one backbone, made by `polyhead merge`. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./options.mjs";

const run = promisify(execFile);

/**
 * @typedef {object} Model
 * @property {string} key
 * @property {string} name
 * @property {string} onnx the merged file
 * @property {string} source one of its sources
 * @property {string} [alone] one source as a merged file of one head
 * @property {string} [tflite]
 * @property {string} [tfjs] a zip
 * @property {number} macs multiply-adds of the merged model
 * @property {string[]} labels in the order of its scores
 * @property {Preprocessing} preprocessing
 *
 * @typedef {object} Preprocessing
 * @property {number} width
 * @property {number} height
 * @property {"nchw" | "nhwc"} layout
 * @property {[number, number]} range
 * @property {number[]} mean
 * @property {number[]} std
 */

const KNOWN = [
  {
    key: "lite0",
    name: "EfficientNet-Lite0",
    folder: () => `${ROOT}models`,
    sources: ["trash.onnx", "clothes.onnx"],
    alone: true,
  },
  {
    key: "b0",
    name: "EfficientNet-B0",
    folder: (options) => options.fixtures,
    sources: ["keras-b0-random-a-tf2onnx-224.onnx", "keras-b0-random-b-tf2onnx-224.onnx"],
  },
  {
    key: "mobilenet",
    name: "MobileNetV2-0.35",
    folder: (options) => options.fixtures,
    sources: ["trash-tm-mobilenetv2_035.onnx", "clothes_b-tm-mobilenetv2_035.onnx"],
  },
];

/**
 * @param {import("./options.mjs").Options} options
 * @returns {Promise<{ models: Model[], left: string[] }>} `left`: what is left out, and why
 */
export async function makeModels(options) {
  const models = [];
  const left = [];
  for (const { key, name, folder, sources, alone } of options.quick ? KNOWN.slice(0, 1) : KNOWN) {
    const from = folder(options);
    const files = sources.map((file) => join(from ?? "", file));
    if (!from || !files.every((file) => existsSync(file))) {
      left.push(`${name}: POLYHEAD_FIXTURES names no folder with models/${sources.join(" and models/")}`);
      continue;
    }
    const onnx = join(options.out, `${key}.onnx`);
    const merged = await merge(options, files, onnx);
    const model = {
      key,
      name,
      onnx,
      source: files[0],
      macs: multiplyAdds(merged),
      labels: merged.labels.map(({ label }) => label),
      preprocessing: merged.preprocessing,
      tflite: options.tflite[key],
      tfjs: key === "mobilenet" ? options.tfjs : undefined,
    };
    if (alone) {
      model.alone = join(options.out, `${key}-alone.onnx`);
      await merge(options, files.slice(0, 1), model.alone);
    }
    if (!model.tflite) {
      left.push(`${name} in LiteRT.js: no --${key}-tflite FILE, and no ${key}.tflite in POLYHEAD_TFLITE`);
    }
    models.push(model);
  }
  if (!options.quick && !options.tfjs) {
    left.push("tfjs-wasm: no --tfjs FILE");
  }
  return { models, left };
}

async function merge(options, sources, output) {
  const { stdout } = await run(options.polyhead, ["merge", ...sources, "-o", output, "--force", "--json", "--weight-format", "f32"]);
  return JSON.parse(stdout);
}

function multiplyAdds({ backbone }) {
  return backbone.models.reduce((sum, { head }) => sum + head.multiply_adds, backbone.multiply_adds);
}
