/** The page's texts in its language. */
import { language, onLanguage } from "./language.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";

const TABLES = { en, de };

/** Replaced when the language changes. */
export let texts = TABLES[language];
onLanguage(() => (texts = TABLES[language]));
