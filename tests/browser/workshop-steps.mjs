/** The workshop's steps as a person takes them, what one sees of them, and what tests do to its worker. */
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE, WWW, endWorker } from "./browser.mjs";
import { recovered } from "./workshop.mjs";

export const joined = (page) => page.waitForSelector("#joined svg");
export const reported = (page) => page.waitForSelector("#report footer");
/** Takes the report away, so that the next one can be waited for. */
export const unreported = (page) => page.evaluate(() => void document.getElementById("report").replaceChildren());
/** Waits until the words about the images begin so. */
export const looked = (page, words) => page.waitForFunction((words) => document.getElementById("images-count").textContent.startsWith(words), words);
/** The texts of all elements that a selector finds. */
export const texts = (page, selector) => page.$$eval(selector, (items) => items.map(({ textContent }) => textContent));

/** Puts the second model first. */
export async function swap(page) {
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
export async function fitted(page) {
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
  await page.waitForFunction(() => document.getElementById("report").textContent.includes("rule gated"));
}

/** The user's project, as the page shows it. */
export const made = async (page) => ({
  models: await texts(page, ".model h3"),
  bins: await page.$$eval(".bin", (bins) => bins.map((bin) => [bin.querySelector("h4").textContent, [...bin.querySelectorAll(".thumb")].map(({ title }) => title).sort()])),
  evidence: await texts(page, "#evidence-list li"),
  taken: await page.$$eval(".is-taken", (rows) => rows.map(({ dataset }) => dataset.rule)),
  verdict: await page.textContent("#report .verdict"),
});

/** Waits until nothing is under way, and no timer of the page is left to begin anything. */
export const idle = (page) => page.waitForFunction(() => window.timers.size === 0 && !document.querySelector("section[aria-busy]"));

/** Ends the worker without a word, and waits until all is there again. */
export async function lose(page) {
  await idle(page);
  await unreported(page);
  await endWorker(page, page.workers()[0]);
  await recovered(page);
  // Models, images, the fit and the comparison, one after the other.
  await page.waitForSelector('[data-rule="gated"].is-taken', { timeout: 3 * PATIENCE });
  await page.waitForFunction(() => document.getElementById("report").textContent.includes("rule gated"), undefined, { timeout: 3 * PATIENCE });
  assert.equal(page.workers().length, 1);
}

/** The workshop's module, some of whose calls trap, or take their time. */
export const bent = (script) => (page) =>
  page.context().route("**/pkg/workshop.js", async (route) => {
    const answer = await route.fetch();
    const body = `${await answer.text()}
      const trap = () => { throw new WebAssembly.RuntimeError("unreachable"); };
      ${script}`;
    await route.fulfill({ response: answer, body });
  });

/** Lends a folder of images, one folder a label, that is gone afterwards. */
export async function withFolder(images, use) {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  try {
    for (const [label, files] of Object.entries(images)) {
      await mkdir(join(folder, "images", label), { recursive: true });
      for (const file of files) {
        await copyFile(`${WWW}/samples/${file}`, join(folder, "images", label, file));
      }
    }
    await use(join(folder, "images"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
