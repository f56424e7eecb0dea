/** Text out of files, labels, heads, file names, metadata, is shown as text only, and breaks no line and no direction. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ROOT, WWW, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { servePage } from "./host.mjs";
import { serveFolder } from "./server.mjs";
import { moduleWith, renamed, smallModel } from "./small.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const small = await smallModel();
const phone = { viewport: { width: 375, height: 740 } };

const MARKUP = "<img src=x onerror='window.pwned = 1'>";
const NAMES = {
  red: `<script>window.pwned = 1</script>`,
  green: MARKUP,
  blue: "x".repeat(10_000),
  grey: "\u202egninrut\u2066 and\u0000 a bell\u0007",
  round: "👩‍👩‍👧‍👦 family, 🏳️‍🌈",
  flat: "زجاج 12 (أخضر)",
  long: '=HYPERLINK("http://localhost")\nsecond line',
  plain: `<b>head</b>\u202e${"h".repeat(3000)}`,
  other: `${MARKUP}\u2067`,
};
const module = await moduleWith(renamed(small, NAMES));
const FILES = [`${MARKUP}.png`, "\u202egnp.exe", `${"n".repeat(240)}.png`, "=1+1.png", "@cmd.png"];

/** Faults in the shown texts: elements made by a name, control characters from it, a width that it broke. */
const wrong = (page) =>
  page.evaluate(() => {
    const texts = [document.body.innerText, ...[...document.querySelectorAll("polyhead-classifier")].map(({ shadowRoot }) => shadowRoot.querySelector("div").innerText)];
    const roots = [document, ...[...document.querySelectorAll("polyhead-classifier")].map(({ shadowRoot }) => shadowRoot)];
    const tall = roots.flatMap((root) => [...root.querySelectorAll("h3, h4, dt, .label, .origin, [part~=top-row], .row-name, [part~=label], [part~=heads]")])
      .filter((element) => element.getBoundingClientRect().height > 400)
      .map((element) => `${element.tagName}.${element.className} is ${element.getBoundingClientRect().height} high`);
    return [
      window.pwned !== undefined && "a script ran",
      roots.some((root) => root.querySelector('img[src="x"], h3 b, dt b, dd b, body script')) && "markup became elements",
      texts.some((text) => /[\u0000\u0007\u202a-\u202e\u2066\u2067]/.test(text)) && "controls are shown",
      document.documentElement.scrollWidth > innerWidth && `${document.documentElement.scrollWidth} wide in ${innerWidth}`,
      ...tall,
    ].filter(Boolean);
  });

async function withModule(body, walk, options = {}) {
  const server = await serveFolder(WWW, (path) => (path === "/pkg/polyhead_bg.wasm" ? { body } : undefined));
  try {
    await withPage(shared, walk, { url: server.url, context: phone, ...options });
  } finally {
    await server.close();
  }
}

test("in the page: labels, ranking, raw scores, maps and card, on a phone", () =>
  withModule(module, async (page) => {
    await ready(page);
    assert.deepEqual(await wrong(page), [], "what it knows");
    const ranking = await rankingAfter(page, () => page.click(".sample"));
    assert.deepEqual(await wrong(page), [], "the ranking");
    const labels = ranking.map(({ label }) => label);
    for (const name of [NAMES.red, NAMES.green, NAMES.round]) {
      assert.ok(labels.includes(name), name);
    }
    assert.ok(labels.includes("\ufffdgninrut\ufffd and\ufffd a bell\ufffd"), labels.join("\n"));
    // Text of the other direction is kept to itself.
    assert.ok(labels.includes(NAMES.flat));
    assert.equal(await page.$eval('[part="label"]', (label) => getComputedStyle(label).unicodeBidi), "plaintext");
    const title = await page.$$eval('[part="label"]', (spans) => spans.map(({ title }) => title).find(Boolean));
    assert.equal(title, NAMES.blue, "the whole of a long label");
    await page.locator("label:has(input[value=raw])").click();
    assert.deepEqual(await wrong(page), [], "raw scores");
    await page.click("#why-switch");
    await page.waitForSelector("#activation-map:not([hidden])");
    for (const option of await page.$$eval("#why-label option", (options) => options.map(({ value }) => value))) {
      await page.selectOption("#why-label", option);
      assert.deepEqual(await wrong(page), [], `map ${option}`);
    }
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    const card = await page.$$eval("#card-body dd", (all) => all.map(({ textContent }) => textContent).join());
    assert.ok(card.includes("<script>"));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "the card");
    assert.equal(await page.evaluate(() => window.pwned), undefined);
  }, { consoleMay: /willReadFrequently/ }));

test("in the list of many images and its files: no markup, and no cell that a spreadsheet would run", () =>
  withModule(module, async (page) => {
    await ready(page);
    const buffer = await readFile(`${ROOT}tests/fixtures/images/palette.png`);
    const broken = { name: `${MARKUP}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from("no image") };
    await page.setInputFiles("#classifier input[accept]", [...FILES.map((name) => ({ name, mimeType: "image/png", buffer })), broken]);
    await page.waitForFunction(() => !document.getElementById("batch").hidden && document.getElementById("batch-cancel").hidden);
    assert.deepEqual(await wrong(page), []);
    await page.selectOption("#batch-order", "file");
    assert.deepEqual(await wrong(page), []);
    const saved = async (button) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
      return readFile(await download.path(), "utf8");
    };
    const cells = parsed(await saved("#batch-csv"));
    assert.equal(cells.length, 1 + FILES.length + 1);
    assert.deepEqual(cells.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell)), []);
    assert.ok(cells[0].includes(`'${NAMES.long}`));
    assert.deepEqual(cells.slice(1).map(([file]) => file).filter((file) => file.startsWith("'")).sort(), ["'=1+1.png", "'@cmd.png"]);
    const { model, images } = JSON.parse(await saved("#batch-json"));
    assert.deepEqual(model.labels.map(({ label }) => label), ["red", "green", "blue", "grey", "round", "flat", "long"].map((name) => NAMES[name]));
    assert.deepEqual(images.map(({ file }) => file), [...FILES, broken.name]);
  }));

/** The rows of a CSV (RFC 4180). */
function parsed(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      rows.push([]);
    }
  }
  return rows.filter((row) => row.length > 1);
}

test("a label without a visible letter has a placeholder, and labels that look the same have separate groups", async () => {
  const long = "y".repeat(5000);
  const names = { red: "", green: " \u200b ", blue: `${long}1`, grey: `${long}2`, round: "Not ranked", flat: "None of these", long: "All images" };
  await withModule(await moduleWith(renamed(small, names)), async (page) => {
    const ranking = await rankingAfter(page, () => page.click(".sample"));
    assert.equal(ranking.length, 7);
    assert.equal(ranking.filter(({ label }) => label === "(no name)").length, 2);
    assert.deepEqual(await wrong(page), []);
    const keys = await page.evaluate(async (labels) => {
      const { BatchList } = await import("/page/batch-list.js");
      const list = new BatchList(() => {}, () => {});
      for (const label of labels) {
        const ranking = { labels: [{ label, heads: ["a"], probability: 0.9 }], heads: [], milliseconds: 1 };
        list.put({ image: new File([], "a.png"), path: "a.png", state: "ranked", ranking });
      }
      return document.querySelectorAll(".batch-group").length;
    }, Object.values(names));
    assert.equal(keys, 7);
  });
});

test("in the element, on a phone", async () => {
  const server = await servePage({ body: '<polyhead-classifier id="one" top-k="7"></polyhead-classifier>', scripts: { "/pkg/polyhead_bg.wasm": module } });
  try {
    await withPage(
      shared,
      async (page) => {
        const shown = await page.evaluate(async () => {
          await customElements.whenDefined("polyhead-classifier");
          const element = document.getElementById("one");
          const { labels } = await element.classify(await (await fetch("/samples/shirt.png")).blob());
          const rows = [...element.shadowRoot.querySelectorAll('[part~="label"]')].map(({ textContent, title }) => ({ textContent, title }));
          return { labels: labels.map(({ label }) => label), rows };
        });
        assert.deepEqual(await wrong(page), []);
        assert.deepEqual(new Set(shown.labels), new Set(["red", "green", "blue", "grey", "round", "flat", "long"].map((name) => NAMES[name])), "programs get them as they are");
        assert.ok(shown.rows.some(({ textContent }) => textContent === NAMES.red));
        assert.ok(shown.rows.some(({ title }) => title === NAMES.blue));
        await page.evaluate((name) => document.getElementById("one").classify(new File(["no image"], name)).catch(() => {}), `${MARKUP}\u202e${"n".repeat(5000)}`);
        await page.waitForFunction(() => !document.getElementById("one").shadowRoot.querySelector('[part="error"]').hidden);
        assert.deepEqual(await wrong(page), []);
      },
      { url: server.url, path: "element.html", context: phone },
    );
  } finally {
    await server.close();
  }
});

test("in the workshop: models, bins, report and its file", () =>
  withPage(
    shared,
    async (page) => {
      const labels = (names) => Buffer.from(names.map((name) => name.replaceAll("\n", " ")).join("\n"));
      const files = [];
      for (const [source, names] of [["plain", ["red", "green", "blue", "grey"]], ["other", ["round", "flat", "long"]]]) {
        files.push({ name: `${source}.onnx`, mimeType: "", buffer: await readFile(`${ROOT}tests/fixtures/maps/${source}.onnx`) });
        files.push({ name: `${source}.labels.txt`, mimeType: "", buffer: labels(names.map((name) => NAMES[name])) });
      }
      files.push({ name: `${MARKUP}\u202e.bin`, mimeType: "", buffer: Buffer.from("x") });
      await page.setInputFiles("#models-file", files);
      await page.waitForSelector("#joined svg");
      await page.waitForSelector("#bins .bin");
      assert.deepEqual(await wrong(page), [], "joined");
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = document.querySelector(".tools option:nth-child(3)").value));
      const image = async (name, from) => ({ name, mimeType: "image/png", buffer: await readFile(`${ROOT}tests/fixtures/images/${from}.png`) });
      await page.setInputFiles("#images-file", [await image(`${MARKUP}.png`, "palette"), await image("\u202egnp.png", "grey"), { name: `${MARKUP}.png`, mimeType: "image/png", buffer: Buffer.from("none") }]);
      await page.waitForFunction(() => /^2 of 3/.test(document.getElementById("images-count").textContent));
      await page.waitForSelector("#report footer");
      assert.deepEqual(await wrong(page), [], "reported");
      const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#report-save")]);
      const report = await readFile(await saved.path(), "utf8");
      const other = await page.context().newPage();
      const active = await other.evaluate((report) => {
        const all = [...new DOMParser().parseFromString(report, "text/html").querySelectorAll("*")];
        const acts = ({ localName, attributes }) =>
          ["script", "iframe", "object", "embed", "link", "base"].includes(localName) ||
          [...attributes].some(({ name, value }) => name.startsWith("on") || (name === "src" && !value.startsWith("data:image/")));
        return all.filter(acts).map(({ outerHTML }) => outerHTML);
      }, report);
      assert.deepEqual(active, []);
      assert.ok(report.includes("&lt;img src=x"));
      await page.setInputFiles("#classifier input[accept]", `${WWW}/samples/skirt.png`);
      await page.waitForSelector('[part="time"]:not(:empty)');
      assert.deepEqual(await wrong(page), [], "tried");
    },
    { path: "workshop.html", context: phone },
  ));
