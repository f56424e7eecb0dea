/** The element in every browser: ways in, sharing, aborts, a crash, removal, memory. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ROOT, WWW } from "./browser.mjs";
import { inEvery } from "./drivers/session.mjs";
import { countWorkers, crossOrigin, serveLibrary, servePage } from "./host.mjs";
import { moduleWith, smallModel } from "./small.mjs";

/** A module whose model takes a few kilobytes. */
const small = await moduleWith(await smallModel());
const golden = JSON.parse(await readFile(`${ROOT}tests/fixtures/golden/demo.json`, "utf8"));
const expected = (name) => {
  const { probabilities } = golden.find(({ file }) => file === name);
  return Object.entries(probabilities).sort(([, a], [, b]) => b - a)[0];
};
const TELLING = '{ workerUrl: "/telling-worker.js", idleSeconds: Infinity }';

function assertTop(ranking, name) {
  const [label, probability] = expected(name);
  assert.equal(ranking.labels[0].label, label);
  assert.ok(Math.abs(ranking.labels[0].probability - probability) < 2e-3, `${ranking.labels[0].probability}, expected ${probability}`);
}

/** As the element writes it: only all is rounded to all. */
const percentOf = (probability) => (probability > 0.9995 && probability < 1 ? "> 99.9%" : `${(100 * probability).toFixed(1)}%`);

/** Nothing broke the page's policy, nothing was asked of another origin. */
async function assertClean(page, origins = []) {
  const { violations, foreign } = await page.run((origins) => {
    const own = [location.origin, ...origins];
    const asked = performance.getEntriesByType("resource").map(({ name }) => name);
    return { violations: window.violations, foreign: asked.filter((url) => !own.includes(new URL(url).origin)) };
  }, origins);
  assert.deepEqual(violations, []);
  assert.deepEqual(foreign, []);
}

async function withElements(page, pageOptions, walk) {
  const server = await servePage(pageOptions);
  try {
    await page.goto(server.page);
    await page.run(() => customElements.whenDefined("polyhead-classifier").then(() => true));
    await walk(server);
  } finally {
    await server.close();
  }
}

/** Waits in the page until each element tells that it is ready. */
const ready = (ids) =>
  new Promise((resolve, reject) => {
    const look = setInterval(() => {
      const failed = window.told.find(({ type }) => type === "error");
      if (failed) {
        clearInterval(look);
        reject(new Error(JSON.stringify(failed.error)));
      } else if (ids.every((id) => window.told.some((entry) => entry.type === "ready" && entry.id === id))) {
        clearInterval(look);
        resolve(true);
      }
    }, 20);
  });

inEvery("file choice, drop, paste; two share one worker and one download; abort; removal", (page) =>
  withElements(
    page,
    { body: '<polyhead-classifier id="one" top-k="3"></polyhead-classifier><polyhead-classifier id="two"></polyhead-classifier>', options: TELLING },
    async ({ requests }) => {
      await page.run(ready, ["one", "two"]);
      assert.equal(await page.run(countWorkers, 1), 1);
      assert.equal(requests.filter((path) => path.endsWith(".wasm")).length, 1);

      const from = await page.run(() => window.told.length);
      await page.choose('document.getElementById("one").shadowRoot.querySelector("input")', `${WWW}/samples/t-shirt.png`);
      const chosen = await page.run(
        (from) =>
          new Promise((resolve) => {
            const look = setInterval(() => {
              const found = window.told.slice(from).find(({ type }) => type === "ranking" || type === "error");
              if (found) {
                clearInterval(look);
                resolve(found);
              }
            }, 20);
          }),
        from,
      );
      assertTop(chosen.ranking, "t-shirt.png");
      assert.equal(chosen.ranking.labels.length, 3);

      let last;
      for (const way of ["drop", "paste"]) {
        const { id, ranking } = await page.run(async (way) => {
          const blob = await (await fetch("/samples/shirt.png")).blob();
          const transfer = new DataTransfer();
          transfer.items.add(new File([blob], "shirt.png", { type: "image/png" }));
          const target = document.getElementById("two");
          return window.next("ranking", () => {
            if (way === "drop") {
              for (const type of ["dragenter", "dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
              }
            } else {
              const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
              // WebKit leaves out what a script gives.
              if (!event.clipboardData?.types.includes("Files")) {
                Object.defineProperty(event, "clipboardData", { value: transfer });
              }
              target.dispatchEvent(event);
            }
          });
        }, way);
        assert.equal(id, "two");
        assertTop(ranking, "shirt.png");
        last = ranking;
      }

      const shown = await page.run(() => {
        const { shadowRoot } = document.getElementById("two");
        const find = (part) => shadowRoot.querySelector(`[part~="${part}"]`);
        const canvas = find("preview");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return {
          label: find("label").textContent,
          value: find("value").textContent,
          painted: pixels.some((value) => value > 0),
          invited: !find("invitation").hidden,
        };
      });
      assert.deepEqual(shown, { label: "shirt", value: percentOf(last.labels[0].probability), painted: true, invited: false });

      const aborted = await page.run(async () => {
        const image = await (await fetch("/samples/skirt.png")).blob();
        const controller = new AbortController();
        const element = document.getElementById("one");
        const call = element.classify(image, { signal: controller.signal }).then(() => "nothing", ({ name }) => name);
        controller.abort();
        const replaced = element.classify(image).then(() => "nothing", ({ name }) => name);
        const last = await element.classify(image);
        return { call: await call, replaced: await replaced, label: last.labels[0].label };
      });
      assert.deepEqual(aborted, { call: "AbortError", replaced: "AbortError", label: expected("skirt.png")[0] });

      const removed = await page.run(async () => {
        const [one, two] = [document.getElementById("one"), document.getElementById("two")];
        two.append(one);
        document.body.append(one);
        two.remove();
        return window.told.filter(({ type }) => type === "ready").length;
      });
      assert.equal(removed, 2, "a move loaded the model again");
      assert.equal(await page.run(countWorkers, 1), 1);
      await page.run(() => document.getElementById("one").remove());
      assert.equal(await page.run(countWorkers, 0), 0);
      await assertClean(page);
    },
  ));

inEvery("a trap in the worker rejects that call with a code; the next call uses a new instance", (page) =>
  withElements(page, { body: '<polyhead-classifier id="one"></polyhead-classifier>', options: TELLING }, async ({ requests }) => {
    await page.run(ready, ["one"]);
    const { failed, shown, ranking } = await page.run(async () => {
      const element = document.getElementById("one");
      const image = await (await fetch("/samples/t-shirt.png")).blob();
      const failed = await element.classify(new Blob(["x"])).then(() => "nothing", ({ name, code }) => [name, code]);
      const shown = element.shadowRoot.querySelector('[part="error-text"]').textContent;
      return { failed, shown, ranking: await element.classify(image) };
    });
    assert.deepEqual(failed, ["PolyheadError", "worker-crashed"]);
    assert.equal(shown, "The computation stopped unexpectedly. Try again.");
    assertTop(ranking, "t-shirt.png");
    assert.equal(requests.filter((path) => path.endsWith(".wasm")).length, 1);
    assert.equal(await page.run(countWorkers, 1), 1);
    await assertClean(page);
  }));

inEvery("memory stays level over 200 classifications", (page) =>
  withElements(page, { body: "", scripts: { "/pkg/polyhead_bg.wasm": small } }, async () => {
    const levels = await page.run(async () => {
      const { loadClassifier } = await import("/polyhead/index.js");
      const classifier = await loadClassifier();
      const canvas = document.createElement("canvas");
      const context = canvas.getContext("2d");
      const levels = [];
      for (let count = 0; count < 200; count += 1) {
        context.fillStyle = `rgb(${count} 90 120)`;
        context.fillRect(0, 0, canvas.width, canvas.height);
        await classifier.classify(canvas);
        levels.push(classifier.memory);
      }
      classifier.close();
      return levels;
    });
    assert.equal(levels.length, 200);
    assert.ok(levels[0] > 0);
    assert.equal(levels.at(-1), levels[9], `wasm memory grew: ${levels[9]} → ${levels.at(-1)}`);
  }));

inEvery("a second visit needs no server for the model", async (page, browser) => {
  const server = await servePage({ body: '<polyhead-classifier id="one"></polyhead-classifier>' });
  try {
    await page.goto(server.page);
    const kept = await page.run(async () => {
      if (!window.caches) {
        return undefined;
      }
      for (let tries = 0; tries < 600; tries += 1) {
        const keys = await (await caches.open("polyhead")).keys();
        if (keys.length === 2) {
          return keys.map(({ url }) => new URL(url).pathname);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return [];
    });
    assert.ok(kept, `${browser.name} has no Cache Storage here`);
    assert.ok(kept.some((path) => /^\/polyhead\/sha256\/[0-9a-f]{64}$/.test(path)), String(kept));
    assert.ok(kept.some((path) => /^\/pkg\/polyhead\w*_bg\.wasm$/.test(path)), String(kept));
    server.down.add("/pkg/polyhead_bg.wasm");
    if (!browser.forgets) {
      await page.goto(server.page);
      await page.run(ready, ["one"]);
    }
    // A document of its own, with a worker of its own.
    const ranking = await page.run(async () => {
      const frame = document.createElement("iframe");
      frame.src = location.href;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener("load", resolve));
      await frame.contentWindow.customElements.whenDefined("polyhead-classifier");
      const image = await (await fetch("/samples/t-shirt.png")).blob();
      return frame.contentDocument.getElementById("one").classify(image);
    });
    assertTop(ranking, "t-shirt.png");
  } finally {
    await server.close();
  }
});

inEvery("from another origin, under the policy in the README", async (page) => {
  const library = await serveLibrary();
  const origin = new URL(library.url).origin;
  const server = await servePage({
    body: '<polyhead-classifier id="one"></polyhead-classifier>',
    base: library.url,
    policy: crossOrigin(origin),
  });
  try {
    await page.goto(server.page);
    await page.run(ready, ["one"]);
    const ranking = await page.run(async () =>
      document.getElementById("one").classify(await (await fetch("/samples/t-shirt.png")).blob()));
    assertTop(ranking, "t-shirt.png");
    await assertClean(page, [origin]);
    assert.ok(!server.requests.some((path) => path.endsWith(".wasm")), "the model came from the page's own origin");
  } finally {
    await server.close();
    await library.close();
  }
});
