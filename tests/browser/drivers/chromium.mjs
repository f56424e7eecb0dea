/** Chromium, driven by playwright-core. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { SLOW } from "../browser.mjs";

const PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const name = "Chromium";
/** The number of cameras with coloured frames per page, and permission for them. */
export const cameras = 2;
/** Whether a person's refusal of the camera can be played. */
export const refuses = true;
/** Whether a running camera can be taken away. */
export const loses = true;
/** Whether a folder can be chosen. */
export const folders = true;
export const forgets = false;

/** Why it cannot be driven on this machine, if so. */
export function missing() {
  return existsSync(PATH) ? undefined : `expected Chromium at ${PATH}, found none; install chromium`;
}

/** @returns {Promise<import("./session.mjs").Session>} */
export async function open({ cameraForbidden = false } = {}) {
  const browser = await chromium.launch({
    executablePath: PATH,
    slowMo: SLOW,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-background-networking",
      "--use-fake-device-for-media-stream=device-count=2",
      cameraForbidden ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream",
    ],
  });
  const page = await browser.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    choose: async (input, ...paths) => {
      const handle = await page.evaluateHandle(input);
      await handle.asElement().setInputFiles(paths);
    },
    loseCamera: async () => {
      const system = await browser.newBrowserCDPSession();
      const { browserContextIds } = await system.send("Target.getBrowserContexts");
      const origin = new URL(page.url()).origin;
      const permission = { permission: { name: "camera" }, setting: "denied", origin, browserContextId: browserContextIds.at(-1) };
      await system.send("Browser.setPermission", permission);
    },
    close: () => browser.close(),
  };
}
