/** For everybody: what axe-core finds in each state of the page, right to left, forced colours, less motion. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { CAMERAS, WWW, choose, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { file } from "./images.mjs";
import { test } from "./test.mjs";

const shared = useBrowser(CAMERAS);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const images = ["glass-bottle", "skirt", "metal-can"].map((name) => `${WWW}/samples/${name}.png`);
const broken = file("broken.jpg", Buffer.from("no image"));

/** What axe-core finds, rule by rule, with the elements. */
async function findings(page) {
  // Half-faded text has no colour of its own.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  await page.evaluate(axe);
  const { violations, incomplete } = await page.evaluate(() => globalThis.axe.run());
  const named = ({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)];
  // Text on images has no colour that a program could tell, a camera has no captions; nothing else may be left open.
  return [...violations, ...incomplete.filter(({ id }) => !["color-contrast", "video-caption"].includes(id))].map(named);
}

const STATES = {
  "before any image": async (page) => ready(page),
  "with a ranking": async (page) => rankingAfter(page, () => page.click(".sample")),
  "with a map": async (page) => {
    await rankingAfter(page, () => page.click(".sample"));
    await page.click("#why-switch");
    await page.waitForSelector("#activation-map:not([hidden])");
  },
  "with raw scores": async (page) => {
    await rankingAfter(page, () => page.click(".sample"));
    await page.check("input[value=raw]");
  },
  "with an error": async (page) => {
    await choose(page, broken);
    await page.waitForSelector('[part="error-text"]');
  },
  "with a list": async (page) => {
    await page.setInputFiles("#classifier input[accept]", [...images, `${WWW}/samples/samples.json`]);
    await page.waitForSelector(".failed");
    await page.waitForSelector("#batch-cancel", { state: "hidden" });
  },
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
};

for (const [state, reach] of Object.entries(STATES)) {
  test(`axe-core finds nothing ${state}, wide and light, narrow and dark`, () =>
    withPage(
      shared,
      async (page) => {
        await reach(page);
        assert.deepEqual(await findings(page), [], "wide and light");
        await page.setViewportSize({ width: 390, height: 844 });
        await page.emulateMedia({ colorScheme: "dark" });
        assert.deepEqual(await findings(page), [], "narrow and dark");
      },
      { context: { colorScheme: "light", viewport: { width: 1280, height: 900 } } },
    ));
}

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

test("forced colours: what is chosen can be told from what is not", () =>
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

test("less motion: nothing moves", () =>
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

test("an answer is told to screen readers once it is there, and the list now and then", () =>
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
