/** Some damaged images and models; `tests/soak` has more of them. */
import { useBrowser } from "./browser.mjs";
import { mutations } from "./mutations.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

test("every damaged image and model gives a result or an error with a code, and the page keeps working", { timeout: 300_000 }, () =>
  mutations(shared, { images: 500, models: 30 }));
