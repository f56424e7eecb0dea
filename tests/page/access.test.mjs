/** For everybody: what axe-core finds in the states of one image. */
import { testStates } from "./axe.mjs";
import { choose, rankingAfter, ready, useBrowser } from "./browser.mjs";
import { file } from "./images.mjs";

const shared = useBrowser();
const broken = file("broken.jpg", Buffer.from("no image"));

const STATES = {
  "before any image": async (page) => ready(page),
  "with a ranking": async (page) => rankingAfter(page, () => page.click(".sample")),
  "with a map": async (page) => {
    await rankingAfter(page, () => page.click(".sample"));
    await page.click("#why-switch");
    await page.waitForSelector("#activation-map:not([hidden])");
  },
  "with raw scores": async (page) => {
    await rankingAfter(page, () => page.click(".sample"));
    await page.check("input[value=raw]");
  },
  "with an error": async (page) => {
    await choose(page, broken);
    await page.waitForSelector('[part="error-text"]');
  },
};

testStates(shared, STATES);
