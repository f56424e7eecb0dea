/** axe-core in a page of the site. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The findings of axe-core, rule by rule, with the elements. */
export async function findings(page) {
  // Half-faded text has no colour of its own.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  await page.evaluate(axe);
  const { violations, incomplete } = await page.evaluate(() => globalThis.axe.run());
  const named = ({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)];
  // Text on images has no colour that a program could tell, a camera has no captions; nothing else may be left open.
  return [...violations, ...incomplete.filter(({ id }) => !["color-contrast", "video-caption"].includes(id))].map(named);
}

/** Tests that axe-core finds nothing in each state of the page. @param {Record<string, (page: Page) => Promise<unknown>>} states */
export function testStates(shared, states) {
  for (const [state, reach] of Object.entries(states)) {
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
}
