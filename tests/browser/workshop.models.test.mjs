/** The workshop's first step: refusals with their field, and what other tools export. */
import assert from "node:assert/strict";
import { ROOT, useBrowser, withPage } from "./browser.mjs";
import { MODELS } from "./small-project.mjs";
import { test } from "./test.mjs";
import { joined } from "./workshop-steps.mjs";

const shared = useBrowser();
const at = { path: "workshop.html" };

test("errors of models are shown at the field to correct", () =>
  withPage(
    shared,
    async (page) => {
      // Without a file of labels.
      await page.setInputFiles("#models-file", MODELS.slice(0, 4));
      const clothes = '.model:has(h3:text-is("clothes"))';
      await page.waitForSelector(`${clothes} textarea[name=labels][aria-invalid=true]`);
      assert.match(await page.textContent("#alert-models"), /expected 5 labels.*found none/);
      await page.fill(`${clothes} textarea[name=labels]`, "glass\nshoes\nshorts\nskirt\nt-shirt");
      await page.click(`${clothes} [type=submit]`);
      // The same label twice.
      await page.waitForFunction(() => /same label.*glass/.test(document.getElementById("alert-models").textContent));
      await page.click("#alert-models button:text('Merge them into one label')");
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
      await page.waitForFunction(() => /one more model/.test(document.getElementById("models-status").textContent));
    },
    at,
  ));

test("exports of other tools are read: a folder of TensorFlow.js, an ONNX file with a label file", () =>
  withPage(
    shared,
    async (page) => {
      const tfjs = ["model.json", "metadata.json", "group1-shard1of2.bin", "group1-shard2of2.bin"].map((name) => `${ROOT}tests/fixtures/exports/tfjs/${name}`);
      await page.setInputFiles("#models-file", tfjs);
      await page.waitForSelector(".model");
      assert.match(await page.textContent(".model header"), /Teachable Machine/);
      await page.setInputFiles("#models-file", ["model.onnx", "classes.json"].map((name) => `${ROOT}tests/fixtures/exports/liner/${name}`));
      await page.waitForSelector(".model:nth-child(2)");
      assert.match(await page.textContent(".model:nth-child(2) header"), /liner\.ai/);
      assert.equal(await page.$$eval(".model.broken", (models) => models.length), 0);
      await page.setInputFiles("#models-file", ["layers.keras", "shapes-keras2.h5"].map((name) => `${ROOT}tests/fixtures/exports/keras/${name}`));
      await page.waitForSelector(".model:nth-child(4)");
      const headers = await page.$$eval(".model header", (all) => all.map(({ textContent }) => textContent).join(" "));
      assert.match(headers, /layers\.keras.*shapes-keras2\.h5|shapes-keras2\.h5.*layers\.keras/);
      // Without labels they are shown with what they are.
      assert.match(await page.textContent(".model:nth-child(4) .model-facts"), /Keras (2\.15|3\.5)\.0/);
      // They stand on no common backbone, which is told where they are.
      await page.waitForSelector("#alert-models .alert-detail");
    },
    at,
  ));
