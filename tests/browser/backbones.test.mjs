/** The page with a model of drifted parts: separate backbones compute what the command line does, a shared one is named in the card. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { POLYHEAD, WWW, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { inFolder, moduleWith, smallModel } from "./small.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

/** The page with this model, after it ranked its first sample. */
async function withModel(model, check) {
  const body = await moduleWith(model);
  const server = await serveFolder(WWW, (path) => (path.endsWith("/polyhead_bg.wasm") ? { body } : undefined));
  try {
    await withPage(
      shared,
      async (page) => {
        await page.click(".sample");
        await page.waitForSelector('[part="time"]:not(:empty)');
        await check(page);
      },
      { url: server.url },
    );
  } finally {
    await server.close();
  }
}

test("weights that are stored as multiples of others give the command line's probabilities", async () => {
  const model = await smallModel("--backbones", "separate");
  await withModel(model, async (page) => {
    const sample = new URL(await page.getAttribute(".sample img", "src"), page.url()).pathname;
    const [{ labels }] = await inFolder(async (folder) => {
      await writeFile(join(folder, "model.onnx"), model);
      return JSON.parse(execFileSync(POLYHEAD, ["classify", "model.onnx", join(WWW, sample), "--json"], { cwd: folder, encoding: "utf8" }));
    });
    const shown = await page.$$eval('[part="value"]', (all) => all.map(({ value }) => Number(value)));
    assert.equal(shown.length, 7);
    shown.forEach((value, place) => assert.ok(Math.abs(value - labels[place].probability) < 1e-3, `${value} ${labels[place].probability}`));
    assert.doesNotMatch(await page.textContent("#card"), /One backbone for all/);
  });
});

test("the model card names a shared backbone and what it changed", async () => {
  await withModel(await smallModel("--backbones", "shared"), async (page) => {
    const card = await page.textContent("#card");
    assert.match(card, /One backbone for all.*the mean of all\. .*plain: another first label on .* of 12 synthetic images.*other: another first label on /s);
    await page.click(".language");
    await page.waitForFunction(() => /Ein Backbone für alle/.test(document.getElementById("card").textContent));
  });
});
