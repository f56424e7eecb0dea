/** Firefox, driven by puppeteer-core over WebDriver BiDi. */
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { SLOW } from "../browser.mjs";

const PATH = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

export const name = "Firefox";
export const cameras = 1;
export const refuses = true;
export const loses = false;
export const folders = false;
export const forgets = false;

export function missing() {
  return existsSync(PATH) ? undefined : `expected Firefox at ${PATH}, found none; install firefox-esr`;
}

/** @returns {Promise<import("./session.mjs").Session>} */
export async function open({ cameraForbidden = false } = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: PATH,
    headless: true,
    slowMo: SLOW,
    protocolTimeout: 300_000,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": !cameraForbidden,
      "permissions.default.camera": cameraForbidden ? 2 : 0,
    },
  });
  const page = await browser.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    choose: async (input, ...paths) => {
      const handle = await page.evaluateHandle(input);
      await handle.asElement().uploadFile(...paths);
    },
    close: () => browser.close(),
  };
}
