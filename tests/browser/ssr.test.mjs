/** Without a browser: importing does no harm, and Node.js classifies pixels. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { DEMO, POLYHEAD, WWW } from "./browser.mjs";
import { png } from "./images.mjs";
import { test } from "./test.mjs";

const run = promisify(execFile);
const library = await import(`${pathToFileURL(WWW)}/polyhead/index.js`);
const [WIDTH, HEIGHT] = [300, 200];
const pixel = (x, y) => [(x * 255) / WIDTH, (y * 255) / HEIGHT, ((x ^ y) & 64) * 3].map(Math.floor);

function pixels(channels) {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * channels).fill(255);
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
    data.set(pixel(at % WIDTH, Math.floor(at / WIDTH)), at * channels);
  }
  return { data, width: WIDTH, height: HEIGHT };
}

/** The command line's result for the same pixels. */
async function native() {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  try {
    const image = join(folder, "gradient.png");
    await writeFile(image, png(WIDTH, HEIGHT, 3, pixel));
    const { stdout } = await run(POLYHEAD, ["classify", DEMO, image, "--json"]);
    return JSON.parse(stdout)[0].labels;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function using(options, act) {
  const classifier = await library.loadClassifier(options);
  try {
    return await act(classifier);
  } finally {
    classifier.close();
  }
}

test("library, element, definition and camera can be imported on a server", async () => {
  const files = ["index.js", "element/element.js", "element/define.js", "element/texts.js", "camera/camera.js"];
  const imports = files.map((file) => `await import(${JSON.stringify(`${pathToFileURL(WWW)}/polyhead/${file}`)});`);
  await run(process.execPath, ["--input-type=module", "-e", imports.join("")], { timeout: 30_000 });
});

test("Node.js and the command line rank the same image alike, with an embedded model or a file", async () => {
  const expected = await native();
  const file = await readFile(DEMO);
  for (const model of [undefined, pathToFileURL(DEMO), new Uint8Array(file), new Blob([file])]) {
    await using({ model }, async (classifier) => {
      assert.deepEqual(classifier.heads, ["trash", "clothes"]);
      for (const source of [pixels(4), pixels(3), { ...pixels(4), data: Buffer.from(pixels(4).data) }]) {
        const { labels } = await classifier.classify(source);
        labels.forEach(({ label, probability }, index) => {
          assert.equal(label, expected[index].label);
          assert.ok(Math.abs(probability - expected[index].probability) < 1e-4, label);
        });
      }
    });
  }
});

test("Node.js gets errors that name the accepted sources and the fault", () =>
  using({}, async (classifier) => {
    const code = (source) => classifier.classify(source).then(() => "nothing", (error) => error.code);
    assert.equal(await code("image.png"), "source");
    assert.equal(await code({ data: new Uint8Array(5), width: 1, height: 1 }), "pixels");
    assert.equal(await code({ data: new Uint8Array(4), width: "wide", height: 1 }), "source");
    assert.equal((await classifier.classify(pixels(4), { topK: 2 })).labels.length, 2);
  }));

test("a program ends although its classifier is open", async () => {
  const script = `
    const { loadClassifier } = await import(${JSON.stringify(`${pathToFileURL(WWW)}/polyhead/index.js`)});
    const classifier = await loadClassifier();
    const { labels } = await classifier.classify({ data: new Uint8Array(3 * 16 * 16), width: 16, height: 16 });
    console.log(labels.length);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
  assert.equal(stdout.trim(), "10");
});

test("abort and progress in Node.js", async () => {
  const steps = [];
  await using({ model: pathToFileURL(DEMO), onProgress: (step) => steps.push(step) }, async (classifier) => {
    await assert.rejects(classifier.classify(pixels(4), { signal: AbortSignal.abort() }), { name: "AbortError" });
  });
  const { loaded, total } = steps.filter(({ stage }) => stage === "download").at(-1);
  assert.ok(loaded > 0 && loaded === total, `${loaded} of ${total}`);
  const missing = library.loadClassifier({ model: "nothing-here.onnx" });
  await assert.rejects(missing, { name: "PolyheadError", code: "download", message: /nothing-here\.onnx: expected a readable file/ });
});
