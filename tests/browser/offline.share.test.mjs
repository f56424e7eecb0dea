/** Content that other apps share with the page, and a store that breaks. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, kept, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

/** Sends what another app shares, as the system would. */
function share(page, { files = [], text }) {
  return page.evaluate(
    ({ files, text }) => {
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: "./share", enctype: "multipart/form-data" });
      const input = document.createElement("input");
      Object.assign(input, { type: "file", name: "images", multiple: true });
      const transfer = new DataTransfer();
      for (const { name, base64 } of files) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: "image/png" }));
      }
      input.files = transfer.files;
      const words = document.createElement("input");
      Object.assign(words, { type: "hidden", name: "text", value: text ?? "" });
      form.append(input, words);
      document.body.append(form);
      form.submit();
    },
    { files, text },
  );
}

async function sample(name) {
  return { name: `${name}.png`, base64: (await readFile(`${WWW}/samples/${name}.png`)).toString("base64") };
}

test("an image shared by another app is ranked, several come into the list, an address is only offered", () =>
  withPage(shared, async (page, requests) => {
    await kept(page);
    await share(page, { files: [await sample("skirt")] });
    await page.waitForURL(shared.url);
    await page.waitForSelector('[part="time"]:not(:empty)');
    assert.equal(await page.textContent('[part="label"]'), "skirt");
    assert.equal(await page.getAttribute('[part="preview"]', "aria-label"), "The image skirt.png");

    await kept(page);
    await share(page, { files: [await sample("metal-can"), await sample("shirt")] });
    await page.waitForSelector(".batch-list .row >> nth=1");
    const files = await page.$$eval(".row-name", (rows) => rows.map((row) => row.textContent).sort());
    assert.deepEqual(files, ["metal-can.png", "shirt.png"]);

    await kept(page);
    await share(page, { text: "Look: https://example.org/cat.jpg" });
    await page.waitForSelector("#address[open]");
    assert.equal(await page.inputValue("#address-url"), "https://example.org/cat.jpg");
    assert.ok(!requests.some((url) => url.includes("example.org")), "nobody pressed Open");
    assert.equal(await page.evaluate(() => caches.has("polyhead-shared")), false, "what was shared is not kept");
  }));

/** A server of the page whose service worker's store can be broken by a message, as a disk breaks it. */
async function withBreakingStore(check) {
  const worker = await readFile(`${WWW}/sw.js`, "utf8");
  const breaking = `${worker}
    const { open } = CacheStorage.prototype;
    const { put } = Cache.prototype;
    addEventListener("message", ({ data, ports: [done] }) => {
      CacheStorage.prototype.open = data === "broken" ? () => Promise.reject(new DOMException("broken", "UnknownError")) : open;
      Cache.prototype.put = data === "full" ? () => Promise.reject(new DOMException("full", "QuotaExceededError")) : put;
      done.postMessage("done");
    });`;
  const server = await serveFolder(WWW, (path) => (path === "/sw.js" ? { body: breaking } : undefined));
  const store = (page, state) =>
    page.evaluate((state) => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      navigator.serviceWorker.controller.postMessage(state, [port2]);
    }).then(() => {}), state);
  try {
    await withPage(
      shared,
      async (page) => {
        await kept(page);
        await page.waitForFunction(() => navigator.serviceWorker.controller);
        await check(page, (state) => store(page, state));
      },
      { url: server.url },
    );
  } finally {
    await server.close();
  }
}

test("a store that breaks later does not break the page", () =>
  withBreakingStore(async (page, store) => {
    await store("broken");
    await page.reload();
    assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 10);
  }));

test("shared content without space is reported as missing, and the page works", () =>
  withBreakingStore(async (page, store) => {
    await store("full");
    await share(page, { files: [await sample("skirt")] });
    await page.waitForSelector('[part="error-text"]');
    assert.match(await page.textContent('[part="error-text"]'), /no image/);
    await store("well");
    assert.equal((await rankingAfter(page, () => page.click(".sample"))).length, 10);
  }));
