/** The element's risks: upgrade, markup, languages, loading, errors, size; in Chromium. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { DEMO, WWW, useBrowser, withPage } from "./browser.mjs";
import { servePage } from "./host.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const require = createRequire(import.meta.url);

/** Opens a page with this body, under the policy of a self-hosted element. */
function withBody(body, walk, { options, ...more } = {}) {
  return async () => {
    const server = await servePage({ body, options });
    try {
      await withPage(shared, (page) => walk(page, server), { url: server.url, path: "element.html", ...more });
    } finally {
      await server.close();
    }
  };
}

const ready = (page, id = "one") =>
  page.waitForFunction((id) => window.told.some((entry) => entry.type === "ready" && entry.id === id), id);

/** The text of a part. */
const textOf = (page, part, id = "one") =>
  page.evaluate(([part, id]) => document.getElementById(id).shadowRoot.querySelector(`[part~="${part}"]`).textContent, [part, id]);

const classify = (page, file, id = "one") =>
  page.evaluate(
    async ([file, id]) => document.getElementById(id).classify(await (await fetch(`/samples/${file}`)).blob()),
    [file, id],
  );

test(
  "properties set before the definition are applied",
  withBody(
    `<polyhead-classifier id="one" lang="en"></polyhead-classifier><script src="/early.js"></script>`,
    async (page) => {
      await ready(page);
      const { labels } = await classify(page, "t-shirt.png");
      assert.equal(labels.length, 2);
      assert.deepEqual(
        await page.evaluate(() => {
          const element = document.getElementById("one");
          return [element.topK, element.getAttribute("top-k"), Object.keys(element), element.loading, element.threshold];
        }),
        [2, "2", [], "eager", 0],
      );
      assert.equal(await textOf(page, "choose-button"), "Pick");
    },
    {
      prepare: (page) =>
        page.context().route("**/early.js", (route) =>
          route.fulfill({
            contentType: "text/javascript",
            body: 'Object.assign(document.getElementById("one"), { topK: 2, texts: { choose: "Pick" } });',
          }),
        ),
    },
  ),
);

test(
  "no markup makes it throw",
  withBody(
    `<polyhead-classifier id="one" top-k="many" threshold="9" facing-mode="up" loading="never" smoothing="maybe" lang="?!"
      camera="no"></polyhead-classifier><polyhead-classifier id="two" top-k="-1" threshold="" lang=""></polyhead-classifier>`,
    async (page) => {
      await ready(page);
      assert.deepEqual(
        await page.evaluate(() => {
          const { topK, threshold, facingMode, loading, smoothing } = document.getElementById("one");
          return [topK, threshold, String(facingMode), loading, smoothing];
        }),
        [5, 0, "undefined", "eager", "on"],
      );
      assert.equal((await classify(page, "t-shirt.png")).labels.length, 5);
      assert.equal(await textOf(page, "choose-button"), "Choose an image");
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    },
  ),
);

test(
  "defining it twice, or importing the definition twice, has no effect",
  withBody('<polyhead-classifier id="one"></polyhead-classifier>', async (page) => {
    await ready(page);
    const same = await page.evaluate(async () => {
      const { PolyheadClassifier } = await import("/polyhead/element/define.js?again");
      return customElements.get("polyhead-classifier") === PolyheadClassifier;
    });
    assert.ok(same);
  }),
);

test(
  "loading=lazy waits until it is in view",
  withBody(
    '<link rel="stylesheet" href="/tall.css"><div class="tall"></div><polyhead-classifier id="one" loading="lazy"></polyhead-classifier>',
    async (page, { requests }) => {
      await page.waitForFunction(() => customElements.get("polyhead-classifier"));
      // Observers are told in the order in which they were made: the element's own was told before.
      const seen = await page.evaluate(
        () => new Promise((resolve) => new IntersectionObserver(([{ isIntersecting }]) => resolve(isIntersecting)).observe(document.getElementById("one"))),
      );
      assert.equal(seen, false);
      assert.ok(!requests.some((path) => path.endsWith(".wasm")));
      await page.evaluate(() => document.getElementById("one").scrollIntoView());
      await ready(page);
      assert.ok(requests.some((path) => path.endsWith(".wasm")));
    },
    {
      prepare: (page) =>
        page.context().route("**/tall.css", (route) =>
          route.fulfill({ contentType: "text/css", body: ".tall { height: 5000px }" }),
        ),
    },
  ),
);

test(
  "it uses the language of its surroundings, and texts can be replaced",
  withBody(
    `<div lang="de-AT"><polyhead-classifier id="one"></polyhead-classifier></div>
     <polyhead-classifier id="two"></polyhead-classifier>
     <polyhead-classifier id="three"><span slot="invitation">Your bottle, please</span></polyhead-classifier>`,
    async (page) => {
      await ready(page);
      assert.equal(await textOf(page, "choose-button"), "Bild auswählen");
      assert.equal(await textOf(page, "choose-button", "two"), "Choose an image");
      const { labels: [{ probability }] } = await classify(page, "t-shirt.png");
      const percent = (100 * probability).toFixed(1);
      assert.equal(await textOf(page, "value"), `${percent.replace(".", ",")}\u00a0%`);
      await page.evaluate(() => (document.getElementById("one").lang = "en"));
      assert.equal(await textOf(page, "choose-button"), "Choose an image");
      assert.equal(await textOf(page, "value"), `${percent}%`);
      await page.evaluate(async () => {
        const { addTexts } = await import("/polyhead/element/texts.js");
        addTexts("fr", { choose: "Choisir une image" });
        document.getElementById("two").lang = "fr-CA";
        document.getElementById("one").texts = { choose: "Go" };
      });
      assert.equal(await textOf(page, "choose-button", "two"), "Choisir une image");
      assert.equal(await textOf(page, "again-button", "two"), "Try again");
      assert.equal(await textOf(page, "choose-button"), "Go");
      const shown = await page.locator("#three").evaluate((element) => element.shadowRoot.querySelector("slot[name=invitation]").assignedNodes()[0].textContent);
      assert.equal(shown, "Your bottle, please");
    },
  ),
);

test("German has the same texts as English", async () => {
  const { textsFor } = await import(`${WWW}/polyhead/element/texts.js`);
  const [en, de] = [textsFor("en", {}), textsFor("de", {})];
  assert.deepEqual(Object.keys(de), Object.keys(en));
  const same = Object.keys(en).filter((key) => en[key] === de[key]);
  assert.deepEqual(same, ["time", "result"]);
  const values = (text) => text.match(/\{\w+\}/g) ?? [];
  for (const key of Object.keys(en)) {
    assert.deepEqual(values(de[key]), values(en[key]), key);
  }
});

test(
  "an error is shown as text, dispatched as an event, and removed by the next image",
  withBody('<polyhead-classifier id="one" lang="de"></polyhead-classifier>', async (page) => {
    await ready(page);
    const { rejected, event } = await page.evaluate(async () => {
      const element = document.getElementById("one");
      let rejected;
      const event = new Promise((resolve) => element.addEventListener("error", ({ detail }) => resolve(detail.error.code)));
      await element.classify(new File(["text"], "notes.txt")).catch((error) => (rejected = error.code));
      return { rejected, event: await event };
    });
    assert.deepEqual([rejected, event], ["not-an-image", "not-an-image"]);
    assert.match(await textOf(page, "error-text"), /^Diese Datei ist kein Bild/);
    assert.match(await textOf(page, "error-detail"), /'notes\.txt'.*found a text file/);
    await classify(page, "t-shirt.png");
    assert.equal(await page.locator("#one [part=error]").isVisible(), false);
  }),
);

test(
  "a missing model is reported and can be tried again; another model replaces it",
  withBody(
    '<polyhead-classifier id="one" model="/missing.onnx"></polyhead-classifier>',
    async (page) => {
      await page.waitForFunction(() => window.told.some(({ type }) => type === "error"));
      assert.match(await textOf(page, "error-text"), /could not be downloaded/);
      await page.locator("#one [part~=again-button]").click();
      await page.waitForFunction(() => window.told.filter(({ type }) => type === "error").length === 2);
      await page.evaluate(() => (document.getElementById("one").model = "/demo.onnx"));
      await ready(page);
      assert.equal((await classify(page, "t-shirt.png")).labels[0].label, "t-shirt");
      await page.evaluate(async () => {
        const element = document.getElementById("one");
        window.told.length = 0;
        element.model = await (await fetch("/demo.onnx")).blob();
      });
      await ready(page);
      assert.equal((await classify(page, "skirt.png")).labels[0].label, "skirt");
    },
    {
      prepare: (page) => page.context().route("**/demo.onnx", (route) => route.fulfill({ path: DEMO })),
      consoleMay: /status of 404/,
    },
  ),
);

test(
  "an image is chosen by keyboard; hidden hides; reduced motion; right to left",
  withBody(
    '<div dir="rtl"><polyhead-classifier id="one"></polyhead-classifier></div><polyhead-classifier id="two" hidden></polyhead-classifier>',
    async (page) => {
      await ready(page);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.told.some(({ type }) => type === "ranking"));
      assert.equal(await page.locator("#two").isVisible(), false);
      const { label, value, text, duration, outline } = await page.evaluate(() => {
        const find = (part) => document.getElementById("one").shadowRoot.querySelector(`[part~="${part}"]`);
        return {
          label: find("label").getBoundingClientRect().x,
          value: find("value").getBoundingClientRect().x,
          text: getComputedStyle(find("time")).unicodeBidi,
          duration: getComputedStyle(find("fill")).transitionDuration,
          outline: getComputedStyle(find("choose-button")).outlineStyle,
        };
      });
      assert.ok(label > value, "the label stands left of its value");
      assert.equal(text, "plaintext", "a text is turned by the page's direction");
      assert.equal(duration, "0s");
      assert.equal(outline, "solid");
      assert.match(await page.locator("#one [role=status]").textContent(), /^(t-shirt, |None of these: )\d+\.\d%$/);
    },
    {
      context: { reducedMotion: "reduce" },
      prepare: async (page) => page.on("filechooser", (chooser) => chooser.setFiles(`${WWW}/samples/t-shirt.png`)),
    },
  ),
);

test(
  "only the last of several announcements is read",
  withBody('<p id="region"></p>', async (page) => {
    await page.clock.install();
    await page.evaluate(async () => {
      const { Announcer } = await import("/polyhead/element/live-region.js");
      const region = document.getElementById("region");
      window.said = [];
      new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
      const announcer = new Announcer(region);
      for (const word of ["glass", "paper", "metal", "shirt"]) {
        announcer.say(word);
      }
    });
    await page.clock.runFor(3000);
    assert.deepEqual(await page.evaluate(() => window.said), ["glass", "shirt"]);
  }),
);

test(
  "none of these is shown if the model yields it",
  withBody('<div id="place"></div>', async (page) => {
    const shown = await page.evaluate(async () => {
      const { View } = await import("/polyhead/element/view.js");
      const root = document.getElementById("place").attachShadow({ mode: "open" });
      const view = new View(root);
      view.showRanking({ ranking: { labels: [], heads: [], none: 0.25, milliseconds: 1 } });
      return root.querySelector('[part="none"]').textContent;
    });
    assert.equal(shown, "None of these: 25.0%");
  }),
);

test(
  "the page can handle files itself, and gets rankings with raw scores, image and size",
  withBody(
    `<polyhead-classifier id="one" multiple logits top-k="3"><p slot="empty">nothing yet</p><p slot="details">more</p></polyhead-classifier>`,
    async (page) => {
      await ready(page);
      const input = page.locator("#one input[type=file]");
      assert.equal(await input.evaluate(({ multiple }) => multiple), true);
      const images = ["skirt", "shirt"].map((name) => `${WWW}/samples/${name}.png`);
      await page.evaluate(() => {
        document.getElementById("one").addEventListener("files", (event) => {
          event.preventDefault();
          window.given = event.detail.files.map(({ name }) => name);
        }, { once: true });
      });
      await input.setInputFiles(images);
      assert.deepEqual(await page.evaluate(() => window.given), ["skirt.png", "shirt.png"]);
      assert.ok(await page.isVisible("#one [slot=empty]"));
      assert.ok(await page.isHidden("#one [slot=details]"));
      // Without a page that takes them the first one is ranked.
      await page.evaluate(() => void (window.ranked = window.next("ranking")));
      await input.setInputFiles(images);
      const { ranking, live, size, named } = await page.evaluate(async () => {
        const { ranking, live, size, source } = await window.ranked;
        return { ranking, live, size, named: source.name };
      });
      assert.deepEqual([live, named, ranking.labels.length, ranking.logits.length], [false, "skirt.png", 3, 10]);
      assert.ok(size.width > 0 && size.width === size.height);
      assert.ok(await page.isHidden("#one [slot=empty]"));
      assert.ok(await page.isVisible("#one [slot=details]"));
      assert.equal(await page.evaluate(async () => (await document.getElementById("one").load()).heads.length), 2);
      // The pending file may not be an image.
      const code = await page.evaluate(() => document.getElementById("one").classify(Promise.resolve(new Blob(["text"]))).catch((error) => error.code));
      assert.equal(code, "not-an-image");
      assert.ok(await page.isHidden("#one [slot=details]"));
    },
  ),
);

test(
  "a page's own classifier ranks in place of a model, which is not loaded",
  withBody("", async (page, { requests }) => {
    await page.waitForFunction(() => customElements.get("polyhead-classifier"));
    const shown = await page.evaluate(async () => {
      const element = document.createElement("polyhead-classifier");
      const labels = [
        { label: "yes", heads: ["own"], probability: 0.99999 },
        { label: "no", heads: ["own"], probability: 0.00001 },
        { label: " ", heads: ["own"], probability: 0 },
      ];
      element.classifier = { labels, heads: ["own"], classify: async () => ({ labels, heads: [], milliseconds: 1 }) };
      document.body.replaceChildren(element);
      await element.classify(new ImageData(2, 1));
      return [...element.shadowRoot.querySelectorAll('[part~="row"]')].map((row) => [row.children[0].textContent, row.children[2].textContent]);
    });
    // Neither none nor all, nor a name that nobody sees.
    assert.deepEqual(shown, [["yes", "> 99.9%"], ["no", "< 0.1%"], ["(no name)", "0.0%"]]);
    assert.deepEqual(requests.filter((path) => path.endsWith(".wasm")), []);
  }),
);

for (const colorScheme of ["light", "dark"]) {
  test(
    `axe finds nothing: with an answer, with an error, with the camera, ${colorScheme}`,
    withBody(
      '<link rel="stylesheet" href="/scheme.css"><main><h1>Image</h1><polyhead-classifier id="one" camera></polyhead-classifier></main>',
      async (page) => {
        await ready(page);
        await page.evaluate(await readFile(require.resolve("axe-core/axe.min.js"), "utf8"));
        const found = () =>
          page.evaluate(async () => {
            const { violations } = await globalThis.axe.run();
            return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`);
          });
        assert.deepEqual(await found(), []);
        await classify(page, "t-shirt.png");
        assert.deepEqual(await found(), []);
        await page.evaluate(() => document.getElementById("one").classify(new Blob(["text"])).catch(() => {}));
        assert.deepEqual(await found(), []);
        await page.evaluate(() => {
          navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
          // A canvas that nothing is drawn on gives no frame to wait for.
          document.getElementById("one").startCamera();
        });
        await page.waitForFunction(
          () => document.getElementById("one").shadowRoot.querySelector('[part~="camera-button"]').textContent === "Stop the camera",
        );
        assert.deepEqual(await found(), []);
      },
      {
        context: { colorScheme },
        prepare: (page) =>
          page.context().route("**/scheme.css", (route) =>
            route.fulfill({ contentType: "text/css", body: ":root { color-scheme: light dark }" }),
          ),
      },
    ),
  );
}

test("element, library and worker stay under 15 kB, the texts of errors under 4 kB per language", async () => {
  let size = 0;
  const later = {};
  for (const input of ["element/define.js", "worker.js"]) {
    const bundle = await rolldown({ input: `${WWW}/polyhead/${input}`, logLevel: "silent" });
    const { output } = await bundle.generate({ format: "es", minify: true, chunkFileNames: "[name].js" });
    for (const { code, fileName, isEntry } of output) {
      const bytes = gzipSync(code, { level: 9 }).length;
      if (isEntry) {
        size += bytes;
      } else {
        later[fileName] = bytes;
      }
    }
  }
  console.log(`element, library and worker: ${size} bytes, minified, gzip; later:`, later);
  assert.ok(size < 15_000, `${size} bytes`);
  assert.deepEqual(Object.keys(later).sort(), ["errors-de.js", "errors-en.js"]);
  for (const [name, bytes] of Object.entries(later)) {
    assert.ok(bytes < 4_000, `${name}: ${bytes} bytes`);
  }
});

test("the style uses the custom properties that the reference has, with the same defaults", async () => {
  const style = await readFile(`${WWW}/polyhead/element/style.js`, "utf8");
  const source = await readFile(`${WWW}/polyhead/element/element.js`, "utf8");
  const used = new Set([...style.matchAll(/var\((--polyhead-[\w-]+), ([^)]+)\)/g)].map(([, name, value]) => `${name}=${value}`));
  const told = new Set([...source.matchAll(/@cssprop \[([^\]]+)\]/g)].map(([, text]) => text));
  assert.deepEqual([...used].sort(), [...told].sort());
  const template = await readFile(`${WWW}/polyhead/element/template.js`, "utf8");
  const rows = await readFile(`${WWW}/polyhead/element/ranking.js`, "utf8");
  const parts = new Set([...(template + rows).matchAll(/part: "([^"]+)"/g)].flatMap(([, names]) => names.split(" ")));
  const documented = [...source.matchAll(/@csspart ([\w-]+)/g)].map(([, name]) => name);
  assert.deepEqual([...parts, "row", "top-row", "top-none"].sort(), documented.sort());
});
