/** The workshop's page: the sample project, refusals with their field, labels of images, the camera, projects, a lost worker. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { CAMERAS, ROOT, WWW, useBrowser, withPage } from "./browser.mjs";
import { png } from "./images.mjs";
import { recovered } from "./workshop.mjs";

const PYTHON = process.env.POLYHEAD_PYTHON;
const shared = useBrowser(CAMERAS);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const model = (name) => [".onnx", ".labels.txt", ".preprocess.json"].map((kind) => `${ROOT}models/${name}${kind}`);
const MODELS = [...model("trash"), ...model("clothes")];
const at = { path: "workshop.html" };

const joined = (page) => page.waitForSelector("#joined svg");
const reported = (page) => page.waitForSelector("#report footer");
const looked = (page, count) => page.waitForFunction((count) => document.getElementById("images-count").textContent.startsWith(count), count);

/** Lends a folder of images, one folder a label, that is gone afterwards. */
async function withFolder(images, use) {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  try {
    for (const [label, files] of Object.entries(images)) {
      await mkdir(join(folder, "images", label), { recursive: true });
      for (const file of files) {
        await copyFile(`${WWW}/samples/${file}`, join(folder, "images", label, file));
      }
    }
    await use(join(folder, "images"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What axe-core finds, rule by rule, with the elements. */
async function findings(page) {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)]);
}

for (const [what, context] of Object.entries({
  "wide and light": { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  "narrow and dark": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
})) {
  test(`the sample project is one click away, and for everybody, ${what}`, () =>
    withPage(
      shared,
      async (page) => {
        assert.deepEqual(await findings(page), [], "at first");
        await page.click("#sample-project");
        await reported(page);
        await page.click("#fit-run");
        await page.waitForSelector(".rule-table");
        await page.setInputFiles("#file", `${WWW}/samples/skirt.png`);
        await page.waitForSelector("#time:not(:empty)");
        assert.deepEqual(await findings(page), [], "with everything");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "wider than the window");
        for (const summary of await page.$$(".model summary, #merge-options summary")) {
          await summary.click();
        }
        await page.click(".thumb");
        await page.click("#report .matrix .hit a");
        assert.deepEqual(await findings(page), [], "opened");
        assert.equal(await page.getAttribute('#steps [aria-current="step"]', "href"), "#comparable");
      },
      { ...at, context },
    ));
}

test("works by keyboard alone", () =>
  withPage(
    shared,
    async (page) => {
      const reach = async (selector) => {
        for (let left = 200; left > 0; left -= 1) {
          await page.keyboard.press("Tab");
          if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) {
            return page.keyboard.press("Enter");
          }
        }
        assert.fail(`expected to reach ${selector}`);
      };
      await reach("#sample-project");
      await reported(page);
      await reach('#steps a[href="#fit"]');
      await reach("#fit-run");
      await page.waitForSelector(".rule-table");
      await reach(".is-best button");
      await page.waitForSelector(".is-best.is-taken");
      assert.ok(await page.evaluate(() => document.getElementById("rules").contains(document.activeElement)), "the focus is lost");
      await reach("#take-f16");
      await page.waitForFunction(() => /^merged\.onnx: /.test(document.getElementById("take-status").textContent));
    },
    at,
  ));

test("what does not fit is told with the field to correct", () =>
  withPage(
    shared,
    async (page) => {
      // Without a file of labels.
      await page.setInputFiles("#models-file", [...MODELS.slice(0, 3), `${ROOT}models/clothes.onnx`]);
      const clothes = '.model:has(h3:text-is("clothes"))';
      await page.waitForSelector(`${clothes} textarea[name=labels][aria-invalid=true]`);
      assert.match(await page.textContent("#alert-models"), /expected 5 labels.*found none/);
      await page.fill(`${clothes} textarea[name=labels]`, "glass\nshoes\nshorts\nskirt\nt-shirt");
      await page.click(`${clothes} [type=submit]`);
      // The same label twice.
      await page.waitForFunction(() => /same label.*glass/.test(document.getElementById("alert-models").textContent));
      await page.click("#alert-models button:text('Make them one label')");
      await joined(page);
      assert.equal(await page.textContent("#alert-models"), "");
      assert.equal(await page.inputValue("#merge-duplicates"), "merge");
      await page.waitForSelector("#bins .bin:nth-child(4)");
      assert.equal(await page.$$eval("#bins .bin", (bins) => bins.length), 9);
      // A wrong number of labels.
      await page.evaluate(() => document.querySelectorAll(".model details").forEach((details) => (details.open = true)));
      await page.fill(`${clothes} textarea[name=labels]`, "shirt\nshoes");
      await page.click(`${clothes} [type=submit]`);
      await page.waitForSelector(".model.broken, #alert-models .alert-words");
      assert.match(await page.textContent(".model.broken .broken-words"), /expected 5.*labels.*found 2/);
      assert.ok(await page.isVisible(".model:first-child textarea[name=labels]"));
      // One model alone waits for another.
      await page.click(".model:first-child header button:text('Remove')");
      await page.waitForFunction(() => /One more model/.test(document.getElementById("models-status").textContent));
    },
    at,
  ));

test("folders are labels; another folder's name is asked for; images move, and go", () =>
  withFolder({ glass: ["glass-bottle.png", "metal-can.png"], bottle: ["plastic-bottle.png"] }, (folder) =>
    withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#images-folder", folder);
        await page.waitForFunction(() => /wait for the models/.test(document.getElementById("images-count").textContent));
        await page.setInputFiles("#models-file", MODELS);
        await looked(page, "2 of 3");
        await page.waitForSelector("#unknown-labels select");
        assert.match(await page.textContent("#unknown-labels"), /The folder “bottle” \(1\)/);
        await page.selectOption("#unknown-labels select", "plastic");
        await looked(page, "3 of 3");
        const count = (label) => page.$eval(`#bins .bin:has(button[aria-label="Add images of ${label}"]) .group-count`, ({ textContent }) => textContent);
        assert.equal(await count("plastic"), "1");
        // The can is of metal.
        await page.click('.thumb[title$="metal-can.png"]');
        await page.selectOption(".tools select", "metal");
        await page.waitForSelector('#bins .bin:has(button[aria-label="Add images of metal"]) .thumb');
        assert.deepEqual([await count("glass"), await count("metal")], ["1", "1"]);
        await page.click('.thumb[title$="metal-can.png"]');
        await page.click(".tools button");
        await looked(page, "2 of 2");
        assert.equal(await count("metal"), "0");
      },
      at,
    ),
  ));

test("a label is recorded while a button or the space bar is held; the model is tried on the camera", () =>
  withPage(
    shared,
    async (page) => {
      await page.setInputFiles("#models-file", MODELS);
      await joined(page);
      await page.click("#images-camera");
      await page.waitForSelector("#recorder-hold:not([disabled])");
      await page.selectOption("#recorder-label", "shirt");
      // It moves the button.
      await page.waitForSelector("#recorder-choice:not([hidden])");
      await page.evaluate(() => {
        const words = document.getElementById("recorder-words");
        window.recorded = [];
        new MutationObserver(() => window.recorded.push(words.textContent)).observe(words, { childList: true });
      });
      await page.hover("#recorder-hold");
      await page.mouse.down();
      await page.waitForFunction(() => window.recorded.includes("2 images of shirt"));
      await page.mouse.up();
      await page.focus("#recorder-hold");
      await page.keyboard.down("Space");
      await page.waitForFunction(() => window.recorded.filter((words) => words === "1 image of shirt").length === 2);
      await page.keyboard.up("Space");
      await page.click("#recorder-stop");
      await page.waitForFunction(() => Number(document.querySelector("#bins .bin:has(button[aria-label='Add images of shirt']) .group-count").textContent) >= window.recorded.length - 1);
      assert.ok(await page.isHidden("#recorder"));
      // The model is tried on the camera, too; the last frame stays as an image.
      await page.click("#camera-switch");
      await page.waitForFunction(() => document.getElementById("time").textContent.endsWith("a frame"));
      await page.click("#camera-switch");
      await page.waitForFunction(() => document.getElementById("time").textContent.endsWith("on this machine"));
      assert.ok(await page.isVisible("#preview"));
    },
    at,
  ));

test("a project is saved and opened again; without it, leaving asks", () =>
  withPage(
    shared,
    async (page) => {
      await page.click("#sample-project");
      await reported(page);
      await page.click("#fit-run");
      await page.waitForSelector(".rule-table");
      const best = await page.getAttribute(".is-best", "data-rule");
      await page.click(".is-best button");
      await page.waitForSelector(`[data-rule="${best}"].is-taken`);
      const verdict = () => page.textContent("#report .verdict");
      await page.waitForFunction((best) => document.getElementById("report").textContent.includes(`Rule ${best}`), best);
      const before = await verdict();

      const asks = [];
      page.on("dialog", async (dialog) => {
        asks.push(dialog.type());
        await dialog.accept();
      });
      const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#project-save")]);
      const path = await saved.path();
      const file = { name: "project.polyhead", mimeType: "application/zip", buffer: await readFile(path) };
      await page.waitForFunction(() => /^Saved/.test(document.getElementById("project-words").textContent));
      await page.reload();
      assert.deepEqual(asks, [], "nothing is lost");

      await page.setInputFiles("#project-file", file);
      await page.waitForSelector(`[data-rule="${best}"].is-taken`);
      await reported(page);
      assert.equal(await verdict(), before);
      assert.equal(await page.$$eval(".thumb img", (images) => images.length), 8);
      assert.match(await page.textContent("#evidence-list"), /796 images/);
      await page.setInputFiles("#file", `${WWW}/samples/t-shirt.png`);
      await page.waitForSelector("#time:not(:empty)");
      await page.click(".thumb");
      await page.click(".tools button");
      await looked(page, "7 of 7");
      await page.waitForSelector("#project-save.unsaved");
      await page.reload();
      assert.deepEqual(asks, ["beforeunload"]);

      // What is no project changes nothing.
      await page.setInputFiles("#project-file", { name: "x.polyhead", mimeType: "", buffer: Buffer.from("no zip") });
      await page.waitForSelector("#alert-project .alert-detail");
    },
    at,
  ));

test("two people each do their half: evidence is handed over instead of images", () =>
  withFolder({ glass: ["glass-bottle.png"], metal: ["metal-can.png"] }, (folder) =>
    withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", MODELS);
        await joined(page);
        await page.check("input[value=trained]");
        await page.setInputFiles("#images-folder", folder);
        await looked(page, "2 of 2");
        await page.waitForSelector("#evidence-save:not([disabled])");
        await page.selectOption("#evidence-head", "trash");
        const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#evidence-save")]);
        assert.equal(saved.suggestedFilename(), "trash.evidence");
        const buffer = await readFile(await saved.path());
        // The other person has no image of these labels.
        for (let left = 2; left > 0; left -= 1) {
          await page.click(".thumb");
          await page.click(".tools button");
          await page.waitForFunction((left) => document.querySelectorAll(".thumb").length === left, left - 1);
        }
        await page.setInputFiles("#evidence-file", { name: "trash.evidence", mimeType: "", buffer });
        await page.waitForSelector("#evidence-list li");
        assert.match(await page.textContent("#evidence-list"), /^trash\.evidencetrash, 2 labels, 2 images/);
        // Of another merge it is refused.
        await page.setInputFiles("#evidence-file", { name: "x.evidence", mimeType: "", buffer: Buffer.from("none") });
        await page.waitForSelector("#alert-evidence .alert-detail");
        assert.equal(await page.$$eval("#evidence-list li", (files) => files.length), 1);
      },
      at,
    ),
  ));

test("what other tools export is read: a folder of TensorFlow.js, an ONNX with labels in another file's words", () =>
  withPage(
    shared,
    async (page) => {
      const tfjs = ["model.json", "metadata.json", "group1-shard1of2.bin", "group1-shard2of2.bin"].map((name) => `${ROOT}tests/exports/tfjs/${name}`);
      await page.setInputFiles("#models-file", tfjs);
      await page.waitForSelector(".model");
      assert.match(await page.textContent(".model header"), /Teachable Machine/);
      await page.setInputFiles("#models-file", ["model.onnx", "classes.json"].map((name) => `${ROOT}tests/exports/liner/${name}`));
      await page.waitForSelector(".model:nth-child(2)");
      assert.match(await page.textContent(".model:nth-child(2) header"), /liner\.ai/);
      assert.equal(await page.$$eval(".model.broken", (models) => models.length), 0);
      // They stand on no common backbone, which is told where they are.
      await page.waitForSelector("#alert-models .alert-detail");
    },
    at,
  ));

test("the Python lines say of an image what the page says", { skip: !PYTHON && "set POLYHEAD_PYTHON to a Python with onnxruntime, numpy and Pillow" }, () =>
  withFolder({}, async (folder) => {
    await mkdir(folder);
    const image = png(224, 224, 3, (x, y) => [x, y, ((x ^ y) & 64) * 3]);
    await withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", MODELS);
        await joined(page);
        await page.setInputFiles("#file", { name: "image.png", mimeType: "image/png", buffer: image });
        await page.waitForSelector("#time:not(:empty)");
        const found = await page.$$eval("#labels > li", (rows) =>
          rows.map((row) => [row.querySelector(".label").textContent, Number(row.querySelector("data").value)]),
        );
        const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#take-f32")]);
        await saved.saveAs(join(folder, "merged.onnx"));
        // Pillow tells a PNG by its bytes.
        await writeFile(join(folder, "image.jpg"), image);
        await writeFile(join(folder, "rank.py"), await page.textContent("#python"));
        const { stdout } = await promisify(execFile)(PYTHON, ["rank.py"], { cwd: folder });
        const said = Object.fromEntries([...stdout.matchAll(/\(([\d.e+-]+), '([^']+)'\)/g)].map(([, probability, label]) => [label, Number(probability)]));
        for (const [label, probability] of found.slice(0, 3)) {
          assert.ok(Math.abs(said[label] - probability) <= 1e-4, `${label}: expected ${probability}, found ${said[label]} in ${stdout}`);
        }
      },
      at,
    );
  }));

test("a lost worker is started anew with what the page has", () =>
  withFolder({ glass: ["glass-bottle.png"], skirt: ["skirt.png"] }, (folder) =>
    withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", MODELS);
        await joined(page);
        await page.setInputFiles("#images-folder", folder);
        await looked(page, "2 of 2");
        await reported(page);
        const [worker] = page.workers();
        const gone = new Promise((resolve) => worker.once("close", resolve));
        await worker.evaluate(() => void setTimeout(() => { throw new Error("lost"); }));
        await gone;
        await recovered(page);
        await looked(page, "2 of 2");
        await reported(page);
        assert.equal(await page.$$eval(".model", (models) => models.length), 2);
        assert.equal(page.workers().length, 1);
      },
      at,
    ),
  ));
