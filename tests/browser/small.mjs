/** A merged model of a few kilobytes, with any labels: what a test of many files or of odd names can afford. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { POLYHEAD, ROOT } from "./browser.mjs";
import { METADATA, NUMBERS, edited } from "./protobuf.mjs";

/** The module without a model in it, as `./build.sh build` links it. */
export const MODULE = resolve(dirname(POLYHEAD), "../demo/pkg/polyhead_bg.wasm");

/** The heads of two models of `tests/fixtures/maps`. */
export const HEADS = { plain: ["red", "green", "blue", "grey"], other: ["round", "flat", "long"] };
export const LABELS = Object.values(HEADS).flat();

/** The merged file; with options, of a second model that drifted. @param {string[]} options of the merge of drifted models */
export function smallModel(...options) {
  return inFolder(async (folder, run) => {
    const words = [];
    for (const [name, labels] of Object.entries(HEADS)) {
      await writeFile(join(folder, `${name}.txt`), labels.join("\n"));
      const model = await readFile(`${ROOT}tests/fixtures/maps/${name}.onnx`);
      await writeFile(join(folder, `${name}.onnx`), options.length > 0 && name === "other" ? drifted(model) : model);
      words.push(`${name}.onnx`, "--labels", `${name}.txt`);
    }
    run("merge", ...words, ...options, "-o", "both.onnx");
    return readFile(join(folder, "both.onnx"));
  });
}

/**
 * The merged file with other names in place of its own, whatever they are.
 *
 * @param {Buffer} model
 * @param {Record<string, string>} names by the label or head that they stand for
 */
export function renamed(model, names) {
  return edited(model, METADATA, (value) => {
    const text = Object.entries(names).reduce(
      (text, [name, other]) => text.replaceAll(JSON.stringify(name), JSON.stringify(other)),
      value.toString("utf8"),
    );
    return Buffer.from(text);
  });
}

/** The output channels of the small models' convolutions, by the bytes of their weights. */
const CHANNELS = { 648: 6, 864: 8, 1728: 8, 3456: 12 };

/** A small model whose convolutions' weights are multiplied per output channel, as batch normalisation that moved does. @param {Buffer} model */
export function drifted(model) {
  return edited(model, NUMBERS, (numbers) => {
    const channels = CHANNELS[numbers.length];
    const values = new Float32Array(new Uint8Array(numbers).buffer);
    const factor = (place) => (channels ? 1 + 0.2 * Math.sin(3 * Math.floor((place * channels) / values.length)) : 1);
    return Buffer.from(values.map((value, place) => value * factor(place)).buffer);
  });
}

/** The module with this model in it. @param {Buffer} model @returns {Promise<Buffer>} */
export function moduleWith(model) {
  return inFolder(async (folder, run) => {
    await writeFile(join(folder, "model.onnx"), model);
    run("embed", MODULE, "model.onnx", "-o", "module.wasm");
    return readFile(join(folder, "module.wasm"));
  });
}

/**
 * @template T
 * @param {(folder: string, run: (...words: string[]) => void) => Promise<T>} use `run`: the command line
 * @returns {Promise<T>}
 */
export async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  try {
    return await use(folder, (...words) => void execFileSync(POLYHEAD, words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
