/** The page as a person meets it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO, POLYHEAD, WWW, choose, drop, headline, holdModule, paste, pasteAll, rankingAfter, ready, useBrowser, watchHeavy, withPage } from "./browser.mjs";
import { file, jpegOf, png, pngHeader, withOrientation } from "./images.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const samples = JSON.parse(await readFile(`${WWW}/samples/samples.json`, "utf8"));
const [sample] = samples;
const samplePng = file(sample.file, await readFile(`${WWW}/samples/${sample.file}`));

/** An image unlike the sample. */
const blocks = png(96, 96, 3, (x, y) => (x < 24 ? [200, 30, 30] : y < 48 ? [20, 40, 60] : [230, 220, 200]));

function pasteText(page, text) {
  return page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, text);
}

function sumsToOne(ranking) {
  const sum = ranking.reduce((total, { probability }) => total + probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-4, `probabilities sum to ${sum}`);
}

function largestDifference(one, other) {
  return Math.max(...one.map(({ label, score }) => Math.abs(score - other.find((row) => row.label === label).score)));
}

test("a sample that is clicked is ranked, most probable first, each label with its head", () =>
  withPage(shared, async (page) => {
    const ranking = await rankingAfter(page, () => page.click(".sample"));
    assert.equal(ranking.length, 10);
    sumsToOne(ranking);
    assert.deepEqual(
      ranking,
      ranking.toSorted((a, b) => b.probability - a.probability),
    );
    assert.deepEqual(new Set(ranking.map(({ head }) => head)), new Set(["trash", "clothes"]));
    const [first] = ranking;
    const { none: outside } = JSON.parse(execFileSync(POLYHEAD, ["classify", DEMO, `${WWW}/samples/${sample.file}`, "--json"]))[0];
    assert.equal(await page.isHidden('[part~="none"]'), outside === undefined);
    const none = await page.textContent('[part~="none"]');
    assert.equal(await headline(page), outside > 0.5 ? none : first.label);
    assert.equal(await page.textContent('#classifier [role="status"]'), outside > 0.5 ? none : `${first.label}, ${first.percent}`);
    assert.match(await page.textContent('[part="time"]'), /^\d+ ms/);
    assert.equal(await page.getAttribute(".sample", "aria-pressed"), "true");
  }));

test("each sample shows its title, origin and licence", () =>
  withPage(shared, async (page) => {
    await page.waitForSelector(".sample");
    const texts = (selector) => page.$$eval(selector, (items) => items.map((item) => item.textContent));
    const short = (origin) => origin.replace(/ \(.*/, "");
    assert.deepEqual(
      await texts("#sample-list > li"),
      samples.map(({ title, origin, licence }) => `${title.en}${short(origin)}, ${licence}`),
    );
    assert.deepEqual(
      await texts("#credit-list > li"),
      samples.map(({ title, origin, licence }) => `${title.en}: ${origin}, ${licence}`),
    );
    await ready(page);
  }));

test("an image dropped, chosen or pasted gives the same ranking as the sample clicked", () =>
  withPage(shared, async (page) => {
    const clicked = await rankingAfter(page, () => page.click(".sample"));
    for (const way of [drop, choose, paste]) {
      const ranking = await rankingAfter(page, () => way(page, samplePng));
      assert.deepEqual(ranking, clicked, way.name);
    }
    assert.equal(await page.getAttribute("html", "class"), "", "no drop is under way");
    assert.ok(await page.isVisible('[part="preview"]'));
  }));

test("an image that comes before the model is ranked when the model is there", () => {
  let bringModule;
  return withPage(
    shared,
    async (page) => {
      assert.ok(await page.isVisible('[part="loading"]'));
      const ranking = await rankingAfter(page, async () => {
        await choose(page, samplePng);
        bringModule();
      });
      assert.equal(ranking.length, 10);
    },
    { prepare: async (page) => (bringModule = await holdModule(page)) },
  );
});

test("what is said before the model is there stays when it comes", () => {
  let bringModule;
  return withPage(
    shared,
    async (page) => {
      await pasteText(page, "glass");
      const told = await page.textContent('[part="error-text"]');
      assert.match(told, /no image/);
      bringModule();
      await ready(page);
      assert.equal(await page.textContent('[part="error-text"]'), told);
    },
    { prepare: async (page) => (bringModule = await holdModule(page)) },
  );
});

test("works by keyboard alone", () =>
  withPage(shared, async (page) => {
    await page.waitForSelector(".sample");
    const met = [];
    for (let stop = ""; stop !== "sample"; met.push(stop)) {
      await page.keyboard.press("Tab");
      const focused = () => {
        const { id, className, textContent, shadowRoot } = document.activeElement;
        return shadowRoot?.activeElement.part.item(1) ?? (id || className || textContent.trim());
      };
      stop = await page.evaluate(focused);
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).outlineStyle);
      assert.equal(outline, "solid", stop);
    }
    assert.deepEqual(met, ["Workshop: merge your own models", "Nothing is uploaded", "language", "choose-button", "choose-folder", "camera-button", "Open an image by its address", "sample"]);
    const ranking = await rankingAfter(page, () => page.keyboard.press("Enter"));
    assert.equal(ranking.length, 10);
  }));

const broken = Buffer.from(samplePng.buffer.subarray(0, samplePng.buffer.length >> 1));
broken.fill(0x55, 60, 200);

for (const [what, image, words, detail] of [
  ["a broken PNG", file("broken.png", broken), /damaged/, /complete PNG file/],
  ["a text file named .jpg", file("holiday.jpg", Buffer.from("Dear diary, ".repeat(20))), /not an image/, /'holiday\.jpg'/],
  ["a PNG of 20,000 × 20,000 pixels", file("huge.png", pngHeader(20_000, 20_000)), /too large/, /20000/],
  ["an empty file", file("empty.png", Buffer.alloc(0)), /not an image/, /empty/],
]) {
  test(`${what} is refused in words, and no earlier ranking stays`, () =>
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

test("a text pasted is answered in words", () =>
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

test("transparency lies on white", () =>
  withPage(shared, async (page) => {
    const holes = (x, y) => (x - 48) ** 2 + (y - 48) ** 2 > 900;
    const clear = png(96, 96, 4, (x, y) => (holes(x, y) ? [255, 0, 0, 0] : [30, 80, 160, 255]));
    const white = png(96, 96, 3, (x, y) => (holes(x, y) ? [255, 255, 255] : [30, 80, 160]));
    const one = await rankingAfter(page, () => choose(page, file("clear.png", clear)));
    const other = await rankingAfter(page, () => choose(page, file("white.png", white)));
    assert.deepEqual(one, other);
  }));

test("a JPEG is turned as its EXIF orientation says", () =>
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

test("the newest image wins", () =>
  withPage(shared, async (page) => {
    const wanted = await rankingAfter(page, () => choose(page, samplePng));
    const other = file("other.png", blocks);
    const ranking = await rankingAfter(page, () => pasteAll(page, [other, other, samplePng]));
    assert.deepEqual(ranking, wanted);
  }));

test("nothing heavy runs on the page's own thread", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      // By its path: handing the bytes over would be work for the page's thread.
      const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
      const big = join(folder, "big.png");
      await writeFile(big, png(1500, 1500, 3, (x, y) => [x & 255, y & 255, (x * y) & 255]));
      await rankingAfter(page, () => page.click(".sample"));
      await rankingAfter(page, () => choose(page, big));
      await rm(folder, { recursive: true });
      assert.deepEqual(await page.evaluate(() => window.heavy), []);
    },
    { prepare: (page) => page.addInitScript(watchHeavy) },
  ));

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
