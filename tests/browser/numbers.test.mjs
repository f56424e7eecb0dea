/** Weights that are no numbers: the page and the element never show one. */
import assert from "node:assert/strict";
import { WWW, useBrowser, withPage } from "./browser.mjs";
import { servePage } from "./host.mjs";
import { NUMBERS, edited } from "./protobuf.mjs";
import { serveFolder } from "./server.mjs";
import { moduleWith, smallModel } from "./small.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const small = await smallModel();

/** The model with every fifth number of its weights this one. */
const withNumbers = (bits) =>
  edited(small, NUMBERS, (numbers) => {
    const bent = Buffer.from(numbers);
    for (let at = 0; at + 4 <= bent.length; at += 20) {
      bent.writeUInt32LE(bits, at);
    }
    return bent;
  });

for (const [what, bits, ranks] of [
  ["not a number", 0x7fc00000, false],
  ["infinite", 0x7f800000, false],
  ["negative and infinite", 0xff800000, false],
  ["as large as numbers are", 0x7f7fffff, false],
  ["denormal", 0x00000001, true],
]) {
  test(`weights that are ${what} give ${ranks ? "a ranking" : "an error or a ranking"}, in page and element, and no NaN`, async () => {
    const body = await moduleWith(withNumbers(bits));
    const server = await serveFolder(WWW, (path) => (path === "/pkg/polyhead_bg.wasm" ? { body } : undefined));
    try {
      await withPage(
        shared,
        async (page) => {
          await page.click(".sample");
          await page.waitForSelector('[part="time"]:not(:empty), [part="error"]:not([hidden])');
          // An error may name what it found; what is shown as an answer may not.
          const text = (await page.textContent('[part="answer"]')) + (await page.textContent("#card"));
          assert.doesNotMatch(text, /NaN|Infinity/);
          const shares = await page.$$eval('[part="value"]', (all) => all.map(({ value }) => Number(value)));
          if (shares.length > 0) {
            assert.equal(shares.length, 7);
            assert.ok(shares.every((share) => share >= 0 && share <= 1));
            assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-3);
          } else {
            assert.ok(!ranks, await page.textContent('[part="error"]'));
            assert.match(await page.textContent('[part="error-detail"]'), /expected a finite|expected/);
          }
        },
        { url: server.url },
      );
    } finally {
      await server.close();
    }
    const other = await servePage({ body: '<polyhead-classifier id="one"></polyhead-classifier>', scripts: { "/pkg/polyhead_bg.wasm": body } });
    try {
      await withPage(
        shared,
        async (page) => {
          const { code, text } = await page.evaluate(async () => {
            await customElements.whenDefined("polyhead-classifier");
            const element = document.getElementById("one");
            const code = await element.classify(await (await fetch("/samples/shirt.png")).blob()).then(() => "ranked", (error) => error.code);
            return { code, text: element.shadowRoot.querySelector("[part=answer]").hidden ? "" : element.shadowRoot.querySelector("[part=answer]").textContent };
          });
          assert.match(code, ranks ? /^ranked$/ : /^[a-z-]+$/);
          assert.doesNotMatch(text, /NaN|∞/);
        },
        { url: other.url, path: "element.html" },
      );
    } finally {
      await other.close();
    }
  });
}
