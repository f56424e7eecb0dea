/** The library's worker: crashes, rest, frames that wait, what may be called, which model it loads. */
import assert from "node:assert/strict";
import { DEMO } from "./browser.mjs";
import { TRAP, countWorkers, onOneByte, tellingWorker } from "./host.mjs";
import { useLibrary } from "./library.mjs";

const inBrowser = useLibrary();

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
  "of waiting camera frames, only the newest is processed",
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
  "an idle worker ends, and the next call starts it again without a download",
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
  "files of unsupported formats are reported by name",
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
  "a source without an image is an error with a code",
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
  "a worker that cannot be started is an error of its own",
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
