/** The JavaScript library without the page: aborts, order, crashes, sources, errors. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { DEMO, WWW, addBlank, useBrowser, withPage } from "./browser.mjs";
import { TRAP, countWorkers, onOneByte, tellingWorker } from "./host.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const [{ file: sample }] = JSON.parse(await readFile(`${WWW}/samples/samples.json`, "utf8"));

/**
 * Runs `body` in an empty page of the site, with the library, an open classifier, an image, `caught`, which tells
 * what a promise rejects with, and `handed`, whose promise resolves in the task that hands a worker its next call: before
 * any answer can come.
 */
function inBrowser(name, body, check, options = {}) {
  test(name, () =>
    withPage(
      shared,
      async (page) => {
        const result = await page.evaluate(
          async (sample) => {
            const library = await import("/polyhead/index.js");
            const caught = (promise) =>
              promise.then(
                () => "nothing",
                ({ name, code, message }) => ({ name, code, message }),
              );
            const handed = () =>
              new Promise((resolve) => {
                const { postMessage } = Worker.prototype;
                Worker.prototype.postMessage = function (...given) {
                  Worker.prototype.postMessage = postMessage;
                  postMessage.apply(this, given);
                  resolve();
                };
              });
            const image = await (await fetch(`/samples/${sample}`)).blob();
            const classifier = await library.loadClassifier();
            try {
              return await globalThis.body({ library, classifier, image, caught, handed });
            } finally {
              classifier.close();
            }
          },
          sample,
        );
        await check(result);
      },
      {
        ...options,
        path: "blank",
        prepare: async (page) => {
          await addBlank(page);
          await page.addInitScript({ content: `globalThis.body = ${body};` });
          await options.prepare?.(page);
        },
      },
    ),
  );
}

inBrowser(
  "importing it starts nothing; a loaded classifier knows its labels and heads",
  ({ classifier }) => [classifier.labels, classifier.heads],
  ([labels, heads]) => {
    assert.deepEqual(heads, ["trash", "clothes"]);
    assert.deepEqual(labels[0], { label: "cardboard", heads: ["trash"] });
    assert.equal(labels.length, 10);
  },
);

inBrowser(
  "topK and threshold leave out",
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
      assert.deepEqual([name, code], ["PolyheadError", "rank-option"]);
    }
  },
);

inBrowser(
  "threads: one on a page that is not isolated; what is no number of them is refused",
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
  "images are worked on in order, one at a time; an aborted one rejects at once and lets the next through",
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
  "loading can be given up",
  async ({ library, caught }) => {
    const controller = new AbortController();
    const loading = caught(library.loadClassifier({ signal: controller.signal }));
    controller.abort();
    return [await loading, await caught(library.loadClassifier({ signal: controller.signal }))];
  },
  (errors) => assert.deepEqual(errors.map(({ name }) => name), ["AbortError", "AbortError"]),
);

inBrowser(
  "a closed classifier rejects what is under way and what comes after",
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

inBrowser(
  "the model can be a file of its own",
  async ({ library, classifier, image }) => {
    const module = await WebAssembly.compileStreaming(fetch("/pkg/polyhead_bg.wasm"));
    const [model] = WebAssembly.Module.customSections(module, "polyhead.model");
    const embedded = (await classifier.classify(image)).labels;
    const others = [];
    for (const given of [model, new Uint8Array(model), new Blob([model]), "/demo.onnx"]) {
      const other = await library.loadClassifier({ model: given });
      others.push((await other.classify(image)).labels);
      other.close();
    }
    return { embedded, others };
  },
  ({ embedded, others }) => {
    for (const other of others) {
      assert.deepEqual(other, embedded);
    }
  },
  { prepare: (page) => page.context().route("**/demo.onnx", (route) => route.fulfill({ path: DEMO })) },
);

for (const [what, failing] of [
  ["throws outside of any call", "setTimeout(() => { throw new Error('lost') }); return new Promise(() => {});"],
  ["traps", TRAP],
]) {
  // The worker's own wiring, over a classifier that fails on images of one byte.
  const worker = onOneByte(failing);
  inBrowser(
    `a worker that ${what} rejects its call, and the next call starts another without a second download`,
    async ({ library, image, caught }) => {
      const classifier = await library.loadClassifier({ workerUrl: "/failing-worker.js" });
      const before = (await classifier.classify(image)).labels;
      const failed = await caught(classifier.classify(new Blob(["x"])));
      const after = (await classifier.classify(image)).labels;
      classifier.close();
      return { before, failed, after };
    },
    ({ before, failed, after }) => {
      assert.equal(failed.name, "PolyheadError");
      assert.equal(failed.code, "worker-crashed");
      assert.deepEqual(after, before);
    },
    {
      prepare: async (page) => {
        await page.context().route("**/failing-worker.js", (route) =>
          route.fulfill({
            contentType: "text/javascript",
            headers: { "cross-origin-embedder-policy": "require-corp" },
            body: worker,
          }),
        );
      },
    },
  );
}

inBrowser(
  "of camera frames that wait, only the newest is worked on",
  async ({ classifier, image, caught, handed }) => {
    const frame = (options) => caught(classifier.classify(image, { latest: true, ...options }));
    const begun = handed();
    const running = frame();
    await begun;
    const calls = [running, frame(), frame(), caught(classifier.classify(image)), frame()];
    return (await Promise.all(calls)).map((error) => error.name ?? error);
  },
  (names) => assert.deepEqual(names, ["nothing", "AbortError", "AbortError", "nothing", "nothing"]),
);

inBrowser(
  "a worker at rest ends, and the next call starts it again without a download",
  async ({ library, image }) => {
    const classifier = await library.loadClassifier({ idleSeconds: 0.2, workerUrl: "/telling-worker.js", model: "/demo.onnx" });
    const before = await classifier.classify(image);
    const rested = await globalThis.countWorkers(0);
    const after = await classifier.classify(image);
    classifier.close();
    const closed = await globalThis.countWorkers(0);
    return { counts: [rested, closed], same: JSON.stringify(before.labels) === JSON.stringify(after.labels) };
  },
  ({ counts, same }) => {
    assert.deepEqual(counts, [0, 0]);
    assert.ok(same);
  },
  {
    prepare: async (page) => {
      let downloads = 0;
      await page.context().route("**/demo.onnx", (route) => {
        downloads += 1;
        assert.equal(downloads, 1, "the model was downloaded again");
        return route.fulfill({ path: DEMO });
      });
      await page.context().route("**/telling-worker.js", (route) =>
        route.fulfill({
          contentType: "text/javascript",
          headers: { "cross-origin-embedder-policy": "require-corp" },
          body: tellingWorker("/"),
        }),
      );
      await page.addInitScript({ content: `globalThis.countWorkers = ${countWorkers}` });
    },
  },
);

inBrowser(
  "files that no browser opens are told by name",
  async ({ classifier, caught }) => {
    const text = (words) => new TextEncoder().encode(words);
    const files = {
      "a HEIC image": [0, 0, 0, 24, ...text("ftypheic"), 0, 0, 0, 0, ...text("mif1heic")],
      "a TIFF image": [73, 73, 42, 0, 8, ...new Array(59).fill(0)],
      "a JPEG XL image": [0xff, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      "a Photoshop file": [...text("8BPS"), 0, 1, 0, 0, 0, 0, 0, 0],
      "a PDF document": text("%PDF-1.7"),
      "an SVG drawing": text("<svg xmlns='http://www.w3.org/2000/svg'/>"),
    };
    const told = {};
    for (const [kind, bytes] of Object.entries(files)) {
      told[kind] = await caught(classifier.classify(new File([new Uint8Array(bytes)], "photo")));
    }
    return told;
  },
  (told) => {
    for (const [kind, { code, message }] of Object.entries(told)) {
      assert.equal(code, "not-an-image", kind);
      assert.equal(message, `image 'photo': expected a PNG, JPEG, WebP, GIF or BMP image, found ${kind}; save the image as PNG or JPEG`);
    }
  },
);

inBrowser(
  "what has no image is an error with a code",
  async ({ classifier, caught }) => [
    await caught(classifier.classify(new Image())),
    await caught(classifier.classify(document.createElement("video"))),
    await caught(classifier.classify("image.png")),
    await caught(classifier.classify({ data: new Uint8Array(3), width: 2, height: 2 })),
    await caught(createImageBitmap(new ImageData(2, 2)).then((bitmap) => (bitmap.close(), classifier.classify(bitmap)))),
  ],
  (errors) => assert.deepEqual(errors.map(({ code }) => code), ["source", "source", "source", "pixels", "source"]),
);

inBrowser(
  "a worker that cannot be started is told as such",
  ({ library, caught }) => caught(library.loadClassifier({ workerUrl: "/nothing-here.js" })),
  ({ code }) => assert.equal(code, "worker-start"),
  { consoleMay: /status of 404/ },
);

inBrowser(
  "a worker calls the methods of the module's class, and nothing else",
  async () => {
    const { WorkerClient } = await import("/polyhead/worker-client.js");
    const [glue, wasm] = ["/pkg/polyhead.js", "/pkg/polyhead_bg.wasm"].map((path) => new URL(path, location).href);
    const client = new WorkerClient({ verb: "start", className: "Classifier", builds: [[glue, wasm]], cache: false, threads: 1 }, {});
    const call = (method) => client.inTurn(() => client.call(method, [])).catch(({ code, message }) => `${code}: ${message}`);
    const found = await Promise.all(["heads", "toString", "__proto__", "none"].map(call));
    client.close();
    return found;
  },
  ([heads, ...others]) => {
    assert.deepEqual(heads, ["trash", "clothes"]);
    assert.deepEqual(others, ["toString", "__proto__", "none"].map((method) => `unknown: expected a method of the module, found ${method}`));
  },
);
