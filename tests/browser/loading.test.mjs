/** Loading of the model: progress, servers with incomplete headers, and failures. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { WWW, addBlank, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const WASM = "/pkg/polyhead_bg.wasm";
/** The build that a page takes which is not isolated. */
const wasmFile = `${WWW}/pkg/polyhead_relaxed_bg.wasm`;

/** Opens the page from a server that bends some of its answers. */
async function withBentServer(bend, check, options = {}) {
  const server = await serveFolder(WWW, bend);
  try {
    await withPage(shared, check, { url: server.url, ...options });
  } finally {
    await server.close();
  }
}

/** Loads the library alone and returns the progress it reports. */
function progressOf(page) {
  return page.evaluate(async () => {
    const { loadClassifier } = await import("/polyhead/index.js");
    const steps = [];
    const classifier = await loadClassifier({ onProgress: (step) => steps.push(step) });
    classifier.close();
    return steps;
  });
}

test("progress is exact to the byte", () =>
  withPage(
    shared,
    async (page) => {
      const { size } = await stat(wasmFile);
      const steps = await progressOf(page);
      const downloads = steps.filter(({ stage }) => stage === "download");
      assert.deepEqual(downloads[0], { stage: "download", loaded: 0, total: size });
      assert.deepEqual(downloads.at(-1), { stage: "download", loaded: size, total: size });
      assert.ok(downloads.length > 3, `${downloads.length} steps`);
      assert.deepEqual(steps.slice(-2), [
        { stage: "prepare", loaded: 0, total: 1 },
        { stage: "prepare", loaded: 1, total: 1 },
      ]);
    },
    { path: "blank", prepare: addBlank },
  ));

test("the page loads the module once and shows its progress", () => {
  const asked = [];
  return withPage(
    shared,
    async (page) => {
      assert.match(await page.textContent('[part="loading"]'), /^(Loading|Preparing) the model/);
      await ready(page);
      assert.equal(asked.filter((url) => url.endsWith(".wasm")).length, 1);
    },
    // Without what the service worker asks for.
    { prepare: async (page) => page.on("request", (request) => asked.push(request.url())) },
  );
});

test("the first paint does not wait for the module", () => {
  const held = [];
  return withBentServer(
    (path) => (path === WASM ? { after: new Promise((release) => held.push(release)) } : undefined),
    async (page) => {
      await page.waitForSelector(".sample");
      const paints = () => performance.getEntriesByName("first-contentful-paint").length;
      await page.waitForFunction(paints);
      // Painted, and the module is asked for now or later.
      while (held.length === 0) {
        await page.waitForTimeout(50);
      }
      assert.ok(await page.isVisible('[part="loading"]'), "it has not arrived");
      assert.ok(await page.isVisible('[part~="choose-button"]'));
      held.forEach((release) => release());
      await ready(page);
    },
  );
});

test("a server that sends wasm as plain text still works", () =>
  withBentServer(
    (path) => (path === WASM ? { type: "text/plain" } : undefined),
    async (page) => assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 10),
  ));

test("a compressed response works without a total", async () => {
  const body = gzipSync(await readFile(wasmFile), { level: 1 });
  const compressed = { body, headers: { "content-encoding": "gzip" } };
  await withBentServer(
    (path) => (path === WASM ? compressed : undefined),
    async (page) => {
      const steps = await progressOf(page);
      const { loaded, total } = steps.filter(({ stage }) => stage === "download").at(-1);
      assert.deepEqual([loaded, total], [(await stat(wasmFile)).size, undefined]);
    },
    { path: "blank", prepare: addBlank },
  );
});

test("a missing module is reported as text, and can be tried again", () => {
  let missing = true;
  return withBentServer(
    (path) => (path === WASM && missing ? { status: 404, body: "" } : undefined),
    async (page) => {
      await page.waitForSelector('[part="error-text"]');
      assert.match(await page.textContent('[part="error-text"]'), /could not be downloaded/);
      assert.match(await page.textContent('[part="error-detail"]'), /404/);
      missing = false;
      await page.click('[part~="again-button"]');
      await page.waitForSelector('[part="error-text"]', { state: "hidden" });
      assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 10);
    },
    { consoleMay: /status of 404/ },
  );
});

test("a browser without SIMD is refused with a list of supported ones, before any download", () =>
  withPage(
    shared,
    async (page, requests) => {
      await page.waitForSelector('[part="error-text"]');
      assert.match(await page.textContent('[part="error-text"]'), /too old/);
      assert.match(await page.textContent('[part="error-detail"]'), /SIMD.*Chrome \d+.*Firefox \d+.*Safari \d+/);
      assert.equal(requests.filter((url) => url.endsWith(".wasm")).length, 0);
    },
    {
      prepare: (page) =>
        page.addInitScript(() => {
          WebAssembly.validate = () => false;
        }),
    },
  ));
