/** None of these, with a fitted rule that yields it: page, list, files and element say the same. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { DEMO, POLYHEAD, ROOT, WWW, headline, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { SELF_HOSTED, servePage } from "./host.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
/** A drawing that is far from the photos that the rule was fitted to, and one that is nearer. */
const [OUTSIDE, INSIDE] = ["t-shirt", "glass-bottle"];
/** @type {string} */
let folder;
/** The module with the fitted model in it. @type {Buffer} */
let module;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  const run = (...words) => execFileSync(POLYHEAD, words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const models = `${ROOT}models`;
  // So many of the own images count as none that a drawing does.
  run("fit", join(dirname(DEMO), "merged.onnx"), "--evidence", `${models}/demo.evidence`, "--reject-rate", "20", "-o", "fitted.onnx");
  run("embed", `${WWW}/pkg/polyhead_bg.wasm`, "fitted.onnx", "--force", "-o", "fitted.wasm");
  module = await readFile(join(folder, "fitted.wasm"));
});
after(() => rm(folder, { recursive: true }));

const image = (name) => `${WWW}/samples/${name}.png`;

/** The command line's result. */
function native(name) {
  const [answer] = JSON.parse(execFileSync(POLYHEAD, ["classify", join(folder, "fitted.onnx"), image(name), "--json"]));
  return answer;
}

const fitted = (path) => (path.endsWith("/polyhead_bg.wasm") ? { body: module } : undefined);

test("on a phone the page shows it first, and the probability of each label", async () => {
  const server = await serveFolder(WWW, fitted);
  try {
    await withPage(
      shared,
      async (page) => {
        const { none, labels } = native(OUTSIDE);
        assert.ok(none > 0.5, `${none}`);
        const ranking = await rankingAfter(page, () => page.setInputFiles("#classifier input[accept]", image(OUTSIDE)));
        assert.equal(ranking[0].label, labels[0].label);
        assert.match(await headline(page), /^None of these: (> )?\d+\.\d%$/);
        const heads = await page.$$eval("#heads dt", (names) => names.map(({ textContent }) => textContent));
        assert.deepEqual(heads.sort(), ["clothes", "trash"]);
        assert.equal(await page.textContent('#classifier [role="status"]'), await headline(page));
        assert.match(await page.textContent("#scale-words"), /^Calibrated: /);
        // The card tells the rule's numbers, however many they are.
        assert.match(await page.textContent("#card-body"), /none false rejects/);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));

        await rankingAfter(page, () => page.setInputFiles("#classifier input[accept]", image(INSIDE)));
        assert.ok(native(INSIDE).none < 0.5);
        assert.equal(await headline(page), native(INSIDE).labels[0].label);
      },
      { url: server.url, context: { viewport: { width: 360, height: 740 } } },
    );
  } finally {
    await server.close();
  }
});

test("the list has it as a group after the labels, its files as a column and a field", async () => {
  const server = await serveFolder(WWW, fitted);
  try {
    await withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#classifier input[accept]", [OUTSIDE, INSIDE].map(image));
        await page.waitForFunction(() => !document.getElementById("batch").hidden && document.getElementById("batch-cancel").hidden);
        const groups = await page.$$eval(".batch-group", (groups) => groups.map((group) => group.getAttribute("aria-label")));
        assert.deepEqual(groups, [native(INSIDE).labels[0].label, "None of these"]);
        const saved = async (button) => {
          const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
          return readFile(await download.path(), "utf8");
        };
        const [columns, ...rows] = (await saved("#batch-csv")).trim().split("\r\n").map((row) => row.split(","));
        assert.deepEqual(columns.slice(0, 5), ["file", "label", "heads", "probability", "None of these"]);
        const [outside, inside] = [OUTSIDE, INSIDE].map((name) => rows.find(([file]) => file === `${name}.png`));
        assert.deepEqual(outside.slice(1, 3), ["None of these", ""]);
        assert.equal(outside[3], outside[4]);
        assert.ok(Math.abs(Number(outside[4]) - native(OUTSIDE).none) < 1e-3);
        assert.deepEqual(inside.slice(1, 3), [native(INSIDE).labels[0].label, native(INSIDE).labels[0].heads.join(" + ")]);
        const { images } = JSON.parse(await saved("#batch-json"));
        assert.deepEqual(images.map(({ none }) => none > 0.5), [true, false]);
      },
      { url: server.url },
    );
  } finally {
    await server.close();
  }
});

test("the element shows and announces it first, in its language; its event has the whole ranking", async () => {
  const server = await servePage({
    body: '<polyhead-classifier id="one" top-k="2"></polyhead-classifier>',
    policy: SELF_HOSTED,
    scripts: { "/pkg/polyhead_bg.wasm": module },
  });
  try {
    await withPage(
      shared,
      async (page) => {
        const shown = (name) =>
          page.evaluate(async (name) => {
            await customElements.whenDefined("polyhead-classifier");
            const element = document.getElementById("one");
            const told = window.next("ranking");
            const ranking = await element.classify(await (await fetch(`/samples/${name}.png`)).blob());
            const find = (part) => element.shadowRoot.querySelector(`[part~="${part}"]`);
            return {
              ranking,
              event: (await told).ranking,
              first: find("answer").firstElementChild.getAttribute("part"),
              none: find("none").textContent,
              top: find("top-row")?.querySelector('[part="label"]').textContent ?? null,
            };
          }, name);
        const status = (words) =>
          page.waitForFunction((words) => document.getElementById("one").shadowRoot.querySelector('[role="status"]').textContent === words, words);
        const outside = await shown(OUTSIDE);
        assert.ok(Math.abs(outside.ranking.none - native(OUTSIDE).none) < 1e-3);
        assert.deepEqual(outside.event, outside.ranking);
        assert.equal(outside.ranking.labels.length, 2);
        assert.deepEqual([outside.first, outside.top], ["none top-none", null]);
        assert.match(outside.none, /^None of these: \d+\.\d%$/);
        await status(outside.none);

        await page.evaluate(() => (document.getElementById("one").lang = "de"));
        await status(outside.none.replace("None of these", "Nichts davon").replace(".", ",").replace("%", "\u00a0%"));

        const inside = await shown(INSIDE);
        assert.deepEqual([inside.first, inside.top], ["ranking", native(INSIDE).labels[0].label]);
        assert.match(inside.none, /^Nichts davon: \d+,\d\u00a0%$/);
      },
      { url: server.url, path: "element.html" },
    );
  } finally {
    await server.close();
  }
});

test("above one half it is the headline, at one half it is not; of a camera only the text is announced", async () => {
  const server = await servePage({ body: '<div id="place"></div>' });
  try {
    await withPage(
      shared,
      async (page) => {
        const said = await page.evaluate(async () => {
          const [{ View }, { headlineOf }, { winnerOf }] = await Promise.all(
            ["/polyhead/element/view.js", "/polyhead/top-result.js", "/page/messages.js"].map((path) => import(path)),
          );
          const labels = [{ label: "glass", heads: ["trash"], probability: 0.9 }];
          const root = document.getElementById("place").attachShadow({ mode: "open" });
          const view = new View(root);
          view.showRanking({ ranking: { labels, heads: [], none: 0.75, milliseconds: 1 }, frameMilliseconds: 30 });
          return {
            live: root.querySelector('[role="status"]').textContent,
            even: [headlineOf({ labels, none: 0.5 }).none, winnerOf({ labels, heads: [], none: 0.5, milliseconds: 1 }).label],
            without: headlineOf({ labels: [] }).none,
          };
        });
        assert.deepEqual(said, { live: "None of these", even: [false, "glass"], without: false });
      },
      { url: server.url, path: "element.html" },
    );
  } finally {
    await server.close();
  }
});
