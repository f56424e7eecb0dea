/** The workshop's sample project: for everybody, with the mouse and by keyboard alone. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { WWW, useBrowser, withPage } from "./browser.mjs";
import { useSmallProject } from "./small-project.mjs";
import { test } from "./test.mjs";
import { reported } from "./workshop-steps.mjs";

const shared = useBrowser();
const withSmallProject = useSmallProject();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const at = { path: "workshop.html" };

/** The findings of axe-core, rule by rule, with the elements. */
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
  test(`the sample project opens with one click and is accessible, ${what}`, () =>
    withPage(
      shared,
      async (page) => {
        assert.deepEqual(await findings(page), [], "at first");
        await page.click("#sample-project");
        await reported(page);
        await page.click("#fit-run");
        await page.waitForSelector(".rule-table");
        await page.setInputFiles("#classifier input[accept]", `${WWW}/samples/skirt.png`);
        await page.waitForSelector('[part="time"]:not(:empty)');
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
      { ...at, context, prepare: withSmallProject },
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
    { ...at, prepare: withSmallProject },
  ));
