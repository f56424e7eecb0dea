/** Nothing leaves the machine: what the page may ask, what it asks, and addresses that a person opens. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, choose, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { POLICY, serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const skirt = `${WWW}/samples/skirt.png`;

/** Another site on this machine, which counts what reaches it. */
async function withNeighbour(use) {
  const reached = [];
  const neighbour = await serveFolder(WWW, (path) => {
    reached.push(path);
    return { body: "", headers: { "access-control-allow-origin": "*" } };
  });
  try {
    await use(neighbour.url, reached);
  } finally {
    await neighbour.close();
  }
}

async function open(page, address) {
  await page.evaluate(() => (document.getElementById("address").open = true));
  await page.fill("#address-url", address);
  await page.click("#address-form button");
}

test("the page's policy allows connections to its own site only", () =>
  withNeighbour((neighbour, reached) =>
    withPage(
      shared,
      async (page) => {
        const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', "content");
        assert.ok(policy.split("; ").includes("connect-src 'self'"), policy);
        const tried = await page.evaluate(async (url) => {
          const outcome = (promise) => promise.then(() => "went out", () => "refused");
          const image = new Image();
          const seen = new Promise((resolve) => {
            image.onload = image.onerror = () => resolve();
          });
          image.src = `${url}pixel.png`;
          await seen;
          return Promise.all([
            outcome(fetch(url, { method: "POST", body: "an image" })),
            outcome(fetch(url, { mode: "no-cors" })),
            navigator.sendBeacon(url, "an image") ? "queued" : "refused",
          ]);
        }, neighbour);
        assert.deepEqual(tried.slice(0, 2), ["refused", "refused"]);
        assert.deepEqual(reached, []);
      },
      // The browser tells of the image that it did not ask for.
      { consoleMay: /Content Security Policy|Refused to/, mayAsk: /pixel\.png$/ },
    ),
  ));

test("ranking images sends no request, not even to its own site", () => {
  const asked = [];
  return withPage(
    shared,
    async (page) => {
      await ready(page);
      await page.waitForFunction(() => /without a network now/.test(document.getElementById("offline-words").textContent));
      asked.length = 0;
      await rankingAfter(page, () => choose(page, skirt));
      await page.click("#why-switch");
      await page.waitForSelector("#activation-map:not([hidden])");
      await page.setInputFiles("#classifier input[accept]", [skirt, `${WWW}/samples/shirt.png`]);
      await page.waitForSelector(".thumbnail[src] >> nth=1");
      await page.waitForSelector("#batch-cancel", { state: "hidden" });
      const out = asked.filter((request) => !/^(blob|data):/.test(request.url()));
      assert.deepEqual(out.map((request) => request.url()), []);
      assert.equal(await page.evaluate(() => document.cookie), "");
    },
    { prepare: async (page) => page.context().on("request", (request) => asked.push(request)) },
  );
});

test("an address of this site is opened on request", () =>
  withPage(shared, async (page) => {
    await ready(page);
    const ranking = await rankingAfter(page, () => open(page, `${shared.url}samples/skirt.png`));
    assert.equal(ranking[0].label, "skirt");
  }));

test("an address of another site is refused with a text, and nothing reaches that site", () =>
  withNeighbour((neighbour, reached) =>
    withPage(
      shared,
      async (page) => {
        await ready(page);
        await open(page, `${neighbour}cat.png`);
        await page.waitForSelector('[part="error-text"]');
        assert.match(await page.textContent('[part="error-text"]'), /images from its own site only/);
        assert.match(await page.textContent('[part="error-detail"]'), /save the image and drop it here/);
        assert.deepEqual(reached, []);
      },
      { consoleMay: /Content Security Policy|Refused to/, mayAsk: /cat\.png$/ },
    ),
  ));

test("an address without an image is reported as text", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await open(page, `${shared.url}samples/none.png`);
      await page.waitForSelector('[part="error-text"]');
      assert.match(await page.textContent('[part="error-text"]'), /no image at this address/);
      assert.match(await page.textContent('[part="error-detail"]'), /404/);
    },
    { consoleMay: /status of 404/ },
  ));

test("a site that is allowed by the policy but does not share its images is named as the reason", async () => {
  const loosened = (policy) => policy.replace("default-src 'self';", "default-src 'self'; connect-src *;");
  const html = (await readFile(`${WWW}/index.html`, "utf8")).replace("connect-src 'self'", "connect-src *");
  const loose = { body: html, headers: { "content-security-policy": loosened(POLICY) } };
  const server = await serveFolder(WWW, (path) => (path === "/index.html" ? loose : undefined));
  const neighbour = await serveFolder(WWW);
  try {
    await withPage(
      shared,
      async (page) => {
        await ready(page);
        await open(page, `${neighbour.url}cat.png`);
        await page.waitForSelector('[part="error-text"]');
        assert.match(await page.textContent('[part="error-text"]'), /does not let other pages read its images/);
      },
      { url: server.url, consoleMay: /CORS|ERR_FAILED/, mayAsk: /cat\.png$/ },
    );
  } finally {
    await Promise.all([server.close(), neighbour.close()]);
  }
});

test("a dropped or pasted address is offered, not requested", () =>
  withPage(shared, async (page, requests) => {
    await ready(page);
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "https://example.org/cat.jpg");
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    });
    assert.equal(await page.inputValue("#address-url"), "https://example.org/cat.jpg");
    assert.equal(await page.evaluate(() => document.activeElement.id), "address-url");
    assert.match(await page.textContent("#address-words"), /Nothing was downloaded yet/);
    assert.ok(!requests.some((url) => url.includes("example.org")));
  }));

test("the page states what leaves the machine", () => withPage(shared, async (page) => {
  const said = await page.textContent("#privacy");
  assert.match(said, /^\s*Nothing leaves this machine\s/);
  assert.ok(said.includes("(connect-src 'self')"), said);
}));
