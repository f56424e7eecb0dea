/** The page as a person meets it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO, POLYHEAD, WWW, choose, drop, headline, holdModule, paste, pasteAll, pasteText, rankingAfter, ready, sumsToOne, useBrowser, watchHeavy, withPage } from "./browser.mjs";
import { file, png } from "./images.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const samples = JSON.parse(await readFile(`${WWW}/samples/samples.json`, "utf8"));
const [sample] = samples;
const samplePng = file(sample.file, await readFile(`${WWW}/samples/${sample.file}`));

/** An image unlike the sample. */
const blocks = png(96, 96, 3, (x, y) => (x < 24 ? [200, 30, 30] : y < 48 ? [20, 40, 60] : [230, 220, 200]));

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

test("an image added before the model is ranked once the model is loaded", () => {
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

test("a message shown before the model is loaded stays afterwards", () => {
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

test("the newest image wins", () =>
  withPage(shared, async (page) => {
    const wanted = await rankingAfter(page, () => choose(page, samplePng));
    const other = file("other.png", blocks);
    const ranking = await rankingAfter(page, () => pasteAll(page, [other, other, samplePng]));
    assert.deepEqual(ranking, wanted);
  }));

test("no long computation runs on the page's main thread", () =>
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
