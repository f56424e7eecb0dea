/** Chromium with a fresh profile, and pages in it that run the workers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

/** Loading a model with both cores of a small machine busy. */
const PATIENCE = 180_000;

/**
 * @typedef {Awaited<ReturnType<typeof startBrowser>>} Browser
 * @param {string} executablePath
 */
export async function startBrowser(executablePath) {
  const profile = await mkdtemp(join(tmpdir(), "polyhead-bench-"));
  const browser = await puppeteer.launch({
    executablePath,
    userDataDir: profile,
    protocolTimeout: PATIENCE,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  return {
    version: await browser.version(),
    /** @param {string} url the server's */
    page: (url) => openPage(browser, `${url}bench/page/index.html`),
    close: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/**
 * A page in a context of its own, so that nothing of another one is cached.
 *
 * @typedef {Awaited<ReturnType<typeof openPage>>} Page
 */
async function openPage(browser, url) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
  await page.goto(url);
  await page.waitForFunction("globalThis.bench");
  return {
    /** Calls one of the page's functions. */
    ask: (verb, ...args) => page.evaluate((verb, args) => globalThis.bench[verb](...args), verb, args),
    said,
    close: () => context.close(),
  };
}
