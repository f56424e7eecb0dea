/** Damaged pictures and models, many: `POLYHEAD_PICTURES` and `POLYHEAD_MODELS` say how many. */
import { test } from "node:test";
import { useBrowser } from "../page/browser.mjs";
import { mutations } from "../page/mutations.mjs";

const shared = useBrowser();
const pictures = Number(process.env.POLYHEAD_PICTURES ?? 20_000);
const models = Number(process.env.POLYHEAD_MODELS ?? 1_000);

test(`${pictures} damaged pictures and ${models} damaged models give answers or errors with a code, and the page lives on`, () =>
  mutations(shared, { pictures, models }));
