/** The camera on the page's stage: only on a click, live, picked, steadied or not, stopped with its last frame, refused. */
import assert from "node:assert/strict";
import { file } from "./images.mjs";
import { CAMERAS, choose, ready, useBrowser, withPage } from "./browser.mjs";
import { errors } from "../../www/polyhead/texts/errors-en.js";
import { test } from "./test.mjs";

const shared = useBrowser(CAMERAS);

/** Remembers what the page asked for and was given; a refusal takes the camera's place where one is named. */
const watched = (refusal) => ({
  prepare: (page) =>
    page.addInitScript((refusal) => {
      window.asked = [];
      window.tracks = [];
      const media = navigator.mediaDevices;
      const getUserMedia = media.getUserMedia.bind(media);
      media.getUserMedia = async (wanted) => {
        window.asked.push(wanted);
        if (refusal) {
          throw new DOMException("refused", refusal);
        }
        const stream = await getUserMedia(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
      };
    }, refusal),
});

const live = (page) => page.evaluate(() => window.tracks.filter(({ readyState }) => readyState === "live").length);
const frame = (page) => page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith("per frame"));

/** The next frame's ranking has been shown. */
async function nextFrame(page) {
  await page.evaluate(() => (document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = ""));
  await frame(page);
}

test("asks on a click only, ranks live, and leaves the last frame as an image", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      assert.equal(await page.evaluate(() => window.asked.length), 0);
      assert.ok(await page.isHidden("#camera-controls"));
      await page.click('[part~="camera-button"]');
      await nextFrame(page);
      assert.deepEqual(await page.evaluate(() => window.asked.map(({ audio }) => audio)), [false]);
      assert.ok(await page.isVisible('[part="video"]'));
      assert.ok(await page.isHidden("#why"));
      assert.ok((await page.$$('[part~="row"]')).length > 1);
      assert.doesNotMatch(await page.textContent('#classifier [role="status"]'), /%/, "a probability that changes is read out");
      await page.uncheck("#camera-smooth");
      await nextFrame(page);
      await page.click('[part~="camera-button"]');
      await page.waitForSelector("#why:not([hidden])");
      assert.equal(await live(page), 0);
      assert.ok(await page.isHidden('[part="video"]'));
      assert.equal(await page.getAttribute('[part="preview"]', "aria-label"), "The image");
      assert.equal(await page.textContent('[part~="camera-button"]'), "Start the camera");
      assert.match(await page.textContent('[part="time"]'), /^\d+ ms$/);
    },
    watched(),
  ));

test("another camera is picked from a list or by its direction, one at a time", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await page.click('[part~="camera-button"]');
      await page.waitForSelector('[part="device-picker"]:not([hidden])');
      const other = await page.$eval('[part="device-picker"]', ({ options, value }) => [...options].find((option) => option.value !== value).value);
      await page.selectOption('[part="device-picker"]', other);
      await page.waitForFunction((other) => window.tracks.length === 2 && document.getElementById("classifier").shadowRoot.querySelector('[part="device-picker"]').value === other, other);
      assert.equal(await page.evaluate(() => window.asked[1].video.deviceId.exact), other);
      assert.equal(await live(page), 1);
      const mirrored = await page.$eval('[part="video"]', ({ classList }) => classList.contains("mirrored"));
      await page.click("#camera-turn");
      await page.waitForFunction(() => window.tracks.length === 3);
      assert.equal(await page.evaluate(() => window.asked[2].video.facingMode.ideal), mirrored ? "environment" : "user");
      await nextFrame(page);
      assert.equal(await live(page), 1);
    },
    watched(),
  ));

test("an image replaces the camera", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await page.click('[part~="camera-button"]');
      await nextFrame(page);
      await page.click(".sample");
      await page.waitForFunction(() => document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent.endsWith(" ms"));
      assert.equal(await live(page), 0);
      assert.ok(await page.isHidden('[part="video"]'));
      assert.ok(await page.isVisible('[part="preview"]'));
      await page.click('[part~="camera-button"]');
      await nextFrame(page);
      await choose(page, file("broken.jpg", Buffer.from("no image")));
      await page.waitForSelector('[part="error-text"]');
      assert.equal(await live(page), 0);
    },
    watched(),
  ));

for (const [name, words] of [
  ["NotAllowedError", errors["camera-denied"]],
  ["NotFoundError", errors["camera-none"]],
  ["NotReadableError", errors["camera-busy"]],
]) {
  test(`a camera refusal is shown as text: ${name}`, () =>
    withPage(
      shared,
      async (page) => {
        await ready(page);
        await page.click('[part~="camera-button"]');
        await page.waitForSelector('[part="error-text"]');
        assert.equal(await page.textContent('[part="error-text"]'), words);
        assert.ok(await page.isHidden("#camera-controls"));
        assert.ok(await page.isVisible('[part="invitation"]'));
        await page.click('[part~="again-button"]');
        await page.waitForFunction(() => window.asked.length === 2);
      },
      watched(name),
    ));
}
