/**
 * The browsers behind one face, so that the same walk runs in each.
 *
 * @typedef {object} Session one page of a fresh profile
 * @property {(url: string) => Promise<void>} goto
 * @property {(expression: string) => Promise<any>} evaluate an expression; promises are awaited
 * @property {(input: string, ...paths: string[]) => Promise<void>} choose files for the input that the expression gives
 * @property {() => Promise<void>} [loseCamera] takes a running camera away, as the system would
 * @property {() => Promise<void>} close
 */
import { test } from "../test.mjs";
import * as chromium from "./chromium.mjs";
import * as firefox from "./firefox.mjs";
import * as webkit from "./webkit.mjs";

export const BROWSERS = [chromium, firefox, webkit];

/** The names of the browsers to test in, where not in all. */
const CHOSEN = process.env.POLYHEAD_BROWSERS?.split(",");

/**
 * Runs a test in every browser; one that this machine lacks is reported as skipped, with the reason.
 *
 * @param {string} what
 * @param {(page: Page, browser: typeof BROWSERS[number], context: import("node:test").TestContext) => Promise<void>} walk
 * @param {(browser: typeof BROWSERS[number]) => string | undefined} [unfit] why a browser cannot show this
 * @param {{ cameraForbidden?: boolean }} [options]
 */
export function inEvery(what, walk, unfit = () => undefined, options = {}) {
  for (const browser of BROWSERS) {
    const skip = CHOSEN && !CHOSEN.includes(browser.name) ? "not one of POLYHEAD_BROWSERS" : (browser.missing() ?? unfit(browser));
    test(`${browser.name}: ${what}`, { skip, timeout: 600_000 }, async (context) => {
      const session = await browser.open(options);
      try {
        await walk(new Page(session), browser, context);
      } finally {
        await session.close();
      }
    });
  }
}

export class Page {
  #session;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  goto(url) {
    return this.#session.goto(url);
  }

  /** Runs a function in the page; it sees nothing of the test but its arguments. */
  run(body, ...values) {
    return this.#session.evaluate(`(${body})(...${JSON.stringify(values)})`);
  }

  loseCamera() {
    return this.#session.loseCamera();
  }

  /** @param {string} input an expression @param {...string} paths of files, or of a folder where the input takes one */
  choose(input, ...paths) {
    return this.#session.choose(input, ...paths);
  }
}
