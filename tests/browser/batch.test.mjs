/** Many images: a folder chosen or dropped, the list, what fails, cancel, the files to take away. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { DEMO, POLYHEAD, WWW, headline, holdModule, ready, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const samples = ["cardboard-box", "glass-bottle", "metal-can", "newspaper", "plastic-bottle", "shirt", "skirt", "t-shirt"];
const paths = samples.map((name, index) => `things/${index < 4 ? "" : "deep/er/"}${name}.png`);
const BROKEN = 'things/broken, "half".png';
const NONE = "None of these";
const many = Array.from({ length: 24 }, (_, index) => `${index}.png`);
/** A worker as the library's own that keeps back its sixth answer until a request is answered; the service worker takes no such. */
const HELD = `
  import * as glue from "/pkg/polyhead.js";
  const { classify } = glue.Classifier.prototype;
  let calls = 0;
  glue.Classifier.prototype.classify = async function (...given) {
    calls += 1;
    if (calls === 6) await fetch("/held", { method: "POST" });
    return classify.apply(this, given);
  };
  import "/polyhead/worker.js?its-own";
`;
/** @type {string} */
let folder;
/** By path: the label that the command line gives, or none of them, and the first label's head. */
const expected = new Map();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  await mkdir(join(folder, "things/deep/er"), { recursive: true });
  for (const [index, name] of samples.entries()) {
    await cp(`${WWW}/samples/${name}.png`, join(folder, "things", index < 4 ? "" : "deep/er", `${name}.png`));
  }
  const half = (await readFile(`${WWW}/samples/skirt.png`)).subarray(0, 3000);
  await writeFile(join(folder, 'things/broken, "half".png'), half);
  await writeFile(join(folder, "things/notes.txt"), "no image");
  await writeFile(join(folder, "things/.hidden.png"), half);
  await mkdir(join(folder, "many"));
  await Promise.all(
    many.map((name, index) => cp(`${WWW}/samples/${samples[index % samples.length]}.png`, join(folder, "many", name))),
  );
});
before(() => {
  const images = samples.map((name) => `${WWW}/samples/${name}.png`);
  const answers = JSON.parse(execFileSync(POLYHEAD, ["classify", DEMO, ...images, "--json"], { encoding: "utf8" }));
  answers.forEach(({ labels: [first], none }, index) => {
    expected.set(paths[index], none > 0.5 ? { label: NONE, heads: "" } : { label: first.label, heads: first.heads.join(" + ") });
  });
});
after(() => rm(folder, { recursive: true }));

function done(page) {
  return page.waitForFunction(() => {
    const [section, cancel] = ["batch", "batch-cancel"].map((id) => document.getElementById(id));
    return !section.hidden && cancel.hidden;
  });
}

/** The list as groups of rows, each row as its lines. */
function shown(page) {
  return page.$$eval(".batch-group", (groups) =>
    Object.fromEntries(
      groups.map((group) => [
        group.getAttribute("aria-label"),
        [...group.querySelectorAll("li")].map((row) =>
          [...row.querySelectorAll(".row-name, .row-facts, .row-detail")].map((line) => line.textContent),
        ),
      ]),
    ),
  );
}

/** The content of a button's download, as text. */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

async function assertList(page) {
  await done(page);
  assert.equal(await page.textContent("#batch-count"), "8 of 9 ranked, 1 could not be ranked, 1 other file left out");
  const groups = await shown(page);
  const labels = [...new Set([...expected.values()].map(({ label }) => label))];
  const none = labels.includes(NONE) ? [NONE] : [];
  assert.deepEqual(Object.keys(groups), [...labels.filter((label) => label !== NONE).sort(), ...none, "Not ranked"]);
  for (const label of labels) {
    const own = [...expected.keys()].filter((path) => expected.get(path).label === label);
    assert.deepEqual(groups[label].map(([path]) => path).sort(), own.sort());
    for (const [, facts] of groups[label]) {
      assert.match(facts, new RegExp(`^${label}, (> )?\\d+%$`));
    }
  }
  const [[path, words, detail]] = groups["Not ranked"];
  assert.equal(path, BROKEN);
  assert.match(words, /damaged/);
  assert.match(detail, /complete PNG file/);
}

test("a chosen folder is ranked with its subfolders, grouped by label; failures are listed and stop nothing", () =>
  withPage(shared, async (page) => {
    await page.setInputFiles("#folder", join(folder, "things"));
    await assertList(page);
    assert.match(await page.textContent("#batch-status"), /^8 of 9 ranked/);
  }));

test("a dropped folder gives the same list", () =>
  withPage(shared, async (page) => {
    await ready(page);
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(folder, "things")], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
    }
    await assertList(page);
    assert.equal(await page.getAttribute("html", "class"), "");
  }));

test("rows have the selected order, and a row shows its image and ranking", () =>
  withPage(shared, async (page) => {
    await page.setInputFiles("#folder", join(folder, "things"));
    await done(page);
    await page.selectOption("#batch-order", "file");
    const byFile = (await shown(page))["All images"].map(([path]) => path);
    assert.deepEqual(byFile, [...paths].sort());
    await page.selectOption("#batch-order", "unsure");
    const shares = (await shown(page))["All images"].map(([, facts]) => Number(facts.match(/(\d+)%$/)[1]));
    assert.deepEqual(shares, shares.toSorted((a, b) => a - b));

    await page.click(`.row:has-text("glass-bottle.png")`);
    await page.waitForSelector('[part="time"]:not(:empty)');
    assert.equal(await headline(page), expected.get("things/glass-bottle.png").label);
    assert.equal(await page.getAttribute('[part="preview"]', "aria-label"), "The image glass-bottle.png");
    await page.waitForFunction(() => [...document.querySelectorAll(".thumbnail")].every((image) => image.src.startsWith("blob:")));
  }));

test("the list is exported as CSV and JSON", () =>
  withPage(shared, async (page) => {
    await page.setInputFiles("#folder", join(folder, "things"));
    await done(page);
    const csv = await saved(page, "#batch-csv");
    assert.equal(csv.name, "polyhead.csv");
    const rows = csv.text.split("\r\n");
    assert.match(rows[0], /^file,label,heads,probability,(None of these,)?cardboard,.*,t-shirt,error$/);
    const columns = rows[0].split(",");
    assert.equal(rows.length, 11, "a head, nine files, the end");
    const glass = rows.find((row) => row.startsWith("things/glass-bottle.png,")).split(",");
    const { label, heads } = expected.get("things/glass-bottle.png");
    assert.deepEqual(glass.slice(1, 3), [label, heads]);
    assert.equal(glass[3], glass[columns.indexOf(label)], "its probability stands in its label's column");
    assert.ok(rows.some((row) => row.startsWith('"things/broken, ""half"".png",,,,') && /complete PNG file/.test(row)));

    const json = await saved(page, "#batch-json");
    assert.equal(json.name, "polyhead.json");
    const { model, images } = JSON.parse(json.text);
    assert.deepEqual(model.heads, ["trash", "clothes"]);
    assert.equal(images.length, 9);
    const skirt = images.find(({ file }) => file.endsWith("/skirt.png"));
    assert.equal(skirt.labels[0].label, "skirt");
    assert.equal("none" in skirt, columns.includes(NONE));
    assert.equal(skirt.logits.length, 10);
    assert.equal(images.find(({ file }) => file === BROKEN).error.code, "broken-image");
  }));

test("cancel keeps ranked images, and the others can be resumed", () => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  let came;
  const asked = new Promise((resolve) => (came = resolve));
  const prepare = async (page) => {
    await page.context().route(/\/polyhead\/worker\.js$/, (route) => route.fulfill({ contentType: "text/javascript", body: HELD }));
    await page.context().route("**/held", async (route) => {
      came();
      await released;
      await route.fulfill({ body: "" });
    });
  };
  return withPage(shared, async (page) => {
    await page.setInputFiles("#folder", join(folder, "many"));
    await asked;
    await page.waitForSelector(".batch-list li");
    await page.click("#batch-cancel");
    release();
    const counts = await page.textContent("#batch-count");
    const [, waiting] = counts.match(/(\d+) still to do/);
    assert.ok(Number(waiting) > 0 && Number(waiting) < many.length, counts);
    assert.equal(await page.evaluate(() => document.activeElement.id), "batch-resume");
    await page.click("#batch-resume");
    await done(page);
    assert.equal(await page.textContent("#batch-count"), `${many.length} of ${many.length} ranked`);
    const groups = await shown(page);
    for (const [index, path] of paths.entries()) {
      const { label } = expected.get(path);
      const ranked = new Set(groups[label].map(([name]) => name));
      assert.ok(many.every((name, at) => at % samples.length !== index || ranked.has(`many/${name}`)), `${path}: ${label}`);
    }
    await page.click("#batch-clear");
    assert.ok(await page.isHidden("#batch"));
    assert.equal(await page.evaluate(() => document.activeElement.id), "classifier");
  }, { prepare });
});

test("a file that has disappeared is listed and can be tried again; the others are ranked", () => {
  let bringModule;
  return withPage(
    shared,
    async (page) => {
      const gone = join(folder, "gone.png");
      await cp(`${WWW}/samples/skirt.png`, gone);
      // Nothing has read it before the module is there.
      await page.setInputFiles("#classifier input[accept]", [join(folder, "things/glass-bottle.png"), gone, join(folder, "things/metal-can.png")]);
      await rm(gone);
      bringModule();
      await done(page);
      const groups = await shown(page);
      assert.deepEqual(Object.keys(groups), ["glass", "metal", "Not ranked"]);
      assert.equal(groups["Not ranked"][0][0], "gone.png");
      await page.click(".batch-group button:has-text('Try these again')");
      await done(page);
      assert.equal((await shown(page))["Not ranked"].length, 1);
    },
    { prepare: async (page) => (bringModule = await holdModule(page)) },
  );
});

test("images added during a ranking join the list", () =>
  withPage(shared, async (page) => {
    await page.setInputFiles("#folder", join(folder, "things"));
    await page.setInputFiles("#classifier input[accept]", ["glass-bottle", "metal-can"].map((name) => join(folder, `things/${name}.png`)));
    await done(page);
    assert.match(await page.textContent("#batch-count"), /^10 of 11 ranked/);
  }));
