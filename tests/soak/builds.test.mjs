/**
 * One image, one answer, whatever it is computed on: the command line, the module that ships, and a build with relaxed
 * SIMD, on the demo's model and, where POLYHEAD_FIXTURES names a folder with `models/`, on every model there.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { DEMO, POLYHEAD, WWW, useBrowser, withPage } from "../browser/browser.mjs";
import { servePage } from "../browser/host.mjs";

const run = promisify(execFile);
const shared = useBrowser();
const FIXTURES = process.env.POLYHEAD_FIXTURES;
/** The folder of the modules without a model. */
const TARGET = resolve(dirname(POLYHEAD), "..");
const BUILDS = { simd: `${TARGET}/demo/release/plain`, relaxed: `${TARGET}/demo/release/relaxed` };
/** The stated tolerance of a probability, and of a logit relative to the largest one. */
const BOUND = 1e-4;
const samples = (await readdir(`${WWW}/samples`)).filter((file) => file.endsWith(".png"));

/** The command line's result for every sample: `{sample: {label: probability}}`. */
async function native(model) {
  const images = samples.map((file) => `${WWW}/samples/${file}`);
  const { stdout } = await run(POLYHEAD, ["classify", model, ...images, "--json"], { maxBuffer: 1 << 26 });
  return Object.fromEntries(JSON.parse(stdout).map(({ labels }, index) => [samples[index], byLabel(labels)]));
}

function byLabel(labels) {
  return Object.fromEntries(labels.map(({ label, probability }) => [label, probability]));
}

/** A build's result for every sample, twice in one classifier and once in another; the bits must be the same. */
async function inBuild(server, build) {
  let answers;
  const ask = async (page) => {
    answers = await page.evaluate(
      async ({ build, samples }) => {
        const { loadClassifier } = await import("/polyhead/index.js");
        const load = () => loadClassifier({ model: "/model.onnx", moduleUrl: `/builds/${build}/polyhead.js`, cache: false });
        const [one, two] = [await load(), await load()];
        const answers = {};
        for (const file of samples) {
          const image = await (await fetch(`/samples/${file}`)).blob();
          const [first, ...others] = await Promise.all([one, one, two].map((classifier) => classifier.classify(image)));
          answers[file] = first.labels.map(({ label, probability }) => ({ label, probability }));
          const same = (other) => JSON.stringify(other.labels) === JSON.stringify(first.labels);
          if (!others.every(same)) {
            throw new Error(`${build}, ${file}: the same image gave other bits`);
          }
        }
        one.close();
        two.close();
        return answers;
      },
      { build, samples },
    );
  };
  await withPage(shared, ask, { url: server.url, path: "element.html" });
  return Object.fromEntries(Object.entries(answers).map(([file, labels]) => [file, byLabel(labels)]));
}

/** The largest difference of a probability. */
function apart(found, expected) {
  const differences = Object.entries(expected).flatMap(([file, labels]) =>
    Object.entries(labels).map(([label, probability]) => Math.abs(found[file][label] - probability)),
  );
  return Math.max(...differences);
}

/** The models, each as a merged file. */
async function* models(folder) {
  yield ["demo", DEMO];
  if (!FIXTURES) {
    console.log("POLYHEAD_FIXTURES names no folder: the demo's model alone");
    return;
  }
  for (const file of (await readdir(`${FIXTURES}/models`)).filter((file) => file.endsWith(".onnx")).sort()) {
    const out = join(folder, "merged.onnx");
    try {
      await run(POLYHEAD, ["merge", `${FIXTURES}/models/${file}`, "--force", "-o", out]);
    } catch (error) {
      console.log(`${file}: not compared, ${String(error.stderr).trim()}`);
      continue;
    }
    yield [file, out];
  }
}

test("the command line, the shipped module and a build with relaxed SIMD agree, with the same bits every time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  const scripts = {};
  for (const [build, place] of Object.entries(BUILDS)) {
    for (const file of ["polyhead.js", "polyhead_bg.wasm"]) {
      scripts[`/builds/${build}/${file}`] = await readFile(`${place}/${file}`);
    }
  }
  const server = await servePage({ body: "", scripts });
  try {
    for await (const [name, model] of models(folder)) {
      scripts["/model.onnx"] = await readFile(model);
      const expected = await native(model);
      const found = await Promise.all(Object.keys(BUILDS).map((build) => inBuild(server, build)));
      const differences = found.map((answers) => apart(answers, expected));
      const words = Object.keys(BUILDS).map((build, index) => `${build} ${differences[index].toExponential(1)}`);
      console.log(`${name}: largest difference of a probability from the command line: ${words.join(", ")}`);
      assert.ok(Math.max(...differences) <= BOUND, `${name}: ${words.join(", ")}`);
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
