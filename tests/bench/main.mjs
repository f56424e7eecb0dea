/** Measures Polyhead against other runners, in one browser and natively; `--help` says how it is asked. */
import { mkdir } from "node:fs/promises";
import { startBrowser } from "./browser.mjs";
import { bundle, BUNDLED } from "./bundle.mjs";
import { makeModels } from "./models.mjs";
import { readOptions, ROOT } from "./options.mjs";
