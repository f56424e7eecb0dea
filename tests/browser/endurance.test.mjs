/** A page that is used for a while; `tests/soak` uses it for longer. */
import { CAMERAS, useBrowser } from "./browser.mjs";
import { manyClassifications, manyElements } from "./endurance.mjs";
import { test } from "./test.mjs";

const shared = useBrowser(CAMERAS);

test("memory stays level over hundreds of classifications", () => manyClassifications(shared, 300));

test("removed elements leave no worker, track, listener or URL", () => manyElements(shared, 30));
