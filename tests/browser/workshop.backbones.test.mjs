/** The workshop on models whose backbones are nearly the same: both ways to merge with their cost, then the fit. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { useBrowser, withPage } from "./browser.mjs";
import { drifted } from "./small.mjs";
import { MODELS } from "./small-project.mjs";
import { test } from "./test.mjs";
import { joined, reported, texts } from "./workshop-steps.mjs";

const shared = useBrowser();
const at = { path: "workshop.html" };

/** The files of the sample's models, the second one drifted. */
async function files() {
  return Promise.all(
    MODELS.map(async (path) => {
      const buffer = await readFile(path);
      const own = path.endsWith("clothes.onnx") ? drifted(buffer) : buffer;
      return { name: basename(path), mimeType: "application/octet-stream", buffer: own };
    }),
  );
}

test("nearly equal backbones are merged in the way that is chosen, and fitted", () =>
  withPage(
    shared,
    async (page) => {
      await page.click("#sample-project");
      await reported(page);
      await page.click(".model:nth-child(2) button:text('Remove')");
      await page.click(".model:nth-child(1) button:text('Remove')");
      await page.waitForFunction(() => document.querySelectorAll(".model").length === 0);
      await page.setInputFiles("#models-file", await files());
      await page.waitForSelector("#alert-models .merge-ways");
      assert.match(await page.textContent("#alert-models"), /same network.*batch normalisation moved/);
      await page.waitForFunction(() => [...document.querySelectorAll(".way-cost")].every(({ textContent }) => /× the work/.test(textContent)));
      const [separate, one] = await texts(page, ".way-cost");
      assert.match(separate, /^2 × the work of one model, .* No answer changes\.$/);
      assert.match(one, /^1 × the work of one model, .* of 12 synthetic images; a probability changes by /);
      // Separate: exact.
      await page.click("button:text('Keep separate backbones')");
      await joined(page);
      assert.equal(await page.textContent("#alert-models"), "");
      assert.match(await page.textContent("#joined-words"), /keep their own backbones.*own scores \(3 images\)/);
      assert.match(await page.textContent("#joined-warnings"), /trash keeps its own backbone beside that of clothes/);
      // Shared: other answers, which the model's card tells too.
      await page.evaluate(() => void (document.getElementById("merge-options").open = true));
      await page.selectOption("#merge-backbones", "shared");
      await page.waitForFunction(() => /replaces their own/.test(document.getElementById("joined-words").textContent));
      assert.doesNotMatch(await page.textContent("#backbone"), /its weights are used/);
      assert.match(await page.textContent("#joined-warnings"), /clothes: another first label on .* of 12 synthetic images/);
      // The sample's evidence is of other models.
      await page.click("#evidence-list button");
      await page.waitForFunction(() => document.querySelectorAll("#evidence-list button").length === 0);
      await page.click("#fit-run");
      await page.waitForSelector('[data-rule="scaled"]');
      // In German.
      await page.click(".language");
      await page.waitForFunction(() => /ersetzt/.test(document.getElementById("joined-words").textContent));
    },
    at,
  ));
