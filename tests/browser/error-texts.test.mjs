/** Words for error codes: every code of the core, the library and the pages has them, in English and German. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { errors as de } from "../../www/polyhead/texts/errors-de.js";
import { errors as en } from "../../www/polyhead/texts/errors-en.js";
import { ROOT, WWW } from "./browser.mjs";
import { test } from "./test.mjs";

const found = (text, pattern) => [...text.matchAll(pattern)].map(([, code]) => code);

/** The codes of `ErrorKind::code()`. */
async function coreCodes() {
  const source = await readFile(`${ROOT}src/error/code.rs`, "utf8");
  const [, body] = source.match(/fn code\(&self\) -> &'static str \{\n\s*use ErrorKind::\*;(.*?)\n {4}\}/s);
  return found(body, /=> "([a-z0-9-]+)",/g);
}

/** The codes that JavaScript makes: of errors, of failures told by a worker, of the camera and of missing features. */
async function scriptCodes() {
  const files = (await readdir(WWW, { recursive: true })).filter((file) => file.endsWith(".js") && !file.startsWith("pkg"));
  const sources = await Promise.all(files.map((file) => readFile(`${WWW}/${file}`, "utf8")));
  return sources.flatMap((source) => [
    ...found(source, /new (?:Polyhead|Workshop)Error\(\s*"([a-z-]+)"/g),
    ...found(source, /\bcode: "([a-z-]+)"/g),
    ...found(source, /\bmissing\("([a-z-]+)"/g),
    ...found(source, /"((?:camera-(?:denied|none|busy|insecure|lost|failed))|(?:worker-(?:crashed|start))|image-missing)"/g),
  ]);
}

test("every code has a text in both languages, and every text has a code", async () => {
  const [core, script] = [await coreCodes(), await scriptCodes()];
  assert.ok(core.length > 60, `${core.length} codes in src/error/code.rs`);
  assert.ok(script.length > 20, `${script.length} codes in www`);
  const codes = [...new Set([...core, ...script])].sort();
  assert.deepEqual(Object.keys(en).sort(), codes);
  assert.deepEqual(Object.keys(de), Object.keys(en));
});

test("the texts are sentences, and German ones differ from English ones", () => {
  for (const [code, text] of [...Object.entries(en), ...Object.entries(de)]) {
    assert.match(text, /^[A-ZÄÖÜ].*\.$/, code);
    assert.doesNotMatch(text, /\bpicture\b|--/, code);
  }
  assert.deepEqual(Object.keys(en).filter((code) => en[code] === de[code]), []);
});
