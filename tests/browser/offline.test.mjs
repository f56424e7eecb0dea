/** Visits without a network, and new versions. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, endWorker, eventually, kept, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const release = await readFile(`${WWW}/pkg/release.js`, "utf8");

test("a second visit works without a network: page, module and model", async () => {
  const server = await serveFolder(WWW);
  let open = true;
  try {
    await withPage(
      shared,
      async (page) => {
        const online = await rankingAfter(page, () => page.click(".sample"));
        await kept(page);
        await page.close();
        await server.close();
        open = false;
        const again = await page.context().newPage();
        await again.goto(server.url);
        const offline = await rankingAfter(again, () => again.click(".sample"));
        assert.deepEqual(offline, online);
        // A crash offline: the worker starts anew.
        assert.equal(await again.title(), "Recycling or donation? A Polyhead demo");
      },
      { url: server.url, consoleMay: /ERR_CONNECTION_REFUSED/ },
    );
  } finally {
    if (open) {
      await server.close();
    }
  }
});

test("a new version replaces the stored one, and a page is never older than its server", async () => {
  let newer = false;
  const title = async () => (await readFile(`${WWW}/index.html`, "utf8")).replace(/<title.*<\/title>/, "<title>Newer</title>");
  const page = await title();
  const server = await serveFolder(WWW, (path) => {
    if (newer && path === "/index.html") {
      return { body: page };
    }
    return newer && path === "/pkg/release.js" ? { body: release.replace(/"version": "\w+"/, '"version": "newer"') } : undefined;
  });
  try {
    await withPage(
      shared,
      async (page) => {
        await kept(page);
        const names = () => page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("polyhead-page-")));
        const [first, ...others] = await names();
        assert.match(first, /^polyhead-page-[0-9a-f]{16}$/);
        assert.deepEqual(others, []);
        newer = true;
        await page.reload();
        assert.equal(await page.title(), "Newer");
        await eventually(page, async () => (await caches.keys()).includes("polyhead-page-newer"));
        await eventually(page, async () => (await caches.keys()).filter((name) => name.startsWith("polyhead-page-")).length === 1);
      },
      { url: server.url },
    );
  } finally {
    await server.close();
  }
});

test("without a network, a lost worker starts again", async () => {
  const server = await serveFolder(WWW);
  let open = true;
  try {
    await withPage(
      shared,
      async (page) => {
        await kept(page);
        await page.waitForFunction(() => navigator.serviceWorker.controller);
        const before = await rankingAfter(page, () => page.click(".sample"));
        await server.close();
        open = false;
        const [worker] = page.workers().filter((worker) => worker.url().endsWith("/polyhead/worker.js"));
        await endWorker(page, worker);
        assert.deepEqual(await rankingAfter(page, () => page.click(".sample")), before);
      },
      { url: server.url, consoleMay: /ERR_CONNECTION_REFUSED/ },
    );
  } finally {
    if (open) {
      await server.close();
    }
  }
});

test("the manifest names the share target of the service worker, and every stored file exists", async () => {
  const { share_target: target, icons } = JSON.parse(await readFile(`${WWW}/manifest.webmanifest`, "utf8"));
  const worker = await readFile(`${WWW}/sw.js`, "utf8");
  assert.ok(worker.includes(`"${target.action.slice(2)}"`) && worker.includes(`"${target.params.files[0].name}"`));
  const { version, ...lists } = JSON.parse(release.slice(release.indexOf("{"), release.lastIndexOf("}") + 1));
  assert.match(version, /^[0-9a-f]{16}$/);
  const files = Object.values(lists).flat();
  assert.ok(files.includes("./") && files.includes("pkg/polyhead_bg.wasm") && files.includes("polyhead/worker.js"));
  for (const file of [...files, ...icons.map(({ src }) => src)]) {
    await readFile(`${WWW}/${file === "./" ? "index.html" : file}`);
  }
});
