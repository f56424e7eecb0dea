/** The JavaScript library without the page: aborts, order, sources, errors. */
import assert from "node:assert/strict";
import { addBlank, useBrowser, withPage } from "./browser.mjs";
import { useLibrary } from "./library.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const inBrowser = useLibrary(shared);

inBrowser(
  "importing it starts nothing; a loaded classifier has its labels and heads",
  ({ classifier }) => [classifier.labels, classifier.heads],
  ([labels, heads]) => {
    assert.deepEqual(heads, ["trash", "clothes"]);
    assert.deepEqual(labels[0], { label: "cardboard", heads: ["trash"] });
    assert.equal(labels.length, 10);
  },
);

inBrowser(
  "topK and threshold limit the labels",
  async ({ classifier, image }) => {
    const all = await classifier.classify(image);
    const threshold = all.labels[3].probability;
    return {
      all,
      top: await classifier.classify(image, { topK: 3 }),
      above: await classifier.classify(image, { threshold }),
    };
  },
  ({ all, top, above }) => {
    assert.deepEqual(top.labels, all.labels.slice(0, 3));
    assert.deepEqual(above.labels, all.labels.slice(0, 4));
    const none = "none" in all ? ["none"] : [];
    assert.deepEqual(Object.keys(all).sort(), ["heads", "labels", "milliseconds", ...none]);
    assert.ok(all.milliseconds > 0);
    assert.ok(Math.abs(all.heads[0].probability + all.heads[1].probability - 1) < 1e-4);
  },
);

inBrowser(
  "options of the wrong kind are errors with a code",
  async ({ classifier, image, caught }) => [
    await caught(classifier.classify(image, { threshold: 2 })),
    await caught(classifier.classify(image, { topK: -1 })),
    await caught(classifier.classify(image, { topK: "three" })),
  ],
  (errors) => {
    for (const { name, code } of errors) {
      assert.deepEqual([name, code], ["PolyheadError", "option"]);
    }
  },
);

inBrowser(
  "threads: one on a page that is not isolated; invalid numbers are refused",
  async ({ library, classifier, caught }) => {
    const errors = [];
    for (const threads of [0, 1.5, -2, NaN, "two", "4", null]) {
      errors.push(await caught(library.loadClassifier({ threads })));
    }
    const two = await library.loadClassifier({ threads: 2 });
    two.close();
    return { threads: [classifier.threads, two.threads], errors };
  },
  ({ threads, errors }) => {
    assert.deepEqual(threads, [1, 1]);
    for (const { name, code } of errors) {
      assert.deepEqual([name, code], ["PolyheadError", "load-option"]);
    }
    assert.equal(errors[0].message, 'threads: expected a whole number from 1 or "auto", found 0; leave it out for "auto"');
  },
);

for (const isolated of [true, false]) {
  test(`threads: a module that has them gets ${isolated ? "what was asked, up to the processors" : "one where the page is not isolated"}`, () =>
    withPage(
      shared,
      async (page) => {
        const { processors, threads, pools } = await page.evaluate(async () => {
          const { loadClassifier } = await import("/polyhead/index.js");
          const pools = [];
          const channel = new BroadcastChannel("pools");
          channel.onmessage = ({ data }) => pools.push(data);
          const threads = [];
          for (const asked of [1, 2, 1000, "auto"]) {
            const classifier = await loadClassifier({ threads: asked, moduleUrl: "/threaded.js", wasmUrl: "/pkg/polyhead_bg.wasm" });
            threads.push(classifier.threads);
            classifier.close();
          }
          while (pools.length < threads.length) {
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          return { processors: navigator.hardwareConcurrency, threads, pools };
        });
        const wanted = isolated ? [1, Math.min(2, processors), processors, Math.min(8, processors)] : [1, 1, 1, 1];
        assert.deepEqual(threads, wanted);
        assert.deepEqual(pools, wanted);
      },
      {
        path: "blank",
        prepare: async (page) => {
          const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
          await addBlank(page, isolated ? isolation : {});
          // An isolated page starts isolated workers only.
          await page.context().route("**/polyhead/worker.js", async (route) => {
            const response = await route.fetch();
            await route.fulfill({ response, headers: { ...response.headers(), ...isolation } });
          });
          await page.context().route("**/threaded.js", (route) =>
            route.fulfill({
              contentType: "text/javascript",
              headers: isolation,
              body: `export * from "/pkg/polyhead.js";
                export { default } from "/pkg/polyhead.js";
                export async function initThreadPool(threads) { new BroadcastChannel("pools").postMessage(threads); }`,
            }),
          );
        },
      },
    ));
}

inBrowser(
  "errors are real errors with a code",
  async ({ library, classifier, image, caught }) => {
    const error = await classifier.classify(new Blob(["no image"])).catch((error) => error);
    const cut = image.slice(0, image.size / 2);
    return {
      real: error instanceof Error && error instanceof library.PolyheadError,
      text: await caught(classifier.classify(new File(["no image"], "a.jpg"))),
      cut: await caught(classifier.classify(cut)),
      empty: await caught(classifier.classify(new Blob([]))),
      model: await caught(library.loadClassifier({ model: new Blob(["no model"]) })),
    };
  },
  ({ real, text, cut, empty, model }) => {
    assert.ok(real);
    assert.equal(text.code, "not-an-image");
    assert.match(text.message, /^image 'a\.jpg': expected /);
    assert.equal(cut.code, "broken-image");
    assert.equal(empty.code, "not-an-image");
    assert.equal(model.code, "not-onnx");
  },
);

inBrowser(
  "every kind of source gives the same ranking",
  async ({ classifier, image }) => {
    const bitmap = await createImageBitmap(image, { colorSpaceConversion: "none" });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const element = new Image();
    element.src = URL.createObjectURL(image);
    await element.decode();
    const sources = {
      blob: image,
      bitmap,
      data: context.getImageData(0, 0, canvas.width, canvas.height),
      canvas,
      element,
      frame: new VideoFrame(bitmap, { timestamp: 0 }),
    };
    const rankings = {};
    for (const [kind, source] of Object.entries(sources)) {
      rankings[kind] = (await classifier.classify(source)).labels;
    }
    sources.frame.close();
    return { rankings, stillThere: bitmap.width > 0 };
  },
  ({ rankings, stillThere }) => {
    for (const [kind, ranking] of Object.entries(rankings)) {
      for (const [index, { label, probability }] of ranking.entries()) {
        assert.equal(label, rankings.blob[index].label, kind);
        assert.ok(Math.abs(probability - rankings.blob[index].probability) < 1e-4, `${kind}: ${label}`);
      }
    }
    assert.ok(stillThere, "a source was taken from its owner");
  },
);

inBrowser(
  "images are processed in order, one at a time; an aborted one rejects immediately",
  async ({ classifier, image, caught }) => {
    const order = [];
    const waiting = new AbortController();
    const running = new AbortController();
    const calls = [
      caught(classifier.classify(image, { signal: running.signal })).then((e) => (order.push("running"), e)),
      caught(classifier.classify(image, { signal: waiting.signal })).then((e) => (order.push("waiting"), e)),
      classifier.classify(image).then(() => order.push("third")),
      classifier.classify(image).then(() => order.push("fourth")),
    ];
    waiting.abort();
    await calls[1];
    running.abort();
    const [first, second] = await Promise.all(calls);
    const late = await caught(classifier.classify(image, { signal: AbortSignal.abort() }));
    return { order, names: [first.name, second.name, late.name] };
  },
  ({ order, names }) => {
    assert.deepEqual(order, ["waiting", "running", "third", "fourth"]);
    assert.deepEqual(names, ["AbortError", "AbortError", "AbortError"]);
  },
);

inBrowser(
  "loading can be aborted",
  async ({ library, caught }) => {
    const controller = new AbortController();
    const loading = caught(library.loadClassifier({ signal: controller.signal }));
    controller.abort();
    return [await loading, await caught(library.loadClassifier({ signal: controller.signal }))];
  },
  (errors) => assert.deepEqual(errors.map(({ name }) => name), ["AbortError", "AbortError"]),
);

inBrowser(
  "a closed classifier rejects calls under way and later ones",
  async ({ classifier, image, caught, handed }) => {
    const begun = handed();
    const running = caught(classifier.classify(image));
    await begun;
    classifier.close();
    classifier.close();
    return [await running, await caught(classifier.classify(image))];
  },
  (errors) => assert.deepEqual(errors.map(({ code }) => code), ["closed", "closed"]),
);
