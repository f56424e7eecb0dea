/** Images of every kind on the page: damaged, empty, huge, transparent, turned; what is refused is told in words. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, choose, paste, pasteText, rankingAfter, ready, sumsToOne, useBrowser, withPage } from "./browser.mjs";
import { file, jpegOf, png, pngHeader, withOrientation } from "./images.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const samples = JSON.parse(await readFile(`${WWW}/samples/samples.json`, "utf8"));
const [sample] = samples;
const samplePng = file(sample.file, await readFile(`${WWW}/samples/${sample.file}`));

function largestDifference(one, other) {
  return Math.max(...one.map(({ label, score }) => Math.abs(score - other.find((row) => row.label === label).score)));
}

const broken = Buffer.from(samplePng.buffer.subarray(0, samplePng.buffer.length >> 1));
broken.fill(0x55, 60, 200);

for (const [what, image, words, detail] of [
  ["a broken PNG", file("broken.png", broken), /damaged/, /complete PNG file/],
  ["a text file named .jpg", file("holiday.jpg", Buffer.from("Dear diary, ".repeat(20))), /not an image/, /'holiday\.jpg'/],
  ["a PNG of 20,000 × 20,000 pixels", file("huge.png", pngHeader(20_000, 20_000)), /too large/, /20000/],
  ["an empty file", file("empty.png", Buffer.alloc(0)), /not an image/, /empty/],
]) {
  test(`${what} is refused with a text, and the earlier ranking is removed`, () =>
    withPage(shared, async (page) => {
      await rankingAfter(page, () => page.click(".sample"));
      await choose(page, image);
      await page.waitForSelector('[part="error-text"]');
      assert.match(await page.textContent('[part="error-text"]'), words);
      assert.match(await page.textContent('[part="error-detail"]'), detail);
      assert.ok(await page.isHidden('[part="answer"]'));
      assert.ok(await page.isHidden('[part="preview"]'));
      assert.equal(await page.textContent('#classifier [role="status"]'), "");

      const ranking = await rankingAfter(page, () => choose(page, samplePng));
      assert.equal(ranking.length, 10);
      assert.ok(await page.isHidden('[part="error"]'));
    }));
}

test("pasted text is refused with a text", () =>
  withPage(shared, async (page) => {
    await ready(page);
    await pasteText(page, "glass");
    assert.match(await page.textContent('[part="error-text"]'), /no image/);
  }));

test("an image of one pixel is ranked", () =>
  withPage(shared, async (page) => {
    const one = file("one.png", png(1, 1, 3, () => [200, 120, 40]));
    sumsToOne(await rankingAfter(page, () => choose(page, one)));
  }));

test("transparency is blended onto white", () =>
  withPage(shared, async (page) => {
    const holes = (x, y) => (x - 48) ** 2 + (y - 48) ** 2 > 900;
    const clear = png(96, 96, 4, (x, y) => (holes(x, y) ? [255, 0, 0, 0] : [30, 80, 160, 255]));
    const white = png(96, 96, 3, (x, y) => (holes(x, y) ? [255, 255, 255] : [30, 80, 160]));
    const one = await rankingAfter(page, () => choose(page, file("clear.png", clear)));
    const other = await rankingAfter(page, () => choose(page, file("white.png", white)));
    assert.deepEqual(one, other);
  }));

test("a JPEG is rotated by its EXIF orientation", () =>
  withPage(shared, async (page) => {
    // Raw scores: they are the same under every rule.
    const scoresAfter = async (image) => {
      await rankingAfter(page, () => choose(page, image));
      return page.$$eval("#raw li", (rows) =>
        rows.map((row) => ({ label: row.querySelector(".label").textContent, score: Number(row.querySelector("data").value) })));
    };
    const upright = await scoresAfter(samplePng);
    // Orientation 6 is shown turned clockwise by a quarter, so it is stored turned by three.
    const stored = await jpegOf(page, samplePng.buffer, 3);
    const turned = file("turned.jpg", withOrientation(stored, 6));
    const obeyed = largestDifference(await scoresAfter(turned), upright);
    const ignored = largestDifference(await scoresAfter(file("stored.jpg", stored)), upright);
    console.log(`scores move by ${obeyed}, turned by ${ignored}`);
    assert.ok(obeyed < 0.5, `moved by ${obeyed}`);
    assert.ok(ignored > 1, `the image looks the same when turned: ${ignored}`);
  }));
