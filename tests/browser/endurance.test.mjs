/** A page that is used for a while; `tests/soak` uses it for longer. */
import { CAMERAS, useBrowser } from "./browser.mjs";
import { manyClassifications, manyElements } from "./endurance.mjs";
import { test } from "./test.mjs";

const shared = useBrowser(CAMERAS);

test("memory stays level over hundreds of classifications", () => manyClassifications(shared, 300));

test("elements that come and go leave no worker, track, listener or address", () => manyElements(shared, 30));
