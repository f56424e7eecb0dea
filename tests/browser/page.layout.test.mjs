/** The page on every screen: nothing is cut off, and dark where the system is. */
import assert from "node:assert/strict";
import { choose, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { file } from "./images.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

for (const [what, context] of [
  ["wide", { viewport: { width: 1280, height: 900 } }],
  ["wide and dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true }],
  ["small phone, dark", { viewport: { width: 360, height: 640 }, colorScheme: "dark", reducedMotion: "reduce" }],
]) {
  test(`${what}: nothing is cut off sideways`, () =>
    withPage(
      shared,
      async (page) => {
        const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        assert.ok(await fits(), "before");
        await rankingAfter(page, () => page.click(".sample"));
        assert.ok(await fits(), "with a ranking");
        await choose(page, file(`${"long".repeat(40)}.jpg`, Buffer.from("no image")));
        await page.waitForSelector('[part="error-text"]');
        assert.ok(await fits(), "with an error");
        const dark = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        assert.equal(dark === "rgb(20, 21, 18)", context.colorScheme === "dark");
      },
      { context },
    ));
}
