/** The workshop's five steps in every browser, then what was taken away: the site served, the model in onnxruntime. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { WWW, watchHeavy } from "./browser.mjs";
import { inEvery } from "./drivers/session.mjs";
import { png } from "./images.mjs";
import { serveFolder } from "./server.mjs";
import { MODELS, IMAGES, give, pressSoon, savedBy, seen, unzip, watch } from "./workshop.mjs";

const SIDE = 224;
/** Of the model's own size, so that nothing is resized. */
const pixel = (x, y) => [(x * 255) / SIDE, (y * 255) / SIDE, ((x ^ y) & 64) * 3].map(Math.floor);
const GRADIENT = png(SIDE, SIDE, 3, pixel);

/** onnxruntime's output for the gradient: probabilities in the model's order. */
async function inOnnxruntime(model) {
  const tensor = new Float32Array(3 * SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      pixel(x, y).forEach((value, channel) => {
        tensor[(channel * SIDE + y) * SIDE + x] = (value / 255 - 0.5) / 0.5;
      });
    }
  }
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model);
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", tensor, [1, 3, SIDE, SIDE]) });
  return [...outputs.probabilities.data];
}

/** Runs in the page: gives it an image to rank. */
async function tryImage(url) {
  document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = "";
  const blob = await (await fetch(url)).blob();
  const field = document.getElementById("classifier").shadowRoot.querySelector("input");
  Object.defineProperty(field, "files", { value: [new File([blob], "image.png", { type: "image/png" })], configurable: true });
  field.dispatchEvent(new Event("change"));
}

/** The ranking that the page shows of an image. */
async function ranked(page, url) {
  await page.run(tryImage, url);
  await page.run(seen, '[part="time"]:not(:empty)');
  return page.run(() =>
    Object.fromEntries([...document.getElementById("classifier").shadowRoot.querySelectorAll('[part~="row"]')].map((row) => [row.querySelector('[part="label"]').textContent, Number(row.querySelector("data").value)])),
  );
}

function assertClose(found, expected, bound, what) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort(), what);
  for (const [label, probability] of Object.entries(expected)) {
    assert.ok(Math.abs(found[label] - probability) <= bound, `${what}, ${label}: expected ${probability}, found ${found[label]}`);
  }
}

/** Serves the files of the zip and asks the element on its page. */
async function fromSite(page, zip) {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-site-"));
  for (const [name, content] of unzip(zip)) {
    assert.doesNotMatch(name, /^\/|\.\./);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const server = await serveFolder(folder, (path) => (path === "/gradient.png" ? { body: GRADIENT } : undefined));
  try {
    await page.goto(server.url);
    return await page.run(async () => {
      await customElements.whenDefined("polyhead-classifier");
      const element = document.querySelector("polyhead-classifier");
      const ranking = await element.classify(await (await fetch("gradient.png")).blob());
      return Object.fromEntries(ranking.labels.map(({ label, probability }) => [label, probability]));
    });
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

inEvery("all five steps, the site served, the model in onnxruntime", async (page) => {
  const asked = [];
  const server = await serveFolder(WWW, (path) => {
    asked.push(path);
    return path === "/gradient.png" ? { body: GRADIENT } : undefined;
  });
  try {
    await page.goto(`${server.url}workshop.html`);
    // The last thing that the workshop's scripts do before it takes files.
    await page.run(() => customElements.whenDefined("polyhead-classifier").then(() => true));
    await page.run(watch);
    await page.run(watchHeavy);

    // 1: the exports, what they share.
    await page.run(give, "models-file", Object.fromEntries(MODELS.map((file) => [file, `pkg/sample/${file}`])));
    await page.run(seen, "#joined svg");
    assert.match(await page.run(() => document.querySelector("#joined svg").getAttribute("aria-label")), /^A shared backbone of 93 layers, then a cut, then 2 heads/);
    assert.deepEqual(await page.run(() => [...document.querySelectorAll(".model h3")].map((title) => title.textContent)), ["clothes", "trash"]);
    // As in the demo, whose evidence is added below.
    await page.run(() => document.querySelector('[aria-label="Put first: trash"]').click());
    await page.run(seen, ".model:first-child h3", "trash");
    await page.run(seen, "#joined svg");
    assert.deepEqual(await page.run(() => [...document.querySelectorAll(".sizes .percent")].map((size) => size.textContent)), ["27.0 MB", "13.5 MB"]);

    // 2: images, one of them none; cancelled and gone on with.
    const images = Object.fromEntries(Object.entries(IMAGES).map(([path, file]) => [path, `samples/${file}`]));
    for (const id of ["images-cancel", "images-resume"]) {
      await page.run(pressSoon, id);
    }
    await page.run(give, "images-folder", { ...images, "glass/broken.png": "text:no image", "notes.txt": "text:none" });
    const count = await page.run(seen, "#images-count", "no images yet of");
    assert.deepEqual(await page.run(() => window.pressed), ["images-cancel", "images-resume"]);
    assert.equal(count, "8 of 9 images processed; 1 not added; 1 other file left out; no images yet of shoes, shorts");
    assert.match(await page.run(seen, "#failure-list"), /^glass\/broken\.png.*image/);

    // 3: the report.
    await page.run(seen, "#report footer");
    assert.deepEqual(await page.run(() => [...document.querySelectorAll("#report svg")].length), 8);
    assert.ok(await page.run(() => document.querySelectorAll("#report .matrix .hit").length > 0));
    await page.run(() => document.querySelector("#report .matrix .hit a").click());
    await page.run(seen, "#report .behind img");

    // 4: the rules, with the evidence of the models' training; the best one is taken.
    await page.run(give, "evidence-file", { "demo.evidence": "pkg/sample/demo.evidence" });
    await page.run(seen, "#evidence-list li", "796 images");
    await page.run(() => document.getElementById("fit-run").click());
    await page.run(seen, ".rule-table");
    const best = await page.run(() => document.querySelector(".is-best").dataset.rule);
    assert.notEqual(best, "concat");
    await page.run(() => document.querySelector(".is-best button").click());
    await page.run(seen, `[data-rule="${best}"].is-taken`);
    await page.run(seen, "#fit-status", `The model now has the rule ${best}`);
    await page.run(seen, "#report", `rule ${best}`);

    // 5: tried, taken away.
    const shirt = await ranked(page, "samples/t-shirt.png");
    assert.equal(Object.entries(shirt).sort(([, a], [, b]) => b - a)[0][0], "t-shirt");
    const found = await ranked(page, "gradient.png");
    assert.match(await page.run(() => document.getElementById("python").textContent), /onnxruntime/);
    assert.match(await page.run(() => document.getElementById("snippet").textContent), /<polyhead-classifier/);

    const model = await savedBy(page, "#take-f32", "merged.onnx");
    const labels = await page.run(() => [...document.querySelectorAll("#bins .bin h4")].map(({ firstChild }) => firstChild.textContent));
    const probabilities = await inOnnxruntime(model);
    assertClose(found, Object.fromEntries(labels.map((label, place) => [label, probabilities[place]])), 1e-4, "the page and onnxruntime");

    const half = await savedBy(page, "#take-f16", "merged.onnx");
    assert.ok(half.length < 0.6 * model.length, `${half.length} of ${model.length} bytes`);
    const small = await savedBy(page, "#take-int8", "merged.onnx");
    assert.ok(small.length < 0.35 * model.length, `${small.length} of ${model.length} bytes`);
    const zip = await savedBy(page, "#take-zip", "polyhead-site.zip");

    assert.deepEqual(await page.run(() => window.violations), []);
    const origins = await page.run(() => [...new Set(performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin))]);
    assert.deepEqual(origins.filter((origin) => `${origin}/` !== server.url && origin !== "null"), []);
    assert.deepEqual(await page.run(() => window.heavy), [], "on the page's own thread");
    // The element tells as many labels as its page asks for.
    const site = await fromSite(page, zip);
    const same = Object.fromEntries(Object.keys(site).map((label) => [label, found[label]]));
    assert.ok(Object.keys(site).length >= 3);
    assertClose(site, same, 1e-4, "the site and the page");
  } finally {
    await server.close();
  }
});
