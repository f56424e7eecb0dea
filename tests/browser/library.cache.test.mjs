/** The library's cache of downloads for the next visit. */
import assert from "node:assert/strict";
import { DEMO, addBlank, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

test("a second visit needs no network for the model; a changed model is downloaded; a damaged copy is not used", () =>
  withPage(
    shared,
    async (page) => {
      /** Whether a visit downloads the model; its worker lives on, because keeping takes a while. */
      const visit = () =>
        page.evaluate(async () => {
          const { loadClassifier } = await import("/polyhead/index.js");
          const steps = [];
          await loadClassifier({ model: "/demo.onnx", onProgress: ({ stage }) => steps.push(stage) });
          return steps.includes("download");
        });
      /** Waits until module and model are kept whole, the model with this tag. */
      const keptAs = (etag) =>
        page.evaluate(async (etag) => {
          const cache = await caches.open("polyhead");
          for (;;) {
            const index = await (await cache.match("/demo.onnx"))?.json();
            const content = index?.etag === etag && (await cache.match(`/polyhead/sha256/${index.sha256}`));
            // The content is stored after its entry, in place of an equal one.
            if (content && !content.headers.has("old") && (await cache.keys()).length === 4) {
              return;
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }, etag);
      const paths = () =>
        page.evaluate(async () => (await (await caches.open("polyhead")).keys()).map(({ url }) => new URL(url).pathname));
      const asked = [];
      let answer = { path: DEMO, headers: { etag: '"one"' } };
      await page.context().route("**/demo.onnx", (route) => {
        if (!answer) {
          return route.abort();
        }
        const method = route.request().method();
        asked.push(method);
        return route.fulfill(method === "HEAD" ? { headers: answer.headers } : answer);
      });

      assert.equal(await visit(), true);
      await keptAs('"one"');
      assert.equal(await visit(), false, "downloaded again");
      answer = undefined;
      assert.equal(await visit(), false, "offline");
      assert.deepEqual(asked, ["GET", "HEAD"]);

      await page.evaluate(async () => {
        const cache = await caches.open("polyhead");
        for (const request of await cache.keys()) {
          const stored = await cache.match(request);
          await cache.put(request, new Response(await stored.blob(), { headers: { old: "yes" } }));
        }
      });
      answer = { path: DEMO, headers: { etag: '"two"' } };
      assert.equal(await visit(), true, "a new version was not seen");
      await keptAs('"two"');
      const contents = (await paths()).filter((path) => path.startsWith("/polyhead/sha256/"));
      assert.equal(contents.length, 2, "module and model, each once");

      await page.evaluate(async () => {
        const cache = await caches.open("polyhead");
        for (const { url } of await cache.keys()) {
          if (url.includes("/sha256/")) {
            await cache.put(url, new Response("damaged"));
          }
        }
      });
      assert.equal(await visit(), true, "a damaged copy was used");
      assert.deepEqual(asked, ["GET", "HEAD", "HEAD", "GET", "HEAD", "GET"]);
    },
    { path: "blank", prepare: addBlank, consoleMay: /ERR_FAILED/ },
  ));

test("cache: false stores nothing", () =>
  withPage(
    shared,
    async (page) => {
      const keys = await page.evaluate(async () => {
        const { loadClassifier } = await import("/polyhead/index.js");
        const classifier = await loadClassifier({ cache: false });
        // Answered after whatever the worker did when it had loaded.
        await classifier.classify({ data: new Uint8Array(4), width: 1, height: 1 });
        classifier.close();
        return (await caches.keys()).length;
      });
      assert.equal(keys, 0);
    },
    { path: "blank", prepare: addBlank },
  ));
