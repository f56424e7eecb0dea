/** For everybody: what axe-core finds with an image or a list. */
import { testStates } from "./axe.mjs";
import { WWW, choose, rankingAfter, ready, useBrowser } from "./browser.mjs";
import { file } from "./images.mjs";

const shared = useBrowser();
const images = ["glass-bottle", "skirt", "metal-can"].map((name) => `${WWW}/samples/${name}.png`);
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
  "with a list": async (page) => {
    await page.setInputFiles("#classifier input[accept]", [...images, `${WWW}/samples/samples.json`]);
    await page.waitForSelector(".failed");
    await page.waitForSelector("#batch-cancel", { state: "hidden" });
  },
};

testStates(shared, STATES);
