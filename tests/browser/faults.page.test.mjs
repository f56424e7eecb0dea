/** Faults around the page and the element: storage, samples, the worker, the camera. */
import assert from "node:assert/strict";
import { WWW, addBlank, rankingAfter, ready, withPage } from "./browser.mjs";
import { NETWORK, WASM, killWorker, module, useFaults } from "./faults.mjs";
import { serveFolder } from "./server.mjs";
import { errors } from "../../www/polyhead/texts/errors-en.js";
import { test } from "./test.mjs";

const { shared, withServer } = useFaults();

test("the page reports an interrupted download of the module, and tries again", () =>
  withServer(
    async (page, broken) => {
      await page.waitForSelector('[part="error-text"]');
      assert.equal(await page.textContent('[part="error-text"]'), errors.download);
      broken.clear();
      await page.click('[part~="again-button"]');
      assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 7);
    },
    { ...NETWORK, broken: [WASM] },
  ));

test("the page recovers from an ended worker, with one image and with a list", () =>
  withServer(async (page) => {
    const before = await rankingAfter(page, () => page.click(".sample"));
    await killWorker(page);
    assert.deepEqual(await rankingAfter(page, () => page.click(".sample")), before);

    const files = ["skirt", "shirt", "metal-can", "newspaper"].map((name) => `${WWW}/samples/${name}.png`);
    await page.setInputFiles("#classifier input[accept]", files);
    await page.waitForSelector(".batch-list li");
    await killWorker(page);
    const done = () => page.waitForFunction(() => document.getElementById("batch-cancel").hidden && !/still to do/.test(document.getElementById("batch-count").textContent));
    await done();
    if (await page.$(".batch-group button:has-text('Try these again')")) {
      await page.click(".batch-group button:has-text('Try these again')");
      await done();
    }
    assert.equal(await page.textContent("#batch-count"), "4 of 4 ranked");
  }));

test("a page with forbidden storage works without a message", () =>
  withServer(
    async (page) => {
      assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 7);
      assert.deepEqual(await page.evaluate(() => window.failures), []);
    },
    {
      path: "?shared",
      prepare: (page) =>
        page.addInitScript(() => {
          const denied = () => {
            throw new DOMException("denied", "SecurityError");
          };
          for (const name of ["caches", "localStorage", "sessionStorage", "indexedDB"]) {
            Object.defineProperty(window, name, { get: denied, configurable: true });
          }
          navigator.serviceWorker.register = async () => denied();
          window.failures = [];
          addEventListener("unhandledrejection", ({ reason }) => window.failures.push(String(reason)));
        }),
    },
  ));

test("the page works without samples", () =>
  withServer(
    async (page, broken) => {
      broken.add("/samples/samples.json");
      await page.reload();
      await ready(page);
      assert.equal((await rankingAfter(page, () => page.setInputFiles("#classifier input[accept]", `${WWW}/samples/skirt.png`))).length, 7);
      assert.ok(await page.isHidden("#samples"));
    },
    NETWORK,
  ));

test("a page hidden during a ranking shows the result when it is visible again", () =>
  withServer(async (page) => {
    await ready(page);
    const hide = (hidden) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    const ranking = await rankingAfter(page, async () => {
      await page.click(".sample");
      await hide(true);
    });
    assert.equal(ranking.length, 7);
    await hide(false);
    // The camera rests while nobody looks, and goes on.
    await page.click('[part~="camera-button"]');
    const frame = () => page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));
    await frame();
    await hide(true);
    assert.ok(await page.$eval('[part="video"]', ({ paused }) => paused));
    await hide(false);
    await page.evaluate(() => (document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = ""));
    await frame();
  }));

test("an unplugged camera is reported and can be started again; the camera survives a lost worker", () =>
  withServer(
    async (page) => {
      await ready(page);
      const frame = async () => {
        await page.evaluate(() => (document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = ""));
        await page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));
      };
      await page.click('[part~="camera-button"]');
      await frame();
      await killWorker(page);
      await frame();
      await page.evaluate(() => window.tracks.at(-1).dispatchEvent(new Event("ended")));
      await page.waitForSelector('[part="error-text"]');
      assert.equal(await page.textContent('[part="error-text"]'), errors["camera-lost"]);
      assert.ok(await page.isHidden('[part="video"]'));
      await page.click('[part~="again-button"]');
      await frame();
      assert.ok(await page.isHidden('[part="error"]'));
    },
    {
      prepare: (page) =>
        page.addInitScript(() => {
          window.tracks = [];
          const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await getUserMedia(wanted);
            window.tracks.push(...stream.getTracks());
            return stream;
          };
        }),
    },
  ));

test("the element recovers from an ended worker, and from an interrupted download", async () => {
  let broken = true;
  const server = await serveFolder(WWW, (path) => (path === WASM ? { body: module, ...(broken ? { cut: 0.3 } : {}) } : undefined));
  try {
    await withPage(
      shared,
      async (page) => {
        await page.evaluate(async () => {
          await import("/polyhead/element/define.js");
          const element = document.createElement("polyhead-classifier");
          const failed = new Promise((resolve) => element.addEventListener("error", resolve, { once: true }));
          document.body.append(element);
          await failed;
        });
        const element = page.locator("polyhead-classifier");
        assert.match(await element.locator('[part="error-text"]').textContent(), /could not be downloaded/);
        broken = false;
        await element.locator('[part~="again-button"]').click();
        const rank = () =>
          element.evaluate(async (element) => (await element.classify(await (await fetch("/samples/shirt.png")).blob())).labels.length);
        assert.equal(await rank(), 5);
        await killWorker(page);
        assert.equal(await rank(), 5);
        assert.ok(await element.locator('[part="error"]').isHidden());
      },
      { url: server.url, path: "blank", prepare: addBlank, ...NETWORK },
    );
  } finally {
    await server.close();
  }
});
