/** A fresh Chromium with the page open, and what every test holds against it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { POLICY } from "./server.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const WWW = `${ROOT}www`;
export const POLYHEAD = process.env.POLYHEAD ?? `${ROOT}target/debug/polyhead`;
/** The merged file that the module carries. */
export const DEMO = resolve(dirname(POLYHEAD), "../demo/demo.onnx");

/** Switches that give pages two cameras of moving colours, and leave to use them. */
export const CAMERAS = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"];

/** Loading, with both cores of a small machine busy. */
export const PATIENCE = 60_000;

/** Milliseconds by which every call to a browser is late: a test that relies on being quick fails then. */
export const SLOW = Number(process.env.POLYHEAD_SLOW ?? 0);

/**
 * Serves `www` with `polyhead serve`, and starts a browser, for all tests of a file.
 *
 * @param {string[]} [args] more of the browser's switches
 * @returns {{ url: string, browser: import("playwright-core").Browser }}
 */
export function useBrowser(args = []) {
  const shared = { url: "", browser: undefined };
  let server;
  before(async () => {
    server = spawn(POLYHEAD, ["serve", WWW, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    shared.url = await addressOf(server);
    shared.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", ...args],
      slowMo: SLOW,
    });
  });
  after(async () => {
    await shared.browser?.close();
    server?.kill();
  });
  return shared;
}

function addressOf(server) {
  return new Promise((found, reject) => {
    let said = "";
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`polyhead serve ended with ${code}: ${said}`)));
    server.stdout.setEncoding("utf8");
    server.stdout.on("data", (text) => {
      said += text;
      const address = said.match(/http:\/\/127\.0\.0\.1:\d+\//);
      if (address) {
        found(address[0]);
      }
    });
  });
}

/**
 * Opens the page in a profile of its own, runs the test, and checks that no request left the site and nothing was
 * written to the console.
 *
 * @param {{ url: string, browser: import("playwright-core").Browser }} shared
 * @param {(page: import("playwright-core").Page, requests: string[]) => Promise<void>} test
 * @param {{ url?: string, path?: string, context?: import("playwright-core").BrowserContextOptions,
 *   init?: () => void, prepare?: (page: import("playwright-core").Page) => Promise<void>, consoleMay?: RegExp, mayAsk?: RegExp }} [options] `init` runs in the page before anything of its own; `mayAsk`: other sites' addresses that a test is about
 */
export async function withPage(shared, test, { url = shared.url, path = "", context, init, prepare, consoleMay, mayAsk } = {}) {
  const profile = await shared.browser.newContext(context);
  try {
    const page = await profile.newPage();
    page.setDefaultTimeout(PATIENCE);
    const requests = [];
    const said = [];
    profile.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
    await (init && page.addInitScript(init));
    await prepare?.(page);
    await page.goto(url + path);
    await test(page, requests);
    const foreign = requests.filter((asked) => !asked.startsWith(url) && !/^(blob|data):/.test(asked) && !mayAsk?.test(asked));
    assert.deepEqual(foreign, [], "requests to other sites");
    const unexpected = said.filter((line) => !consoleMay?.test(line));
    assert.deepEqual(unexpected, [], "messages on the console");
  } finally {
    await profile.close();
  }
}

/**
 * Ends a worker of the page as the browser would, without a word, and waits until the page knows: the worker's lock is nobody's.
 *
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Worker} worker
 */
export async function endWorker(page, worker) {
  const names = await page.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name));
  const gone = new Promise((resolve) => worker.once("close", resolve));
  await worker.evaluate(() => void setTimeout(() => globalThis.close()));
  await gone;
  await eventually(page, async (names) => {
    const { held, pending } = await navigator.locks.query();
    return ![...held, ...pending].some(({ name }) => names.includes(name));
  }, names);
}

/** Waits until what a function in the page promises is so: `waitForFunction` takes any promise for a yes. */
export async function eventually(page, promised, argument) {
  const end = Date.now() + PATIENCE;
  while (!(await page.evaluate(promised, argument))) {
    assert.ok(Date.now() < end, `in ${PATIENCE} ms never so: ${promised}`);
    await page.waitForTimeout(20);
  }
}

/** Keeps the module back until the function that it gives is called, however slow the test is. @returns {Promise<() => void>} */
export async function holdModule(page) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route("**/pkg/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Runs in the page: keeps in `window.timers` those that are still to come, and what a timer began until it has ended. */
export function watchTimers() {
  window.timers = new Set();
  const { setTimeout, clearTimeout } = window;
  window.setTimeout = (call, delay, ...values) => {
    const timer = setTimeout(() => {
      const begun = new Promise((resolve) => resolve(call(...values))).finally(() => window.timers.delete(begun));
      window.timers.add(begun);
      window.timers.delete(timer);
    }, delay);
    window.timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    window.timers.delete(timer);
    clearTimeout(timer);
  };
}

/** Runs in the page: remembers in `window.heavy` what belongs into a worker, called on the page's own thread. */
export function watchHeavy() {
  window.heavy = [];
  const watched = [
    [WebAssembly, ["compile", "compileStreaming", "instantiate", "instantiateStreaming"]],
    [CanvasRenderingContext2D.prototype, ["getImageData"]],
  ];
  for (const [owner, names] of watched) {
    for (const name of names) {
      const native = owner[name];
      owner[name] = function (...given) {
        window.heavy.push(name);
        return native.apply(this, given);
      };
    }
  }
}

/** Puts an empty page at `/blank`, under the site's policy, for tests of the library alone. */
export function addBlank(page, headers = {}) {
  return page.context().route("**/blank", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": POLICY, ...headers },
      body: '<!doctype html><html lang="en"><title>blank</title><link rel="icon" href="data:,">',
    }),
  );
}

/** Waits until the model is loaded. */
export async function ready(page) {
  await page.waitForSelector('[part="loading"]', { state: "hidden" });
}

/**
 * Pastes several images at once, faster than any can be ranked.
 *
 * @param {import("playwright-core").Page} page
 * @param {Image[]} images
 */
export async function pasteAll(page, images) {
  const transfers = await Promise.all(images.map((image) => transfer(page, image)));
  await page.evaluate((transfers) => {
    for (const clipboardData of transfers) {
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }
  }, transfers);
}

/**
 * The ranking that the page shows once `act` has had its effect.
 *
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} act
 * @returns {Promise<{ label: string, head: string, probability: number, percent: string }[]>}
 */
export async function rankingAfter(page, act) {
  await forget(page);
  await act();
  await page.waitForSelector('[part="time"]:not(:empty)');
  return page.$$eval('[part~="row"]', (rows) =>
    rows.map((row) => ({
      label: row.querySelector('[part="label"]').textContent,
      head: row.querySelector('[part="heads"]').textContent,
      probability: Number(row.querySelector("data").value),
      percent: row.querySelector("data").textContent,
    })),
  );
}

/** The first result on the page: the first label, or "none of these" with its probability. */
export const headline = (page) => page.textContent('[part~="top-row"] [part="label"], [part~="top-none"]');

/** Takes away what the page said of the image before. */
async function forget(page) {
  await page.evaluate(() => {
    document.getElementById("classifier").shadowRoot.querySelector('[part="time"]').textContent = "";
    document.getElementById("classifier").shadowRoot.querySelector('[part="ranking"]').replaceChildren();
  });
}

/** Ways in. @typedef {{ name: string, mimeType: string, buffer: Buffer }} Image */

/** @param {import("playwright-core").Page} page @param {Image} image */
export function choose(page, image) {
  return page.setInputFiles("#classifier input[accept]", image);
}

/** @param {import("playwright-core").Page} page @param {Image} image */
export async function drop(page, image) {
  const dataTransfer = await transfer(page, image);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("h1", type, { dataTransfer });
  }
}

/** @param {import("playwright-core").Page} page @param {Image} image */
export async function paste(page, image) {
  const clipboardData = await transfer(page, image);
  await clipboardData.evaluate((data) =>
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })),
  );
}

function transfer(page, { name, mimeType, buffer }) {
  return page.evaluateHandle(
    ([name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    [name, mimeType, buffer.toString("base64")],
  );
}

/** Pastes a text. */
export function pasteText(page, text) {
  return page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, text);
}

/** That probabilities add to one. @param {{ probability: number }[]} ranking */
export function sumsToOne(ranking) {
  const sum = ranking.reduce((total, { probability }) => total + probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-4, `probabilities sum to ${sum}`);
}

/** Waits until the service worker has everything. */
export function kept(page) {
  return page.waitForFunction(() => /without a network now/.test(document.getElementById("offline-words").textContent));
}
