/** What goes wrong around the workshop: the project is still there, and its steps can be gone on with. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PATIENCE, WWW, endWorker, useBrowser, watchTimers, withPage } from "./browser.mjs";
import { png } from "./images.mjs";
import { serveFolder } from "./server.mjs";
import { pressSoon, recovered } from "./workshop.mjs";

const shared = useBrowser();
const at = { path: "workshop.html", init: watchTimers };

const reported = (page) => page.waitForSelector("#report footer");
/** Takes the report away, so that the next one can be waited for. */
const unreported = (page) => page.evaluate(() => void document.getElementById("report").replaceChildren());
const looked = (page, words) => page.waitForFunction((words) => document.getElementById("images-count").textContent.startsWith(words), words);
const texts = (page, selector) => page.$$eval(selector, (items) => items.map(({ textContent }) => textContent));

/** Puts the second model first. */
async function swap(page) {
  const second = await page.textContent(".model:nth-child(2) h3");
  // Laid out anew where the images begin anew.
  await page.evaluate(() => document.querySelector("#bins .head-bins")?.setAttribute("data-old", ""));
  await page.click(".model:nth-child(2) button:text('Put first')");
  await page.waitForFunction(
    (second) => document.querySelector(".model h3").textContent === second && !document.getElementById("joined").hidden && !document.querySelector("#bins [data-old]"),
    second,
  );
}

/** The sample project, fitted, with a rule that was taken; one image moved. Of another order its evidence would not fit. */
async function fitted(page) {
  await page.click("#sample-project");
  await reported(page);
  await swap(page);
  await swap(page);
  await reported(page);
  await looked(page, "8 of 8");
  await page.click('.thumb[title$="metal-can.png"]');
  await page.selectOption(".tools select", "glass");
  await page.waitForFunction(() => document.querySelectorAll("#bins .bin:has(button[aria-label='Add images of glass']) .thumb").length === 2);
  await page.click("#fit-run");
  await page.waitForSelector('[data-rule="gated"]');
  await page.click('[data-rule="gated"] button');
  await page.waitForSelector('[data-rule="gated"].is-taken');
  await page.waitForFunction(() => document.getElementById("report").textContent.includes("Rule gated"));
}

/** What the person made, as the page shows it. */
const made = async (page) => ({
  models: await texts(page, ".model h3"),
  bins: await page.$$eval(".bin", (bins) => bins.map((bin) => [bin.querySelector("h4").textContent, [...bin.querySelectorAll(".thumb")].map(({ title }) => title).sort()])),
  evidence: await texts(page, "#evidence-list li"),
  taken: await page.$$eval(".is-taken", (rows) => rows.map(({ dataset }) => dataset.rule)),
  verdict: await page.textContent("#report .verdict"),
});

/** Waits until nothing is under way, and no timer of the page is left to begin anything. */
const idle = (page) => page.waitForFunction(() => window.timers.size === 0 && !document.querySelector("section[aria-busy]"));

/** Ends the worker without a word, and waits until all is there again. */
async function lose(page) {
  await idle(page);
  await unreported(page);
  await endWorker(page, page.workers()[0]);
  await recovered(page);
  // Models, images, the fit and the comparison, one after the other.
  await page.waitForSelector('[data-rule="gated"].is-taken', { timeout: 3 * PATIENCE });
  await page.waitForFunction(() => document.getElementById("report").textContent.includes("Rule gated"), undefined, { timeout: 3 * PATIENCE });
  assert.equal(page.workers().length, 1);
}

test("a worker that the browser ends: models, their order, images, evidence and the rule come back, and a fit runs", () =>
  withPage(
    shared,
    async (page) => {
      await fitted(page);
      const before = await made(page);
      await lose(page);
      assert.deepEqual(await made(page), before);
      await page.click("#fit-run");
      await page.waitForFunction(() => document.getElementById("fit-status").textContent === "" && document.querySelector(".rule-table"));
      assert.equal(await page.textContent("#alert-fit"), "");

      // Saved and opened again, the images themselves are not there, what was computed of them is.
      const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#project-save")]);
      const buffer = await readFile(await saved.path());
      await page.reload();
      await page.setInputFiles("#project-file", { name: "project.polyhead", mimeType: "application/zip", buffer });
      await page.waitForSelector('[data-rule="gated"].is-taken');
      await reported(page);
      const opened = await made(page);
      assert.deepEqual(opened.bins, before.bins);
      await lose(page);
      assert.deepEqual(await made(page), opened);
      assert.equal(await page.textContent("#failure-list"), "");

      // Images that were taken out stay out, and the rules' comparison, which counted them, is gone.
      await page.click('.thumb[title$="newspaper.png"]');
      await unreported(page);
      await page.click(".tools button");
      await looked(page, "7 of 7");
      await page.waitForSelector(".rule-table", { state: "detached" });
      await reported(page);
      await lose(page);
      await looked(page, "7 of 7");
      assert.deepEqual(await texts(page, ".model h3"), before.models);
    },
    { ...at, prepare: (page) => page.on("dialog", (dialog) => dialog.accept()) },
  ));

/** The workshop's module, some of whose calls trap, or take their time. */
const bent = (script) => (page) =>
  page.context().route("**/pkg/workshop.js", async (route) => {
    const answer = await route.fetch();
    const body = `${await answer.text()}
      const trap = () => { throw new WebAssembly.RuntimeError("unreachable"); };
      ${script}`;
    await route.fulfill({ response: answer, body });
  });

const poison = png(7, 7, 3, () => [200, 30, 40]);
const MODELS = ["trash", "clothes"].flatMap((name) => [".onnx", ".labels.txt", ".preprocess.json"].map((kind) => `${WWW}/pkg/sample/${name}${kind}`));
const file = (name, buffer) => ({ name, mimeType: "image/png", buffer });

test("an image that stops the workshop is set aside, once; the others are looked at, and it can be tried again", () =>
  withPage(
    shared,
    async (page) => {
      await page.setInputFiles("#models-file", MODELS);
      await page.waitForSelector("#joined svg");
      await swap(page);
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      const good = await Promise.all(["glass-bottle", "plastic-bottle"].map(async (name) => file(`${name}.png`, await readFile(`${WWW}/samples/${name}.png`))));
      await page.setInputFiles("#images-file", [good[0], file("poison.png", poison), good[1]]);
      await looked(page, "2 of 3 images looked at; 1 not taken");
      assert.match(await page.textContent("#failure-list"), /poison\.png.*found the workshop stopped by it/);
      await reported(page);
      assert.deepEqual(await texts(page, ".model h3"), ["trash", "clothes"], "their order is lost");
      await unreported(page);
      await page.click("#failures-again");
      // Of the worker after the one that was lost in it again.
      await reported(page);
      await looked(page, "2 of 3 images looked at; 1 not taken");
      assert.equal(page.workers().length, 1);
    },
    { ...at, prepare: bent(`
      const { observe } = Workshop.prototype;
      Workshop.prototype.observe = function (image, about) { return image.size === ${poison.length} ? trap() : observe.call(this, image, about); };`) },
  ));

test("a merge, or a comparison, that stops the workshop is not run again by itself", () =>
  withPage(
    shared,
    async (page) => {
      // Half written while the state is told anew: it stays.
      await page.click("#merge-options summary");
      await page.fill("#merge-shared", "33");
      await page.setInputFiles("#models-file", MODELS);
      await page.waitForSelector("#joined svg");
      await page.dispatchEvent("#merge-shared", "change");
      await page.waitForSelector("#alert-models .alert-detail");
      await page.waitForSelector("#joined svg");
      assert.deepEqual(await texts(page, ".model h3"), ["clothes", "trash"]);

      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      await page.setInputFiles("#images-file", `${WWW}/samples/glass-bottle.png`);
      await page.waitForSelector("#alert-comparable .alert-detail");
      await recovered(page);
      await looked(page, "1 of 1");
      const [worker] = page.workers();
      await idle(page);
      await idle(page);
      assert.equal(page.workers()[0], worker, "started again and again");
      // The rest of it works.
      await page.setInputFiles("#file", `${WWW}/samples/skirt.png`);
      await page.waitForSelector("#time:not(:empty)");
    },
    { ...at, prepare: bent(`
      const { merge } = Workshop.prototype;
      Workshop.prototype.merge = function (options) { return options?.minShared === 0.33 ? trap() : merge.call(this, options); };
      Workshop.prototype.check = trap;`) },
  ));

test("images that are cancelled while the models are joined stay so", () => {
  // The joining waits for its last step where the test says so.
  let held = Promise.resolve();
  let release;
  return withPage(
    shared,
    async (page) => {
      await page.setInputFiles("#models-file", MODELS);
      await page.waitForSelector("#bins .bin");
      held = new Promise((resolve) => (release = resolve));
      await page.evaluate(pressSoon, "images-cancel");
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      await page.click(".model:nth-child(2) button:text('Put first')");
      await page.waitForFunction(() => document.querySelector(".model h3").textContent === "trash");
      // The joined models are shown, and not everything of the old ones is gone yet.
      await page.setInputFiles("#images-file", ["glass-bottle", "plastic-bottle"].map((name) => `${WWW}/samples/${name}.png`));
      await page.waitForFunction(() => /of 2/.test(document.getElementById("images-count").textContent));
      release();
      await page.waitForFunction(() => window.pressed.length === 1 && !document.querySelector("#models[aria-busy]"));
      await idle(page);
      assert.match(await page.textContent("#images-count"), /^[01] of 2/);
      await page.click("#images-resume");
      await looked(page, "2 of 2");
    },
    {
      ...at,
      prepare: async (page) => {
        await page.context().route("**/held", (route) => held.then(() => route.fulfill({ body: "" })));
        await bent(`
          const { card } = Workshop.prototype;
          Workshop.prototype.card = async function () {
            await fetch("/held", { method: "POST" });
            return card.call(this);
          };`)(page);
      },
    },
  );
});

test("a module that breaks off half-way is told, and nothing is lost: the same files, then all works", async () => {
  let cut = true;
  const wasm = await readFile(`${WWW}/pkg/workshop_bg.wasm`);
  const server = await serveFolder(WWW, (path) => (path === "/pkg/workshop_bg.wasm" ? { body: wasm, ...(cut ? { cut: 0.5 } : {}) } : undefined));
  try {
    await withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", MODELS);
        await page.waitForSelector("#alert-models .alert-detail");
        assert.match(await page.textContent("#alert-models"), /connection closed before its end; try again/);
        cut = false;
        await page.setInputFiles("#models-file", MODELS);
        await page.waitForSelector("#joined svg");
        assert.equal(await page.textContent("#alert-models"), "");
      },
      { ...at, url: server.url, consoleMay: /ERR_|Failed to load/ },
    );
  } finally {
    await server.close();
  }
});

test("offline in the middle: a lost worker that cannot come back says so, and comes back with everything", () =>
  withPage(
    shared,
    async (page) => {
      await fitted(page);
      await idle(page);
      const before = await made(page);
      await page.context().route("**/pkg/workshop*", (route) => route.abort());
      const [worker] = page.workers();
      await worker.evaluate(() => void setTimeout(() => globalThis.close()));
      await page.waitForSelector("#alert-project .alert-detail");
      assert.match(await page.textContent("#alert-project"), /could not be downloaded/);
      await page.context().unroute("**/pkg/workshop*");
      await unreported(page);
      await page.click("#alert-project button:text('Try again')");
      await page.waitForFunction(() => document.getElementById("report").textContent.includes("Rule gated"));
      assert.deepEqual(await made(page), before);
      assert.equal(await page.textContent("#alert-project"), "");
    },
    { ...at, consoleMay: /ERR_FAILED/ },
  ));
