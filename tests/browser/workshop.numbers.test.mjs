/** The workshop and the command line say the same of the same files: merge, check, evidence, fit. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { POLYHEAD, ROOT, WWW, addBlank, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";
import { MODELS, IMAGES } from "./workshop.mjs";

const shared = useBrowser();

/** Two 14 MB exports and what their merge takes beside them. */
const MEMORY = 400e6;

async function native(...args) {
  const { stdout } = await promisify(execFile)(POLYHEAD, [...args, "--json"], { maxBuffer: 1e8 });
  return JSON.parse(stdout);
}

/** Runs in the page: all that the workshop says. */
async function workshop(models, images) {
  const { ProjectClient } = await import("/workshop/project-client.js");
  const client = new ProjectClient({ onProgress() {}, onLost() {} });
  const get = async (url) => (await fetch(url)).blob();
  for (const name of ["trash", "clothes"]) {
    // Of one drop the order is by name.
    const files = models.filter((path) => path.startsWith(name));
    await client.call("addFiles", await Promise.all(files.map(async (path) => ({ path, content: await get(`/pkg/sample/${path}`) }))));
  }
  const merge = await client.call("merge", {});
  const memory = client.memory;
  for (const [path, file] of Object.entries(images)) {
    const { label, head } = await client.call("labelOf", path.split("/")[0]);
    await client.call("observe", await get(`/samples/${file}`), { name: path, label, head, unseen: true });
  }
  const { report: check } = await client.call("check");
  await client.call("addEvidence", "demo.evidence", await get("/pkg/sample/demo.evidence"));
  const fit = await client.call("fit");
  await client.call("take", fit.best);
  const { report: fitted } = await client.call("check");
  const { models: inspected, evidence } = await client.call("state");
  client.close();
  return { merge, memory, check, fit, fitted, evidence, inspect: inspected.map(({ model }) => model) };
}

/** Equal within 1e-4 where there are numbers; keys of `left` alone are not compared. */
function assertAlike(left, right, without, at = "") {
  if (typeof right === "number" && typeof left === "number") {
    assert.ok(Math.abs(left - right) <= 1e-4 * Math.max(1, Math.abs(right)), `${at}: expected ${right}, found ${left}`);
  } else if (right !== null && typeof right === "object") {
    if (Array.isArray(right)) {
      assert.equal(left?.length, right.length, at);
    }
    for (const [key, value] of Object.entries(right)) {
      if (!without.includes(key)) {
        assertAlike(left?.[key], value, without, `${at}.${key}`);
      }
    }
  } else {
    assert.equal(left, right, at);
  }
}

test("merge, check, fit and evidence equal the command line's within 1e-4; memory is bounded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  try {
    const [trash, clothes, evidence] = ["trash.onnx", "clothes.onnx", "demo.evidence"].map((name) => `${ROOT}models/${name}`);
    const [merged, fitted] = [join(folder, "merged.onnx"), join(folder, "fitted.onnx")];
    for (const [path, file] of Object.entries(IMAGES)) {
      await mkdir(dirname(join(folder, "images", path)), { recursive: true });
      await copyFile(`${WWW}/samples/${file}`, join(folder, "images", path));
    }
    const images = join(folder, "images");
    const inspect = await native("inspect", trash, clothes);
    const merge = await native("merge", trash, clothes, "-o", merged);
    const { report: check } = await native("check", merged, "--images", images, "--no-cache");
    const fit = await native("fit", merged, "--evidence", evidence, "--held-out", images, "--no-cache", "-o", fitted);
    const { report: after } = await native("check", fitted, "--images", images, "--no-cache");
    const { failures: _, output: __, ...shown } = await native("evidence", "show", evidence);

    await withPage(
      shared,
      async (page) => {
        const found = await page.evaluate(`(${workshop})(${JSON.stringify(MODELS)}, ${JSON.stringify(IMAGES)})`);
        assertAlike(found.inspect, inspect.map(({ model }) => model), []);
        assertAlike(found.merge, merge, ["output"]);
        // Names of images are their paths; the file has a name of its own.
        assertAlike(found.check, check, ["name", "model", "reason"]);
        assertAlike(found.fit, fit, ["written", "failures"]);
        assertAlike(found.fitted, after, ["name", "model", "reason"]);
        assertAlike(found.evidence[0].summary, shown, []);
        assert.ok(found.memory < MEMORY, `${found.memory} bytes of memory`);
      },
      { path: "blank", prepare: addBlank },
    );
    assert.ok((await readFile(fitted)).length > 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
