/** Fills in the workshop's texts before its other scripts are loaded. */
import { fillPage } from "../page/static-texts.js";
import { texts } from "./texts.js";

fillPage(() => texts);
