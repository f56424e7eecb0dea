/** A workshop whose connection breaks off: nothing is lost, and it can be gone on with. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, useBrowser, watchTimers, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { MODELS, useSmallProject } from "./small-project.mjs";
import { test } from "./test.mjs";
import { fitted, idle, joined, made, unreported } from "./workshop-steps.mjs";

const shared = useBrowser();
const withSmallProject = useSmallProject();
const at = { path: "workshop.html", init: watchTimers };

test("an interrupted download of the module is reported, and nothing is lost", async () => {
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
        await joined(page);
        assert.equal(await page.textContent("#alert-models"), "");
      },
      { ...at, url: server.url, consoleMay: /ERR_|Failed to load/ },
    );
  } finally {
    await server.close();
  }
});

test("offline: a lost worker that cannot restart is reported, and is restored later", () =>
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
      await page.waitForFunction(() => document.getElementById("report").textContent.includes("rule gated"));
      assert.deepEqual(await made(page), before);
      assert.equal(await page.textContent("#alert-project"), "");
    },
    { ...at, prepare: withSmallProject, consoleMay: /ERR_FAILED/ },
  ));
