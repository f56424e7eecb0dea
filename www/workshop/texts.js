/** The workshop's texts in the page's language. */
import { language, onLanguage } from "../page/language.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";

const TABLES = { en, de };

/** Another table once the language changed. */
export let texts = TABLES[language];
onLanguage(() => (texts = TABLES[language]));
