/** The workshop's project: saved, opened, taken away, and kept when its worker is lost. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT, WWW, useBrowser, withPage } from "./browser.mjs";
import { png } from "./images.mjs";
import { MODELS, useSmallProject } from "./small-project.mjs";
import { test } from "./test.mjs";
import { recovered } from "./workshop.mjs";
import { joined, looked, reported, withFolder } from "./workshop-steps.mjs";

/** Two exports of the size that the Python lines are written for. */
const EXPORTS = ["trash", "clothes"].flatMap((name) => [".onnx", ".labels.txt", ".preprocess.json"].map((kind) => `${ROOT}models/${name}${kind}`));
const PYTHON = process.env.POLYHEAD_PYTHON;
const shared = useBrowser();
const withSmallProject = useSmallProject();
const at = { path: "workshop.html" };

test("a project is saved and opened again; leaving an unsaved one asks", () =>
  withPage(
    shared,
    async (page) => {
      await page.click("#sample-project");
      await reported(page);
      await page.click("#fit-run");
      await page.waitForSelector(".rule-table");
      const best = await page.getAttribute(".is-best", "data-rule");
      await page.click(".is-best button");
      await page.waitForSelector(`[data-rule="${best}"].is-taken`);
      const verdict = () => page.textContent("#report .verdict");
      await page.waitForFunction((best) => document.getElementById("report").textContent.includes(`rule ${best}`), best);
      const before = await verdict();

      const asks = [];
      page.on("dialog", async (dialog) => {
        asks.push(dialog.type());
        await dialog.accept();
      });
      const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#project-save")]);
      const path = await saved.path();
      const file = { name: "project.polyhead", mimeType: "application/zip", buffer: await readFile(path) };
      await page.waitForFunction(() => /^Saved/.test(document.getElementById("project-words").textContent));
      await page.reload();
      assert.deepEqual(asks, [], "nothing is lost");

      await page.setInputFiles("#project-file", file);
      await page.waitForSelector(`[data-rule="${best}"].is-taken`);
      await reported(page);
      assert.equal(await verdict(), before);
      assert.equal(await page.$$eval(".thumb img", (images) => images.length), 8);
      assert.match(await page.textContent("#evidence-list"), /120 images/);
      await page.setInputFiles("#classifier input[accept]", `${WWW}/samples/t-shirt.png`);
      await page.waitForSelector('[part="time"]:not(:empty)');
      await page.click(".thumb");
      await page.click(".tools button");
      await looked(page, "7 of 7");
      await page.waitForSelector("#project-save.unsaved");
      await page.reload();
      assert.deepEqual(asks, ["beforeunload"]);

      // A file that is not a project changes nothing.
      await page.setInputFiles("#project-file", { name: "x.polyhead", mimeType: "", buffer: Buffer.from("no zip") });
      await page.waitForSelector("#alert-project .alert-detail");
    },
    { ...at, prepare: withSmallProject },
  ));

test("a lost worker is restored with the data of the page", () =>
  withFolder({ glass: ["glass-bottle.png"], skirt: ["skirt.png"] }, (folder) =>
    withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", MODELS);
        await joined(page);
        await page.setInputFiles("#images-folder", folder);
        await looked(page, "2 of 2");
        await reported(page);
        const [worker] = page.workers();
        const gone = new Promise((resolve) => worker.once("close", resolve));
        await worker.evaluate(() => void setTimeout(() => { throw new Error("lost"); }));
        await gone;
        await recovered(page);
        await looked(page, "2 of 2");
        await reported(page);
        assert.equal(await page.$$eval(".model", (models) => models.length), 2);
        assert.equal(page.workers().length, 1);
      },
      at,
    ),
  ));

test("the Python snippet and the page rank an image alike", { skip: !PYTHON && "set POLYHEAD_PYTHON to a Python with onnxruntime, numpy and Pillow" }, () =>
  withFolder({}, async (folder) => {
    await mkdir(folder);
    const image = png(224, 224, 3, (x, y) => [x, y, ((x ^ y) & 64) * 3]);
    await withPage(
      shared,
      async (page) => {
        await page.setInputFiles("#models-file", EXPORTS);
        await joined(page);
        await page.setInputFiles("#classifier input[accept]", { name: "image.png", mimeType: "image/png", buffer: image });
        await page.waitForSelector('[part="time"]:not(:empty)');
        const found = await page.$$eval('[part~="row"]', (rows) =>
          rows.map((row) => [row.querySelector('[part="label"]').textContent, Number(row.querySelector("data").value)]),
        );
        const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#take-f32")]);
        await saved.saveAs(join(folder, "merged.onnx"));
        // Pillow tells a PNG by its bytes.
        await writeFile(join(folder, "image.jpg"), image);
        await writeFile(join(folder, "rank.py"), await page.textContent("#python"));
        const { stdout } = await promisify(execFile)(PYTHON, ["rank.py"], { cwd: folder });
        const said = Object.fromEntries([...stdout.matchAll(/\(([\d.e+-]+), '([^']+)'\)/g)].map(([, probability, label]) => [label, Number(probability)]));
        for (const [label, probability] of found.slice(0, 3)) {
          assert.ok(Math.abs(said[label] - probability) <= 1e-4, `${label}: expected ${probability}, found ${said[label]} in ${stdout}`);
        }
      },
      at,
    );
  }));
