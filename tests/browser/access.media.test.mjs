/** For everybody: right to left, forced colours, less motion, screen readers; what axe-core finds in the other states of the page. */
import assert from "node:assert/strict";
import { findings, testStates } from "./axe.mjs";
import { CAMERAS, WWW, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const shared = useBrowser(CAMERAS);
const images = ["glass-bottle", "skirt", "metal-can"].map((name) => `${WWW}/samples/${name}.png`);

test("right to left: nothing is cut off, and bars grow from the right", () =>
  withPage(
    shared,
    async (page) => {
      await page.evaluate(() => (document.documentElement.dir = "rtl"));
      await rankingAfter(page, () => page.click(".sample"));
      await page.setInputFiles("#classifier input[accept]", images);
      await page.waitForSelector("#batch-cancel", { state: "hidden" });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      const [bar, fill] = await page.$eval('[part="bar"]', (bar) => [bar, bar.firstElementChild].map((box) => box.getBoundingClientRect().right));
      assert.equal(fill, bar);
      assert.deepEqual(await findings(page), []);
    },
    { context: { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" } },
  ));

test("forced colours: chosen controls differ from others", () =>
  withPage(
    shared,
    async (page) => {
      await rankingAfter(page, () => page.click(".sample"));
      const look = (value) =>
        page.$eval(`input[value=${value}] + span`, (span) => getComputedStyle(span).backgroundColor);
      assert.notEqual(await look("probabilities"), await look("raw"));
      const bar = await page.$eval('[part="bar"]', (bar) => getComputedStyle(bar).borderTopStyle);
      assert.equal(bar, "solid");
    },
    { context: { forcedColors: "active" } },
  ));

test("reduced motion: nothing is animated", () =>
  withPage(
    shared,
    async (page) => {
      await rankingAfter(page, () => page.click(".sample"));
      const moving = await page.evaluate(() =>
        document.getAnimations().filter((animation) => animation.playState === "running").length,
      );
      assert.equal(moving, 0);
    },
    { context: { reducedMotion: "reduce" } },
  ));

test("screen readers announce a ranking, and the progress of the list at intervals", () =>
  withPage(shared, async (page) => {
    await ready(page);
    await page.evaluate(() => {
      window.told = [];
      const status = document.getElementById("batch-status");
      new MutationObserver(() => window.told.push(status.textContent)).observe(status, { childList: true });
    });
    await page.setInputFiles("#classifier input[accept]", [...images, ...images, ...images]);
    await page.waitForSelector("#batch-cancel", { state: "hidden" });
    const told = await page.evaluate(() => window.told);
    assert.equal(told.at(-1), "9 of 9 ranked");
    assert.ok(told.length <= 3, `told ${told.length} times`);
  }));

testStates(shared, {
  "with the camera": async (page) => {
    await ready(page);
    await page.click('[part~="camera-button"]');
    await page.waitForSelector('[part="device-picker"]:not([hidden])');
    await page.waitForSelector('[part="time"]:not(:empty)');
  },
  "with the address open": async (page) => {
    await ready(page);
    await page.click("#address summary");
  },
});
