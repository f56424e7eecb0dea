/** Faults inside the workshop: the project is still there, and its steps can be continued. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, useBrowser, watchTimers, withPage } from "./browser.mjs";
import { png } from "./images.mjs";
import { MODELS } from "./small-project.mjs";
import { test } from "./test.mjs";
import { pressSoon, recovered } from "./workshop.mjs";
import { bent, idle, joined, looked, reported, swap, texts, unreported } from "./workshop-steps.mjs";

const shared = useBrowser();
const at = { path: "workshop.html", init: watchTimers };

const poison = png(7, 7, 3, () => [200, 30, 40]);
const file = (name, buffer) => ({ name, mimeType: "image/png", buffer });

test("an image that crashes the workshop is skipped; the others are processed, and it can be tried again", () =>
  withPage(
    shared,
    async (page) => {
      await page.setInputFiles("#models-file", MODELS);
      await joined(page);
      await swap(page);
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      const good = await Promise.all(["glass-bottle", "plastic-bottle"].map(async (name) => file(`${name}.png`, await readFile(`${WWW}/samples/${name}.png`))));
      await page.setInputFiles("#images-file", [good[0], file("poison.png", poison), good[1]]);
      await looked(page, "2 of 3 images processed; 1 not added");
      assert.match(await page.textContent("#failure-list"), /poison\.png.*found the workshop stopped by it/);
      await reported(page);
      assert.deepEqual(await texts(page, ".model h3"), ["trash", "clothes"], "their order is lost");
      await unreported(page);
      await page.click("#failures-again");
      // Of the worker after the one that was lost in it again.
      await reported(page);
      await looked(page, "2 of 3 images processed; 1 not added");
      assert.equal(page.workers().length, 1);
    },
    { ...at, prepare: bent(`
      const { observe } = Workshop.prototype;
      Workshop.prototype.observe = function (image, about) { return image.size === ${poison.length} ? trap() : observe.call(this, image, about); };`) },
  ));

test("a merge or comparison that crashes the workshop is not repeated automatically", () =>
  withPage(
    shared,
    async (page) => {
      // Half written while the state is told anew: it stays.
      await page.click("#merge-options summary");
      await page.fill("#merge-shared", "33");
      await page.setInputFiles("#models-file", MODELS);
      await joined(page);
      await page.dispatchEvent("#merge-shared", "change");
      await page.waitForSelector("#alert-models .alert-detail");
      await joined(page);
      assert.deepEqual(await texts(page, ".model h3"), ["clothes", "trash"]);

      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      await page.setInputFiles("#images-file", `${WWW}/samples/glass-bottle.png`);
      await page.waitForSelector("#alert-comparable .alert-detail");
      await recovered(page);
      await looked(page, "1 of 1");
      const [worker] = page.workers();
      await idle(page);
      await idle(page);
      assert.equal(page.workers()[0], worker, "started again and again");
      // The rest of it works.
      await page.setInputFiles("#classifier input[accept]", `${WWW}/samples/skirt.png`);
      await page.waitForSelector('[part="time"]:not(:empty)');
    },
    { ...at, prepare: bent(`
      const { merge } = Workshop.prototype;
      Workshop.prototype.merge = function (options) { return options?.minShared === 0.33 ? trap() : merge.call(this, options); };
      Workshop.prototype.check = trap;`) },
  ));

test("images cancelled during a merge stay cancelled", () => {
  // The joining waits for its last step where the test says so.
  let held = Promise.resolve();
  let release;
  return withPage(
    shared,
    async (page) => {
      await page.setInputFiles("#models-file", MODELS);
      await page.waitForSelector("#bins .bin");
      held = new Promise((resolve) => (release = resolve));
      await page.evaluate(pressSoon, "images-cancel");
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      await page.click(".model:nth-child(2) button:text('Put first')");
      await page.waitForFunction(() => document.querySelector(".model h3").textContent === "trash");
      // The joined models are shown, and not everything of the old ones is gone yet.
      await page.setInputFiles("#images-file", ["glass-bottle", "plastic-bottle"].map((name) => `${WWW}/samples/${name}.png`));
      await page.waitForFunction(() => /of 2/.test(document.getElementById("images-count").textContent));
      release();
      await page.waitForFunction(() => window.pressed.length === 1 && !document.querySelector("#models[aria-busy]"));
      await idle(page);
      assert.match(await page.textContent("#images-count"), /^[01] of 2/);
      await page.click("#images-resume");
      await looked(page, "2 of 2");
    },
    {
      ...at,
      prepare: async (page) => {
        await page.context().route("**/held", (route) => held.then(() => route.fulfill({ body: "" })));
        await bent(`
          const { card } = Workshop.prototype;
          Workshop.prototype.card = async function () {
            await fetch("/held", { method: "POST" });
            return card.call(this);
          };`)(page);
      },
    },
  );
});
