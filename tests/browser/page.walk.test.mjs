/** The page in every browser: all ways in, the list, why a label, the camera, a second visit without a network. */
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT, WWW } from "./browser.mjs";
import { inEvery } from "./drivers/session.mjs";
import { RECORDER } from "./host.mjs";
import { serveFolder } from "./server.mjs";
import { errors } from "../../www/polyhead/texts/errors-en.js";

const golden = JSON.parse(await readFile(`${ROOT}tests/fixtures/golden/demo.json`, "utf8"));
const SKIRT = `${WWW}/samples/skirt.png`;
/** @type {string} */
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  await mkdir(join(folder, "things/deep"), { recursive: true });
  await cp(`${WWW}/samples/glass-bottle.png`, join(folder, "things/glass-bottle.png"));
  await cp(SKIRT, join(folder, "things/deep/skirt.png"));
  await writeFile(join(folder, "things/broken.png"), "no image");
  await writeFile(join(folder, "things/notes.txt"), "no image either");
});
after(() => rm(folder, { recursive: true }));

/** The label that a sample has, whatever the rule holds of all of them. */
function labelOf(name) {
  const { probabilities } = golden.find(({ file }) => file === name);
  return Object.entries(probabilities).sort(([, a], [, b]) => b - a)[0][0];
}

/** The page with a script before all others, which writes down what breaks the policy. */
async function servePage() {
  const html = await readFile(`${WWW}/index.html`, "utf8");
  const watched = html.replace("<script", '<script src="recorder.js"></script>\n    <script');
  return serveFolder(WWW, (path) => ({ "/index.html": { body: watched }, "/recorder.js": { type: "text/javascript", body: RECORDER } })[path]);
}

/** Functions that run in the page. */
const inPage = {
  forget: () => {
    document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = "";
    document.getElementById("classifier").shadowRoot.querySelector('[part="ranking"]').replaceChildren();
  },
  ranking: () =>
    [...document.getElementById("classifier").shadowRoot.querySelectorAll('[part~="row"]')].map((row) => [row.querySelector('[part="label"]').textContent, row.querySelector("data").value]),
  click: (selector) => (document.querySelector(selector) ?? document.getElementById("classifier").shadowRoot.querySelector(selector)).click(),
  show: (name) => [...document.querySelectorAll("button.row")].find((row) => row.textContent.includes(name)).click(),
  /** A file dropped or pasted by a script. */
  give: async (way, name) => {
    const blob = await (await fetch(`samples/${name}`)).blob();
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], name, { type: "image/png" }));
    if (way === "drop") {
      for (const type of ["dragenter", "dragover", "drop"]) {
        document.querySelector("h1").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
      return;
    }
    const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
    // WebKit leaves out what a script gives.
    if (!event.clipboardData?.types.includes("Files")) {
      Object.defineProperty(event, "clipboardData", { value: transfer });
    }
    document.body.dispatchEvent(event);
  },
};

/** Waits until something is so in the page. */
async function until(page, condition) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await page.run(`() => Boolean((${condition})())`)) {
      return;
    }
    await pause(100);
  }
  throw new Error(`never came true: ${condition}; the page says: ${await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('[part="error"]').textContent)}`);
}

/** The ranking that is shown once `act` has had its effect: labels and probabilities. */
async function rankingAfter(page, act) {
  await page.run(inPage.forget);
  await act();
  await until(page, () => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent !== "");
  return page.run(inPage.ranking);
}

/** The list once it is done. */
async function listed(page) {
  await until(page, () => !document.getElementById("batch").hidden && document.getElementById("batch-cancel").hidden);
  return page.run(() => ({
    count: document.getElementById("batch-count").textContent,
    rows: [...document.querySelectorAll(".batch-list .row-name")].map(({ textContent }) => textContent).sort(),
    failed: document.querySelector(".failed .row-name").textContent,
  }));
}

/** Nothing broke the page's policy, nothing was asked of another origin. */
async function assertClean(page) {
  const { violations, foreign } = await page.run(() => {
    const asked = performance.getEntriesByType("resource").map(({ name }) => name);
    const own = (url) => url.startsWith(location.origin) || /^(blob|data):/.test(url);
    return { violations: window.violations, foreign: asked.filter((url) => !own(url)) };
  });
  assert.deepEqual(violations, []);
  assert.deepEqual(foreign, []);
}

inEvery("the page: every input, the list, the activation map, the camera, offline", async (page, browser, walk) => {
  const server = await servePage();
  let open = true;
  const step = (name, body, skip) => walk.test(`${browser.name}: ${name}`, { skip }, body);
  try {
    await page.goto(server.url);
    await until(page, () => document.querySelector(".sample") && document.getElementById("classifier").shadowRoot.querySelector('[part="loading"]').hidden);
    let sample;

    await step("a sample that is clicked", async () => {
      sample = await rankingAfter(page, () => page.run(inPage.click, '[data-file="skirt.png"]'));
      assert.equal(sample[0][0], labelOf("skirt.png"));
      assert.equal(sample.length, 10);
    });

    await step("the same image chosen, dropped, pasted", async () => {
      const ways = {
        chosen: () => page.choose('document.getElementById("classifier").shadowRoot.querySelector("input")', SKIRT),
        dropped: () => page.run(inPage.give, "drop", "skirt.png"),
        pasted: () => page.run(inPage.give, "paste", "skirt.png"),
      };
      for (const [way, act] of Object.entries(ways)) {
        assert.deepEqual(await rankingAfter(page, act), sample, way);
      }
    });

    await step("why this label: the regions that raise its score are highlighted", async () => {
      await page.run(inPage.click, "#why-switch");
      await until(page, () => !document.getElementById("activation-map").hidden);
      const { words, shades } = await page.run(() => {
        const map = document.getElementById("activation-map");
        const { data } = map.getContext("2d").getImageData(0, 0, map.width, map.height);
        const dark = data.filter((_, index) => index % 4 === 3);
        return { words: document.getElementById("why-words").textContent, shades: [dark.reduce((a, b) => Math.min(a, b)), dark.reduce((a, b) => Math.max(a, b))] };
      });
      assert.match(words, new RegExp(`^Highlighted: the regions that raise the score of ${labelOf("skirt.png")} `));
      assert.ok(shades[0] < 80 && shades[1] > 180, String(shades));
      await page.run(inPage.click, "#why-switch");
    });

    await step("several files become a list; a row shows its image", async () => {
      await page.choose('document.getElementById("classifier").shadowRoot.querySelector("input")', ...["glass-bottle.png", "deep/skirt.png", "broken.png"].map((name) => join(folder, "things", name)));
      const { count, rows, failed } = await listed(page);
      assert.equal(count, "2 of 3 ranked, 1 could not be ranked");
      assert.deepEqual(rows, ["broken.png", "glass-bottle.png", "skirt.png"]);
      assert.equal(failed, "broken.png");
      assert.deepEqual(await rankingAfter(page, () => page.run(inPage.show, "skirt.png")), sample);
    });

    await step("a folder becomes a list, with its subfolders", async () => {
      await page.run(inPage.click, "#batch-clear");
      await page.choose('document.getElementById("folder")', join(folder, "things"));
      const { count, rows, failed } = await listed(page);
      assert.equal(count, "2 of 3 ranked, 1 could not be ranked, 1 other file left out");
      assert.deepEqual(rows, ["things/broken.png", "things/deep/skirt.png", "things/glass-bottle.png"]);
      assert.equal(failed, "things/broken.png");
    }, browser.folders ? undefined : `${browser.name}'s driver gives no folder to an input`);

    await step("the camera: live, stopped, its last frame as an image", async () => {
      await page.run(inPage.forget);
      await page.run(inPage.click, '[part~="camera-button"]');
      await until(page, () => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));
      assert.equal(await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('[part="preview"]').hidden), true);
      const last = await rankingAfter(page, async () => {
        await page.run(inPage.click, '[part~="camera-button"]');
        await until(page, () => !document.getElementById("classifier").shadowRoot.querySelector('[part="preview"]').hidden);
      });
      assert.equal(last.length, 10);
      assert.equal(await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('video').srcObject), null);
    });

    await step("a camera denied by policy is reported", async () => {
      const told = await page.run(async () => {
        const frame = document.createElement("iframe");
        frame.allow = "camera 'none'";
        frame.src = location.href;
        document.body.append(frame);
        await new Promise((resolve) => frame.addEventListener("load", resolve));
        await frame.contentWindow.customElements.whenDefined("polyhead-classifier");
        const inside = frame.contentDocument.getElementById("classifier").shadowRoot;
        const failed = new Promise((resolve) => inside.host.addEventListener("error", resolve));
        inside.querySelector('[part~="camera-button"]').click();
        await failed;
        const told = [inside.querySelector('[part="error-text"]').textContent, inside.querySelector('[part~="camera-button"]').textContent, inside.querySelector('[part~="again-button"]').textContent];
        frame.remove();
        return told;
      });
      assert.deepEqual(told, [errors["camera-denied"], "Start the camera", "Try again"]);
    });

    await step("a camera removed while it runs is noticed", async () => {
      await page.run(inPage.forget);
      await page.run(inPage.click, '[part~="camera-button"]');
      await until(page, () => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));
      await page.loseCamera();
      await until(page, () => !document.getElementById("classifier").shadowRoot.querySelector('[part="error"]').hidden);
      assert.equal(await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('[part="error-text"]').textContent), errors["camera-lost"]);
      assert.equal(await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('video').srcObject), null);
    }, browser.loses ? undefined : `${browser.name}'s driver takes no camera away`);

    await step("an address in the query is offered, and opened on a click", async () => {
      await assertClean(page);
      const address = `${server.url}samples/skirt.png`;
      await page.goto(`${server.url}?url=${encodeURIComponent(address)}`);
      await until(page, () => document.getElementById("address").open);
      assert.equal(await page.run(() => document.getElementById("address-url").value), address);
      assert.equal(await page.run(() => document.getElementById("classifier").shadowRoot.querySelector('[part="answer"]').hidden), true, "it was opened unasked");
      assert.deepEqual(await rankingAfter(page, () => page.run(inPage.click, "#address-form button")), sample);
    });

    await step("no request to another origin, no violation of the policy", () => assertClean(page));

    await step("a second visit without a network", async () => {
      await until(page, () => /without a network now/.test(document.getElementById("offline-words").textContent));
      // The service worker keeps the model; the library does not keep it again.
      assert.equal(await page.run(() => caches.has("polyhead")), false);
      await server.close();
      open = false;
      await page.goto(server.url);
      await until(page, () => document.querySelector(".sample"));
      assert.deepEqual(await rankingAfter(page, () => page.run(inPage.click, '[data-file="skirt.png"]')), sample);
    });
  } finally {
    if (open) {
      await server.close();
    }
  }
});
