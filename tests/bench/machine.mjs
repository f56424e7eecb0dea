/** The machine and the versions of a measurement. */
import { readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, platform, release } from "node:os";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { ROOT } from "./options.mjs";

const PACKAGES = {
  "onnxruntime-web": "onnxruntime-web",
  "LiteRT.js": "@litertjs/core",
  "tfjs-wasm": "@tensorflow/tfjs-backend-wasm",
};

/**
 * @param {import("./options.mjs").Options} options
 * @param {string} browser its version
 */
export async function machine(options, browser) {
  const { stdout } = await promisify(execFile)(options.polyhead, ["--version"]);
  const versions = { Polyhead: stdout.trim().replace(/^polyhead /, "") };
  for (const [name, folder] of Object.entries(PACKAGES)) {
    versions[name] = JSON.parse(await readFile(`${ROOT}tests/node_modules/${folder}/package.json`, "utf8")).version;
  }
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    system: `${platform()} ${release()} ${arch()}`,
    browser,
    node: process.version,
    versions,
    date: new Date().toISOString(),
  };
}
