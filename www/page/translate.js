/** Fills in the page's texts before its other scripts are loaded. */
import { fillPage } from "./static-texts.js";
import { texts } from "./texts.js";

fillPage(() => texts);
