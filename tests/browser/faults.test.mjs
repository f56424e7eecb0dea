/** Faults around the library and the page: the next action works, and the code names the fault. */
import assert from "node:assert/strict";
import { addBlank, eventually } from "./browser.mjs";
import { NETWORK, killWorker, useFaults } from "./faults.mjs";
import { onOneByte } from "./host.mjs";
import { test } from "./test.mjs";

const { withServer } = useFaults();

/** Runs in the page: what a promise comes to. */
const HELPERS = () => {
  window.told = (promise) => promise.then((value) => value?.labels?.[0]?.label ?? "nothing", ({ name, code, message }) => ({ name, code, message }));
  window.load = async (options) => (await import("/polyhead/index.js")).loadClassifier(options);
  window.image = async () => (await fetch("/samples/shirt.png")).blob();
};

/** The library in an empty page. */
const inBlank = (name, walk, options = {}) =>
  test(name, () =>
    withServer(walk, {
      path: "blank",
      ...options,
      prepare: async (page) => {
        await addBlank(page);
        await page.addInitScript(HELPERS);
        await options.prepare?.(page);
      },
    }));

const NEVER = "return new Promise(() => {});";

const QUOTA = `
  Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  import("/polyhead/worker.js");`;

const BLOCKED = `
  Object.defineProperty(globalThis, "caches", { get() { throw new DOMException("denied", "SecurityError"); } });
  import("/polyhead/worker.js");`;

for (const [what, path, options] of [
  ["the module", "/bare.wasm", { wasmUrl: "/bare.wasm", model: "/small.onnx" }],
  ["the model", "/small.onnx", { wasmUrl: "/bare.wasm", model: "/small.onnx" }],
]) {
  inBlank(
    `an interrupted download of ${what} is an error, is not stored, and succeeds the next time`,
    async (page, broken) => {
      broken.add(path);
      const failed = await page.evaluate((options) => window.told(window.load(options)), options);
      assert.deepEqual([failed.name, failed.code], ["PolyheadError", "download"], failed.message);
      assert.match(failed.message, /expected the whole file, found the connection closed before its end; try again$/);
      assert.deepEqual(await page.evaluate(async () => (await (await caches.open("polyhead")).keys()).length), 0, "something is kept");
      broken.clear();
      const label = await page.evaluate(async (options) => window.told((await window.load(options)).classify(await window.image())), options);
      assert.equal(typeof label, "string");
    },
    NETWORK,
  );
}

inBlank("a worker that the browser ends silently is noticed: its call rejects, and the next starts another", async (page) => {
  const before = await page.evaluate(async () => {
    window.classifier = await window.load({ workerUrl: "/closing-worker.js" });
    return window.told(window.classifier.classify(await window.image()));
  });
  const failed = await page.evaluate(() => window.told(window.classifier.classify(new Blob(["x"]))));
  assert.deepEqual([failed.name, failed.code], ["PolyheadError", "worker-crashed"]);
  assert.equal(await page.evaluate(async () => window.told(window.classifier.classify(await window.image()))), before);
  // Between two calls.
  await killWorker(page);
  assert.equal(await page.evaluate(async () => window.told(window.classifier.classify(await window.image()))), before);
  assert.equal(page.workers().length, 1);
}, {
  files: { "/closing-worker.js": Buffer.from(onOneByte(`close(); ${NEVER}`)) },
});

inBlank("a worker that is ended during a call rejects it immediately", async (page) => {
  const { failed, after } = await page.evaluate(async () => {
    const Native = window.Worker;
    const started = [];
    window.Worker = class extends Native {
      constructor(...given) {
        super(...given);
        started.push(this);
      }
    };
    const classifier = await window.load({ workerUrl: "/thinking-worker.js" });
    const begun = new Promise((resolve) => (new BroadcastChannel("thinking").onmessage = resolve));
    const call = window.told(classifier.classify(new Blob(["x"])));
    await begun;
    started[0].terminate();
    return { failed: await call, after: await window.told(classifier.classify(await window.image())) };
  });
  assert.deepEqual([failed.name, failed.code], ["PolyheadError", "worker-crashed"]);
  assert.equal(typeof after, "string");
}, { files: { "/thinking-worker.js": Buffer.from(onOneByte(`new BroadcastChannel("thinking").postMessage("begun"); ${NEVER}`)) } });

inBlank("damaged cache entries (truncated, empty, not JSON) are replaced, the others kept", async (page) => {
  const load = () => page.evaluate(async () => {
    const classifier = await window.load({ wasmUrl: "/bare.wasm", model: "/small.onnx" });
    return window.told(classifier.classify(await window.image()));
  });
  const whole = () =>
    eventually(page, async () => {
      const cache = await caches.open("polyhead");
      const keys = await cache.keys();
      const sizes = await Promise.all(keys.map(async (key) => (await (await cache.match(key))?.blob())?.size ?? 0));
      // Two entries and their two contents, none of them damaged.
      return keys.length === 4 && sizes.every((size) => size > 40);
    });
  const label = await load();
  await whole();
  for (const damage of ["cut", "empty", "text"]) {
    await page.evaluate(async (damage) => {
      const cache = await caches.open("polyhead");
      for (const key of await cache.keys()) {
        const body = await (await cache.match(key)).blob();
        await cache.put(key, new Response(damage === "cut" ? body.slice(0, body.size / 2) : damage === "empty" ? "" : "{"));
      }
      // Of an address that nobody asks for any more.
      await cache.put("/forgotten.onnx", new Response("{"));
    }, damage);
    assert.equal(await load(), label, damage);
    await whole();
  }
});

for (const [what, script] of [["there is no space left", QUOTA], ["storage is forbidden", BLOCKED]]) {
  inBlank(
    `where ${what}, everything works but the second visit downloads again`,
    async (page) => {
      const labels = await page.evaluate(async () => {
        const labels = [];
        for (let visit = 0; visit < 2; visit += 1) {
          const classifier = await window.load({ workerUrl: "/bent-worker.js" });
          labels.push(await window.told(classifier.classify(await window.image())));
          classifier.close();
        }
        return labels;
      });
      assert.equal(typeof labels[0], "string");
      assert.equal(labels[0], labels[1]);
      assert.equal(await page.evaluate(async () => (await (await caches.open("polyhead")).keys()).length), 0);
    },
    {
      files: {
        "/bent-worker.js": Buffer.from(
          // Messages before the import has finished are queued for it.
          `const early = []; const keep = (event) => early.push(event.data); addEventListener("message", keep);
           ${script.replace('import("/polyhead/worker.js");', 'await import("/polyhead/worker.js");')}
           removeEventListener("message", keep); early.forEach((data) => dispatchEvent(new MessageEvent("message", { data })));`,
        ),
      },
    },
  );
}

inBlank("offline: a worker that cannot start is reported, and starts when the network is back", async (page) => {
  await page.evaluate(async () => {
    window.classifier = await window.load();
    window.kept = await window.image();
  });
  await page.context().setOffline(true);
  await killWorker(page);
  const told = await page.evaluate(() => window.told(window.classifier.classify(window.kept)));
  if (typeof told !== "string") {
    assert.equal(told.code, "worker-start", told.message);
  }
  await page.context().setOffline(false);
  assert.equal(typeof (await page.evaluate(() => window.told(window.classifier.classify(window.kept)))), "string");
}, NETWORK);
