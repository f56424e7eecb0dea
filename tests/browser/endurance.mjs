/** A page that is used for long: memory stays level, and nothing that elements and cameras took is left. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { withPage } from "./browser.mjs";
import { servePage } from "./host.mjs";
import { MODULE, smallModel } from "./small.mjs";

/** Runs in the page before anything else: counts what a page can leak. */
function watch() {
  window.open = { urls: new Set(), tracks: [] };
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    window.open.urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    window.open.urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  const media = navigator.mediaDevices;
  const getUserMedia = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const stream = await getUserMedia(wanted);
    window.open.tracks.push(...stream.getTracks());
    return stream;
  };
}

/**
 * @param {{ url: string, browser: import("playwright-core").Browser }} shared with cameras
 * @param {(page: import("playwright-core").Page, level: () => Promise<Level>) => Promise<void>} walk
 */
async function withLongPage(shared, walk) {
  const scripts = { "/small.wasm": await readFile(MODULE), "/small.onnx": await smallModel() };
  const server = await servePage({ body: "", options: '{ wasmUrl: "/small.wasm", cache: false }', scripts });
  try {
    await withPage(
      shared,
      async (page) => {
        await page.evaluate(() => customElements.whenDefined("polyhead-classifier").then(() => true));
        const session = await page.context().newCDPSession(page);
        await walk(page, () => levelOf(page, session));
        assert.deepEqual(await page.evaluate(() => window.violations), []);
      },
      { url: server.url, path: "element.html", prepare: (page) => page.addInitScript(watch) },
    );
  } finally {
    await server.close();
  }
}

/**
 * @typedef {object} Level after what is unreachable was collected
 * @property {number} heap bytes of JavaScript objects
 * @property {number} nodes
 * @property {number} listeners
 * @property {number} urls
 * @property {number} tracks that run
 * @property {number} workers
 */

/** @returns {Promise<Level>} */
async function levelOf(page, session) {
  // Unreachable objects may retain others until the next collection.
  for (let turn = 0; turn < 3; turn += 1) {
    await session.send("HeapProfiler.collectGarbage");
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  }
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
  const { urls, tracks } = await page.evaluate(() => ({
    urls: window.open.urls.size,
    tracks: window.open.tracks.filter(({ readyState }) => readyState === "live").length,
  }));
  return { heap: usedSize, nodes, listeners: jsEventListeners, urls, tracks, workers: page.workers().length };
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/**
 * @param {Parameters<typeof withLongPage>[0]} shared
 * @param {number} count
 */
export function manyClassifications(shared, count) {
  return withLongPage(shared, async (page, level) => {
    const classify = (count) =>
      page.evaluate(async (count) => {
        if (!window.classifier) {
          const { loadClassifier } = await import("/polyhead/index.js");
          window.classifier = await loadClassifier({ wasmUrl: "/small.wasm", model: "/small.onnx", cache: false });
          window.canvas = new OffscreenCanvas(64, 64);
        }
        const context = window.canvas.getContext("2d");
        for (let turn = 0; turn < count; turn += 1) {
          context.fillStyle = `rgb(${turn % 256} 90 120)`;
          context.fillRect(0, 0, 64, 64);
          // As files and as pixels by turns.
          await window.classifier.classify(turn % 2 ? window.canvas : await window.canvas.convertToBlob());
        }
        return window.classifier.memory;
      }, count);
    const memory = await classify(100);
    const before = await level();
    const start = performance.now();
    const later = await classify(count);
    const seconds = (performance.now() - start) / 1000;
    const after = await level();
    console.log(`${count} classifications in ${seconds.toFixed(0)} s: wasm memory ${megabytes(memory)} → ${megabytes(later)}, heap ${megabytes(before.heap)} → ${megabytes(after.heap)}`);
    assert.equal(later, memory, "wasm memory grew");
    assert.ok(after.heap < before.heap + 2 ** 20, `the heap grew: ${before.heap} → ${after.heap}`);
    const { heap: _, ...counted } = after;
    const { heap: __, ...expected } = before;
    assert.deepEqual(counted, expected);
  });
}

/**
 * @param {Parameters<typeof withLongPage>[0]} shared
 * @param {number} count
 */
export function manyElements(shared, count) {
  return withLongPage(shared, async (page, level) => {
    /** Elements with a worker of their own each, some with a camera, some taken away before they are ready. */
    const cycle = (from, to) =>
      page.evaluate(
        async ([from, to]) => {
          const image = await (await fetch("/samples/shirt.png")).blob();
          for (let turn = from; turn < to; turn += 1) {
            const element = document.createElement("polyhead-classifier");
            element.setAttribute("model", "/small.onnx");
            element.camera = true;
            document.body.append(element);
            if (turn % 10 === 0) {
              await element.startCamera();
            } else if (turn % 3 === 0) {
              await element.classify(image);
            } else if (turn % 3 === 1) {
              element.classify(image).catch(() => {});
            }
            element.remove();
            await new Promise((resolve) => setTimeout(resolve));
          }
        },
        [from, to],
      );
    const gone = async () => {
      // A worker that was told to end does so a little later.
      while (page.workers().length > 0) {
        await page.waitForEvent("close", { timeout: 50 }).catch(() => {});
      }
    };
    await cycle(0, 10);
    await gone();
    const before = await level();
    const start = performance.now();
    await cycle(10, 10 + count);
    const seconds = (performance.now() - start) / 1000;
    await gone();
    const after = await level();
    const opened = await page.evaluate(() => window.open.tracks.length);
    console.log(
      `${count} elements in ${seconds.toFixed(0)} s, ${opened} camera tracks: heap ${megabytes(before.heap)} → ${megabytes(after.heap)}, ` +
        `${before.nodes} → ${after.nodes} nodes, ${before.listeners} → ${after.listeners} listeners, workers left ${after.workers}, tracks left ${after.tracks}`,
    );
    assert.ok(opened > count / 20, `${opened} cameras`);
    assert.deepEqual([after.workers, after.tracks, after.urls], [0, 0, 0]);
    // A few of either may wait for a later collection; one for every element may not.
    const few = Math.max(20, count / 20);
    assert.ok(after.nodes <= before.nodes + few, `nodes: ${before.nodes} → ${after.nodes}`);
    assert.ok(after.listeners <= before.listeners + few, `listeners: ${before.listeners} → ${after.listeners}`);
    assert.ok(after.heap < before.heap + 2 ** 20 + 1024 * count, `the heap grew: ${before.heap} → ${after.heap}`);
  });
}
