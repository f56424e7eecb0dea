/** Builds the npm package: `node src/npm/make.mjs FOLDER_OF_THE_WASM_MODULE OUT_FOLDER`, with the npm packages of `tests`. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { elementsManifest } from "./manifest.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const [wasm, out] = process.argv.slice(2).map((path) => resolve(path));
const stage = join(out, "package");
/** Removes the module list of the worker, which is bundled into one file. */
const BUNDLED_WORKER = {
  name: "bundled-worker",
  load: (id) => (id.endsWith("/polyhead/worker-modules.js") ? "export const WORKER_MODULES = [];" : undefined),
};

await rm(stage, { recursive: true, force: true });
await mkdir(stage, { recursive: true });
await cp(`${ROOT}www/polyhead`, `${stage}/polyhead`, { recursive: true });
await cp(wasm, `${stage}/pkg`, { recursive: true });
for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  await cp(ROOT + file, join(stage, file));
}
// npm shows the README of the package's root.
await rename(join(stage, "polyhead/README.md"), join(stage, "README.md"));
await writeJson("package.json", { ...(await readJson(`${ROOT}src/npm/package.json`)), version: await version() });
await writeJson("custom-elements.json", await elementsManifest());
declareTypes();
await bundle();
// npm itself packs the file, so that it is the one that npm would publish.
execFileSync("npm", ["pack", stage, "--silent", "--pack-destination", out], { stdio: ["ignore", "inherit", "inherit"] });

/** The crate's version, which the package shares. */
async function version() {
  const [, found] = (await readFile(`${ROOT}Cargo.toml`, "utf8")).match(/^version = "(.*)"$/m);
  return found;
}

function declareTypes() {
  const tsc = `${ROOT}tests/node_modules/.bin/tsc`;
  execFileSync(tsc, ["-p", `${ROOT}src/npm/tsconfig.json`, "--outDir", stage], { stdio: "inherit" });
}

/** Bundles one small file for pages without a bundler, next to the worker and the error messages that it loads. */
async function bundle() {
  const { build } = await import(pathToFileURL(createRequire(`${ROOT}tests/package.json`).resolve("rolldown")).href);
  for (const [name, input] of [
    ["define.js", "element/define.js"],
    ["index.js", "index.js"],
    ["worker.js", "worker.js"],
  ]) {
    await build({
      input: `${ROOT}www/polyhead/${input}`,
      output: { dir: `${stage}/bundle`, entryFileNames: name, chunkFileNames: "[name].js", format: "es", minify: true },
      plugins: [BUNDLED_WORKER],
      logLevel: "warn",
    });
  }
}

async function readJson(path) {
  return JSON.parse(await readFile(path, "utf8"));
}

async function writeJson(name, value) {
  await writeFile(join(stage, name), `${JSON.stringify(value, undefined, 2)}\n`);
}
