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
const frame = (page) => page.waitForFunction(() => document.getElementById("time").textContent.endsWith("per frame"));

/** The next frame's ranking has been shown. */
async function nextFrame(page) {
  await page.evaluate(() => (document.getElementById("time").textContent = ""));
  await frame(page);
}

test("asks on a click only, ranks live, and leaves the last frame as an image", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      assert.equal(await page.evaluate(() => window.asked.length), 0);
      assert.ok(await page.isHidden("#camera-controls"));
      await page.click("#camera-switch");
      await nextFrame(page);
      assert.deepEqual(await page.evaluate(() => window.asked.map(({ audio }) => audio)), [false]);
      assert.ok(await page.isVisible("#camera"));
      assert.ok(await page.isHidden("#why"));
      assert.ok((await page.$$("#labels > li")).length > 1);
      assert.doesNotMatch(await page.textContent("#status"), /%/, "a probability that changes is read out");
      await page.uncheck("#camera-steady");
      await nextFrame(page);
      await page.click("#camera-switch");
      await page.waitForSelector("#why:not([hidden])");
      assert.equal(await live(page), 0);
      assert.ok(await page.isHidden("#camera"));
      assert.equal(await page.getAttribute("#preview", "alt"), "The image from the camera");
      assert.equal(await page.textContent("#camera-switch"), "Use the camera");
      assert.match(await page.textContent("#time"), /on this machine$/);
    },
    watched(),
  ));

test("another camera is picked from a list or by its direction, one at a time", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await page.click("#camera-switch");
      await page.waitForSelector("#camera-choice:not([hidden])");
      const other = await page.$eval("#camera-device", ({ options, value }) => [...options].find((option) => option.value !== value).value);
      await page.selectOption("#camera-device", other);
      await page.waitForFunction((other) => window.tracks.length === 2 && document.getElementById("camera-device").value === other, other);
      assert.equal(await page.evaluate(() => window.asked[1].video.deviceId.exact), other);
      assert.equal(await live(page), 1);
      const mirrored = await page.$eval("#camera", ({ classList }) => classList.contains("mirrored"));
      await page.click("#camera-turn");
      await page.waitForFunction(() => window.tracks.length === 3);
      assert.equal(await page.evaluate(() => window.asked[2].video.facingMode.ideal), mirrored ? "environment" : "user");
      await nextFrame(page);
      assert.equal(await live(page), 1);
    },
    watched(),
  ));

test("an image takes the camera's place", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await page.click("#camera-switch");
      await nextFrame(page);
      await page.click(".sample");
      await page.waitForFunction(() => document.getElementById("time").textContent.endsWith("on this machine"));
      assert.equal(await live(page), 0);
      assert.ok(await page.isHidden("#camera"));
      assert.ok(await page.isVisible("#preview"));
      await page.click("#camera-switch");
      await nextFrame(page);
      await choose(page, file("broken.jpg", Buffer.from("no image")));
      await page.waitForSelector(".alert-words");
      assert.equal(await live(page), 0);
    },
    watched(),
  ));

for (const [name, words] of [
  ["NotAllowedError", errors["camera-denied"]],
  ["NotFoundError", errors["camera-none"]],
  ["NotReadableError", errors["camera-busy"]],
]) {
  test(`a refusal in words: ${name}`, () =>
    withPage(
      shared,
      async (page) => {
        await ready(page);
        await page.click("#camera-switch");
        await page.waitForSelector(".alert-words");
        assert.equal(await page.textContent(".alert-words"), words);
        assert.ok(await page.isHidden("#camera-controls"));
        assert.ok(await page.isVisible("#invitation"));
        await page.click(".again");
        await page.waitForFunction(() => window.asked.length === 2);
      },
      watched(name),
    ));
}
