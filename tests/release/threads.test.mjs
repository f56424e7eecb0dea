/** The builds of the module: which one a page takes, how many threads it has, and that all say the same. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { DEMO, ROOT, WWW, addBlank, endWorker, rankingAfter, ready, useBrowser, withPage } from "../browser/browser.mjs";
import { serveFolder } from "../browser/server.mjs";

const shared = useBrowser();
const golden = JSON.parse(await readFile(`${ROOT}tests/fixtures/golden/demo.json`, "utf8"));
const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const [THREADS, RELAXED, PLAIN] = ["polyhead_threads_bg.wasm", "polyhead_relaxed_bg.wasm", "polyhead_bg.wasm"];

/** The modules among the requests, by name. */
const modulesOf = (requests) => requests.filter((url) => url.endsWith(".wasm")).map((url) => url.split("/").at(-1));

/** Loads the library alone with each of these options, and ranks the samples. */
const load = (page, ...options) =>
  page.evaluate(
    async ([options, files]) => {
      const { loadClassifier } = await import("/polyhead/index.js");
      const loaded = [];
      for (const one of options) {
        const classifier = await loadClassifier({ cache: false, ...one });
        const rankings = [];
        for (const file of files) {
          const { labels } = await classifier.classify(await (await fetch(`/samples/${file}`)).blob());
          rankings.push(Object.fromEntries(labels.map(({ label, probability }) => [label, probability])));
        }
        loaded.push({ threads: classifier.threads, memory: classifier.memory, rankings });
        classifier.close();
      }
      return loaded;
    },
    [options, golden.map(({ file }) => file)],
  );

function assertSame({ rankings }, expected, bound, what) {
  rankings.forEach((ranking, index) => {
    for (const [label, probability] of Object.entries(expected[index])) {
      const difference = Math.abs(ranking[label] - probability);
      assert.ok(difference <= bound, `${what}, ${golden[index].file}, ${label}: expected ${probability}, found ${ranking[label]}`);
    }
  });
}

/** An empty page of the site's, isolated or not. */
const blank = (headers) => ({ path: "blank", prepare: (page) => addBlank(page, headers) });

test("an isolated page loads only the build with threads; all builds give the same result", () =>
  withPage(
    shared,
    async (page, requests) => {
      const [threads] = await load(page, {});
      assert.deepEqual(modulesOf(requests), [THREADS]);
      const processors = await page.evaluate(() => navigator.hardwareConcurrency);
      assert.equal(threads.threads, Math.min(processors, 8));
      assert.ok(threads.memory > 1e6, `${threads.memory} bytes`);
      const [two, one, plain] = await load(page, { threads: 2 }, { threads: 1 }, { wasmUrl: `/pkg/${PLAIN}` });
      assert.deepEqual(modulesOf(requests).slice(1), [THREADS, RELAXED, PLAIN]);
      assert.deepEqual([two.threads, one.threads, plain.threads], [2, 1, 1]);
      assertSame(plain, golden.map(({ probabilities }) => probabilities), 2e-3, "plain and golden");
      for (const [name, build] of Object.entries({ threads, two, one })) {
        assertSame(build, plain.rankings, 1e-4, `${name} and plain`);
      }
    },
    blank(ISOLATION),
  ));

test("a page that is not isolated loads the relaxed build, on one thread", () =>
  withPage(
    shared,
    async (page, requests) => {
      const [found] = await load(page, { threads: 2 });
      assert.deepEqual(modulesOf(requests), [RELAXED]);
      assert.equal(found.threads, 1);
    },
    blank({}),
  ));

test("a browser without relaxed SIMD loads the plain build", () =>
  withPage(
    shared,
    async (page, requests) => {
      await page.evaluate(() => {
        const { validate } = WebAssembly;
        WebAssembly.validate = (bytes) => !new Uint8Array(bytes).join().includes("253,133,2") && validate(bytes);
      });
      const [found] = await load(page, {});
      assert.deepEqual(modulesOf(requests), [PLAIN]);
      assert.equal(found.threads, 1);
    },
    blank(ISOLATION),
  ));

for (const isolated of [true, false]) {
  test(`if only the plain build is served, ${isolated ? "an isolated" : "a"} page uses it and downloads it once`, async () => {
    const asked = [];
    const answer = (path) => {
      asked.push(path);
      return /_(threads|relaxed)/.test(path) ? { status: 404, body: "" } : { headers: isolated ? ISOLATION : {} };
    };
    const server = await serveFolder(WWW, answer, { builds: true });
    try {
      await withPage(
        shared,
        async (page) => {
          const before = await rankingAfter(page, () => page.click(".sample"));
          const [worker] = page.workers().filter((worker) => worker.url().endsWith("/polyhead/worker.js"));
          await endWorker(page, worker);
          assert.deepEqual(await rankingAfter(page, () => page.click(".sample")), before);
          const wanted = [...(isolated ? [THREADS] : []), RELAXED, PLAIN];
          // Later requests are those of the service worker.
          assert.deepEqual(modulesOf(asked).slice(0, wanted.length), wanted);
          assert.equal(modulesOf(asked).filter((name) => name === PLAIN).length, 1);
        },
        { url: server.url, consoleMay: /status of 404/ },
      );
    } finally {
      await server.close();
    }
  });
}

test("the page runs on threads without a policy violation, and stores that build for offline visits", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 10);
      await page.waitForFunction(() => /without a network now/.test(document.getElementById("offline-words").textContent));
      const kept = await page.evaluate(async () => {
        const name = (await caches.keys()).find((name) => name.startsWith("polyhead-page-"));
        return (await (await caches.open(name)).keys()).map(({ url }) => url);
      });
      assert.deepEqual(modulesOf(kept), [THREADS]);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    },
    {
      prepare: (page) =>
        page.addInitScript(() => {
          window.violations = [];
          document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => window.violations.push(`${effectiveDirective} ${blockedURI}`));
        }),
    },
  ));

test("the module works without threads if they cannot be started", async () => {
  // A worker that has no workers of its own.
  const files = {
    "/empty.html": { type: "text/html", body: '<!doctype html><title>empty</title><link rel="icon" href="data:,">' },
    "/alone.js": { body: 'import "/without.js"; import "/polyhead/worker.js";' },
    "/without.js": { body: "delete globalThis.Worker;" },
  };
  const server = await serveFolder(WWW, (path) => ({ headers: ISOLATION, ...files[path] }), { builds: true });
  try {
    await withPage(
      shared,
      async (page) => {
        const [found] = await load(page, { workerUrl: "/alone.js" });
        assert.equal(found.threads, 1);
        assertSame(found, golden.map(({ probabilities }) => probabilities), 2e-3, "without threads");
      },
      { url: server.url, path: "empty.html" },
    );
  } finally {
    await server.close();
  }
});

test("no build contains operators that a classifier does not need", async () => {
  const model = (await stat(DEMO)).size;
  for (const name of [THREADS, RELAXED, PLAIN]) {
    const size = (await stat(`${WWW}/pkg/${name}`)).size - model;
    assert.ok(size < 7_000_000, `${name}: ${size} bytes without the model, before compression`);
  }
});
