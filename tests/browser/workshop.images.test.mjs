/** The workshop's images: folders are labels, the camera records a label, evidence is handed over. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { CAMERAS, useBrowser, withPage } from "./browser.mjs";
import { MODELS } from "./small-project.mjs";
import { test } from "./test.mjs";
import { joined, looked, withFolder } from "./workshop-steps.mjs";

const shared = useBrowser(CAMERAS);
const at = { path: "workshop.html" };

test("folder names are labels; unknown names are asked for; images are moved and removed", () =>
  withFolder({ glass: ["glass-bottle.png", "metal-can.png"], bottle: ["plastic-bottle.png"] }, (folder) =>
    withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#images-folder", folder);
        await page.waitForFunction(() => /wait until the models/.test(document.getElementById("images-count").textContent));
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
      await page.click('[part~="camera-button"]');
      await page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));
      await page.click('[part~="camera-button"]');
      await page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith(" ms"));
      assert.ok(await page.isVisible('[part="preview"]'));
    },
    at,
  ));

test("two users each compute their part: evidence is exchanged instead of images", () =>
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
