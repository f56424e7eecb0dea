/** The workshop's texts in the page's language, and those that it shares with the demo page. */
import { language, onLanguage } from "../page/language.js";
import { texts as shared } from "../page/texts.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";

const table = () => ({ ...shared, ...{ en, de }[language] });

/** Replaced when the language changes. */
export let texts = table();
onLanguage(() => (texts = table()));
