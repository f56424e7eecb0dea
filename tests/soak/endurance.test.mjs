/** A page that is used for a day: `POLYHEAD_CLASSIFICATIONS` and `POLYHEAD_ELEMENTS` say how much. */
import { test } from "node:test";
import { CAMERAS, useBrowser } from "../browser/browser.mjs";
import { manyClassifications, manyElements } from "../browser/endurance.mjs";

const shared = useBrowser(CAMERAS);
const classifications = Number(process.env.POLYHEAD_CLASSIFICATIONS ?? 10_000);
const elements = Number(process.env.POLYHEAD_ELEMENTS ?? 1_000);

test(`memory stays level over ${classifications} classifications`, () => manyClassifications(shared, classifications));

test(`${elements} removed elements leave no worker, track, listener or URL`, () => manyElements(shared, elements));
