/** A workshop whose worker the browser ends: everything is there again. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { useBrowser, watchTimers, withPage } from "./browser.mjs";
import { useSmallProject } from "./small-project.mjs";
import { test } from "./test.mjs";
import { fitted, looked, lose, made, reported, texts, unreported } from "./workshop-steps.mjs";

const shared = useBrowser();
const withSmallProject = useSmallProject();
const at = { path: "workshop.html", init: watchTimers };

test("after the browser ends the worker, models, order, images, evidence and rule are restored, and a fit runs", () =>
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
    {
      ...at,
      prepare: (page) => {
        page.on("dialog", (dialog) => dialog.accept());
        return withSmallProject(page);
      },
    },
  ));
