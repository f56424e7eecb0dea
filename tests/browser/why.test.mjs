/** The page besides the ranking: the activation map, raw scores, the model card, none of these. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POLYHEAD, ROOT, WWW, addBlank, headline, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

/** The map's opacity at a place of the image, 0..255; places as fractions. */
function opacityAt(page, x, y) {
  return page.$eval(
    "#activation-map",
    (map, [x, y]) => map.getContext("2d").getImageData(x * (map.width - 1), y * (map.height - 1), 1, 1).data[3],
    [x, y],
  );
}

test("regions that raise the score of the chosen label stay bright, until the map is switched off", () => {
  const check = async (page) => {
    await rankingAfter(page, () => page.click('[data-file="shirt.png"]'));
    assert.ok(await page.isHidden("#activation-map"));
    await page.click("#why-switch");
    await page.waitForSelector("#activation-map:not([hidden])");
    assert.equal(await page.$eval("#why-label", (select) => select.selectedOptions[0].textContent), "shirt, by clothes");
    assert.match(await page.textContent("#why-words"), /^Highlighted: the regions that raise the score of shirt in the head clothes/);
    // The shirt lies across the middle; the corners are background.
    const [middle, corner] = [await opacityAt(page, 0.5, 0.5), await opacityAt(page, 0.02, 0.98)];
    assert.ok(middle < 0.6 * corner && corner > 180, `${middle} in the middle, ${corner} in the corner`);
    assert.deepEqual(await page.$eval("#activation-map", ({ width, height }) => [width, height]), [512, 512]);

    await page.selectOption("#why-label", { label: "glass, by trash" });
    assert.match(await page.textContent("#why-words"), /glass/);
    assert.notEqual(await opacityAt(page, 0.5, 0.5), middle);

    // Another image has another map.
    await rankingAfter(page, () => page.click('[data-file="skirt.png"]'));
    await page.waitForFunction(() => /score of skirt/.test(document.getElementById("why-words").textContent));
    await page.click("#why-switch");
    assert.ok(await page.isHidden("#activation-map"));
    assert.equal(await page.textContent("#why-words"), "");
  };
  // The test reads the map's pixels, the page never does.
  return withPage(shared, check, { consoleMay: /willReadFrequently/ });
});

test("a map's mean plus the bias is the logit, and the map does not change the ranking", () =>
  withPage(
    shared,
    async (page) => {
      const [one, other] = await page.evaluate(async () => {
        const { loadClassifier } = await import("/polyhead/index.js");
        const classifier = await loadClassifier();
        const rows = [];
        for (const name of ["t-shirt", "newspaper"]) {
          const image = await (await fetch(`/samples/${name}.png`)).blob();
          const before = await classifier.classify(image, { logits: true });
          const { area, maps } = await classifier.explain(image);
          const after = await classifier.classify(image);
          const mean = ({ values }) => values.reduce((sum, value) => sum + value, 0) / values.length;
          const logit = ({ label }) => before.logits.find((row) => row.label === label).logit;
          rows.push({
            area,
            sizes: [...new Set(maps.map(({ width, height, strengths }) => [width, height, strengths.length].join()))],
            labels: maps.map(({ label }) => label),
            bias: maps.map((map) => logit(map) - mean(map)),
            same: JSON.stringify(before.labels) === JSON.stringify(after.labels),
          });
        }
        classifier.close();
        return rows;
      });
      assert.deepEqual(one.area, { x: 0, y: 0, width: 1, height: 1 });
      assert.deepEqual(one.sizes, ["7,7,49"]);
      assert.equal(one.labels.length, 10);
      assert.ok(one.same && other.same);
      one.bias.forEach((bias, index) => assert.ok(Math.abs(bias - other.bias[index]) < 1e-4, one.labels[index]));
    },
    { path: "blank", prepare: addBlank },
  ));

test("the page reports that a head that is not linear has no map", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  const run = (...words) => execFileSync(POLYHEAD, words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const maps = `${ROOT}tests/fixtures/maps`;
  try {
    await writeFile(join(folder, "plain.txt"), "red\ngreen\nblue\ngrey\n");
    await writeFile(join(folder, "hidden.txt"), "round\nflat\nlong\n");
    const pair = ["plain", "hidden"].flatMap((name) => [`${maps}/${name}.onnx`, "--labels", `${name}.txt`]);
    run("merge", ...pair, "-o", "both.onnx");
    run("merge", ...pair.slice(3), "-o", "alone.onnx");
    for (const [model, words] of [
      ["both", /^(Highlighted: |No region raises ).* There is no map for hidden: a map needs a head that is one linear layer/],
      ["alone", /^There is no map for hidden: /],
    ]) {
      run("embed", `${WWW}/pkg/polyhead_bg.wasm`, `${model}.onnx`, "--force", "-o", `${model}.wasm`);
      const body = await readFile(join(folder, `${model}.wasm`));
      const server = await serveFolder(WWW, (path) => (path.endsWith("/polyhead_bg.wasm") ? { body } : undefined));
      try {
        await withPage(
          shared,
          async (page) => {
            await rankingAfter(page, () => page.click(".sample"));
            if (model === "both") {
              await page.click("#why-switch");
              await page.waitForSelector("#activation-map:not([hidden])");
              assert.equal(await page.locator("#why-label option").count(), 4);
            } else {
              assert.ok(await page.isHidden("#why-switch"));
            }
            assert.match(await page.textContent("#why-words"), words);
          },
          { url: server.url },
        );
      } finally {
        await server.close();
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The page with the demo's models joined by the plain rule, whatever rule the demo has. */
async function withUnfitted(check) {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  const run = (...words) => execFileSync(POLYHEAD, words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const models = `${ROOT}models`;
  try {
    run("merge", `${models}/trash.onnx`, `${models}/clothes.onnx`, "-o", "both.onnx");
    run("embed", `${WWW}/pkg/polyhead_bg.wasm`, "both.onnx", "--force", "-o", "both.wasm");
    const body = await readFile(join(folder, "both.wasm"));
    const server = await serveFolder(WWW, (path) => (path.endsWith("/polyhead_bg.wasm") ? { body } : undefined));
    try {
      await withPage(shared, check, { url: server.url });
    } finally {
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("raw scores and probabilities are shown separately, each with an explanation", () =>
  withUnfitted(async (page) => {
    await rankingAfter(page, () => page.click('[data-file="t-shirt.png"]'));
    assert.match(await page.textContent("#scale-words"), /^Not calibrated: the rule “concat” /);
    await page.check("input[value=raw]");
    assert.ok(await page.isHidden('[part="ranking"]'));
    assert.match(await page.textContent("#scale-words"), /^Raw scores \(logits\).* not probabilities/);
    const heads = await page.$$eval(".raw-head", (heads) =>
      heads.map((head) => ({
        head: head.querySelector("h3").textContent,
        scores: [...head.querySelectorAll("data")].map(({ value }) => Number(value)),
        first: head.querySelector(".label").textContent,
      })),
    );
    assert.deepEqual(heads.map(({ head, first }) => [head, first]), [["clothes", "t-shirt"], ["trash", "paper"]]);
    for (const { scores } of heads) {
      assert.equal(scores.length, 5);
      assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
    }
    assert.ok(heads.some(({ scores }) => scores.some((score) => score < 0 || score > 1)), "logits are no probabilities");
    // The rule is softmax over all logits.
    const all = heads.flatMap(({ scores }) => scores.map(Math.exp));
    await page.check("input[value=probabilities]");
    const first = Number(await page.$eval('[part="value"]', ({ value }) => value));
    assert.ok(Math.abs(Math.max(...all) / all.reduce((a, b) => a + b) - first) < 1e-5);
  }));

test("the card shows the description in the file", () =>
  withPage(shared, async (page) => {
    await ready(page);
    const text = await page.textContent("#card-body");
    const figures = "The first label is right for 91% of 100 images; stated probabilities are off by 6% on average.";
    const measured = "How this was measured: cross-validated on images that the heads have not seen.";
    for (const words of ["cardboard, glass, metal, paper, plastic", "shirt, shoes, shorts, skirt, t-shirt", "squash", "224", figures, measured]) {
      assert.ok(text.includes(words), words);
    }
    const sums = await page.$$eval(".sources code", (codes) => codes.map((code) => code.textContent));
    assert.equal(sums.length, 2);
    sums.forEach((sum) => assert.match(sum, /^[0-9a-f]{64}$/));
  }));

test("a rule of an unknown kind is shown with all its parameters", () =>
  withPage(shared, async (page) => {
    await ready(page);
    await page.evaluate(async () => {
      const [{ showCard }, { explainScale }] = await Promise.all([import("/page/model-card.js"), import("/page/score-mode.js")]);
      const card = {
        labels: [{ label: "<b>a</b>", heads: ["h"] }],
        heads: [{ name: "h", labels: ["a"], activation: "softmax", linear: false }],
        preprocessing: { width: 8 },
        rule: {
          name: "gated",
          parameters: { alpha: 1, prototypes: Array.from({ length: 20 }, () => Array(30).fill(0.5)) },
          "fitted-on": { images: 120, "clothes/t-shirt": 80, from: "2 folders" },
          figures: { accuracy: 0.912345678, "expected calibration error": 0.03, unknown: null, by: [{ label: "a", right: true }] },
        },
        calibrated: true,
        sources: [],
        foreign: [{ key: "note", value: "<script>" }],
      };
      showCard(card);
      explainScale(card);
    });
    const text = await page.textContent("#card-body");
    for (const words of ["<b>a</b>", "gated", "600 values", "fitted on", "120", "clothes/t-shirt", "0.91235", "unknown", "<script>"]) {
      assert.ok(text.includes(words), words);
    }
    assert.match(await page.textContent("#scale-words"), /^Calibrated: the rule “gated” was fitted/);
  }));

test("none of these comes first if its probability is above one half", () =>
  withPage(shared, async (page) => {
    await ready(page);
    const show = (none) =>
      page.evaluate(async (none) => {
        const element = document.getElementById("classifier");
        const labels = [{ label: "glass", heads: ["trash"], probability: 0.7 }];
        element.classifier = { labels, heads: ["trash"], classify: async () => ({ labels, heads: [{ head: "trash", probability: 0.7 }], none, milliseconds: 1 }) };
        await element.classify(new ImageData(1, 1));
      }, none);
    await show(0.8);
    assert.equal(await headline(page), "None of these: 80.0%");
    assert.equal(await page.textContent('#classifier [role="status"]'), "None of these: 80.0%");
    await show(0.1);
    assert.equal(await headline(page), "glass");
    assert.equal(await page.textContent('[part="none"]'), "None of these: 10.0%");
    assert.equal(await page.textContent("#heads"), "trash70%");
  }));
