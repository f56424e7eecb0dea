/** Damaged images and models, many: `POLYHEAD_IMAGES` and `POLYHEAD_MODELS` say how many. */
import { test } from "node:test";
import { useBrowser } from "../browser/browser.mjs";
import { mutations } from "../browser/mutations.mjs";

const shared = useBrowser();
const images = Number(process.env.POLYHEAD_IMAGES ?? 20_000);
const models = Number(process.env.POLYHEAD_MODELS ?? 1_000);

test(`${images} damaged images and ${models} damaged models give results or errors with a code, and the page keeps working`, () =>
  mutations(shared, { images, models }));
