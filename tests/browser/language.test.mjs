/** The page and the workshop in English and German: complete tables, the browser's language, the switch, numbers. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { errors as germanErrors } from "../../www/polyhead/texts/errors-de.js";
import { de as pageDe } from "../../www/page/texts/de.js";
import { en as pageEn } from "../../www/page/texts/en.js";
import { de as workshopDe } from "../../www/workshop/texts/de.js";
import { en as workshopEn } from "../../www/workshop/texts/en.js";
import { WWW, headline, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { file } from "./images.mjs";
import { MODELS, useSmallProject } from "./small-project.mjs";
import { joined, looked, reported } from "./workshop-steps.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const withSmallProject = useSmallProject();
const german = { locale: "de-AT" };
const images = ["glass-bottle", "skirt"].map((name) => `${WWW}/samples/${name}.png`);

/** A fact whose values tell their names, and how they are shown: as they are. */
const told = (name) => new Proxy({}, { get: (_, inner) => (inner === Symbol.toPrimitive ? () => `«${name}»` : told(String(inner).replaceAll("-", "_"))) });
const FACT = told("fact");
const SHOW = new Proxy({}, { get: () => (value) => value });

/** The texts of a table and of the tables in it, functions called with values that tell; those of an inner table are of facts. */
const said = (table, values = ["«1»", "«2»", "«3»", "«4»"]) =>
  Object.fromEntries(
    Object.entries(table).flatMap(([key, text]) => {
      if (typeof text === "object" && !Array.isArray(text)) {
        return Object.entries(said(text, [FACT, SHOW])).map(([inner, words]) => [`${key}.${inner}`, words]);
      }
      return [[key, typeof text === "function" ? text(...values) : JSON.stringify(text)]];
    }),
  );

for (const [surface, en, de] of [["page", pageEn, pageDe], ["workshop", workshopEn, workshopDe]]) {
  test(`${surface}: German has every text, with the same values in it`, () => {
    const [english, deutsch] = [said(en), said(de)];
    assert.deepEqual(Object.keys(deutsch), Object.keys(english));
    const values = (text) => [...text.matchAll(/«\w+»/g)].map(String).sort();
    for (const key of Object.keys(english)) {
      assert.deepEqual(values(deutsch[key]), values(english[key]), key);
    }
    const same = Object.keys(english).filter((key) => english[key] === deutsch[key]);
    assert.deepEqual(same, surface === "page" ? [] : ["demoLink", "labels", "label", "inPython"]);
  });
}

test("every key in the HTML has a text, and every text is used", async () => {
  const sources = async (folder) => {
    const files = (await readdir(`${WWW}/${folder}`)).filter((name) => name.endsWith(".js"));
    return (await Promise.all(files.map((name) => readFile(`${WWW}/${folder}/${name}`, "utf8")))).join("\n");
  };
  const keysIn = (text) => [...text.matchAll(/data-(?:text|label)="(\w+)"|"data-text", "(\w+)"|invite\("(\w+)"\)/g)].map(([, ...keys]) => keys.find(Boolean));
  const usedIn = (text) => [...keysIn(text), ...[...text.matchAll(/\btexts\.(\w+)/g)].map(([, key]) => key)];
  const [page, workshop] = [await readFile(`${WWW}/index.html`, "utf8"), await readFile(`${WWW}/workshop.html`, "utf8")];
  const pageScripts = (await sources("page")) + (await readFile(`${WWW}/page.js`, "utf8"));
  for (const key of [...keysIn(page), ...keysIn(pageScripts)]) {
    assert.equal(typeof pageEn[key], "string", key);
  }
  for (const key of keysIn(workshop)) {
    assert.equal(typeof { ...pageEn, ...workshopEn }[key], "string", key);
  }
  assert.deepEqual(Object.keys(pageEn).filter((key) => !usedIn(page + pageScripts).includes(key)), []);
  const workshopScripts = await sources("workshop");
  assert.deepEqual(Object.keys(workshopEn).filter((key) => !usedIn(workshop + workshopScripts).includes(key)), []);
});

const heading = (page) => page.textContent("h1");

test("the page uses the browser's language from the first text on, also for numbers", () =>
  withPage(
    shared,
    async (page) => {
      assert.equal(await page.getAttribute("html", "lang"), "de");
      assert.equal(await heading(page), pageDe.heading);
      assert.equal(await page.title(), pageDe.title);
      assert.deepEqual(await page.evaluate(() => window.headings), [pageDe.heading], "another text was shown before");
      const [{ percent }] = await rankingAfter(page, () => page.click('[data-file="skirt.png"]'));
      assert.match(percent, /^(> )?\d+,\d\u00a0%$/);
      assert.match(await page.textContent('[part="time"]'), /^\d+ ms$/);
      await page.click("label:has(input[value=raw])");
      assert.match(await page.textContent("#raw data"), /^−?\d+,\d\d$/);
      await page.setInputFiles("#classifier input[accept]", file("broken.jpg", Buffer.from("no image")));
      await page.waitForSelector('[part="error-text"]');
      assert.equal(await page.textContent('[part="error-text"]'), germanErrors["not-an-image"]);
      assert.equal(await page.getAttribute('[part="error-detail"]', "lang"), "en");
    },
    {
      context: german,
      init: () => {
        window.headings = [];
        new MutationObserver(() => {
          const text = document.querySelector("h1")?.textContent;
          if (text && text !== window.headings.at(-1)) {
            window.headings.push(text);
          }
        }).observe(document, { subtree: true, childList: true, characterData: true });
      },
    },
  ));

test("the language switch changes all visible texts, keeps the content, and is remembered", () =>
  withPage(shared, async (page) => {
    assert.equal(await heading(page), pageEn.heading);
    await rankingAfter(page, () => page.click('[data-file="skirt.png"]'));
    await page.setInputFiles("#classifier input[accept]", images);
    await page.waitForFunction(() => document.querySelectorAll(".batch-list li").length === 2);
    const label = await headline(page);
    await page.click(".language");
    assert.equal(await page.getAttribute("html", "lang"), "de");
    assert.equal(await page.evaluate(() => document.activeElement.className), "language");
    assert.equal(await heading(page), pageDe.heading);
    assert.equal(await headline(page), label);
    assert.equal(await page.textContent("#batch-count"), pageDe.rankedOf("2", "2"));
    assert.match(await page.textContent(".row-facts"), /\d\u00a0%$/);
    assert.match(await page.textContent("#card-body"), /Vorverarbeitung/);
    assert.match(await page.textContent("#scale-words"), /alibriert: /);
    await page.reload();
    assert.equal(await heading(page), pageDe.heading);
    await page.goto(`${shared.url}workshop.html`);
    assert.equal(await heading(page), workshopDe.heading);
    await page.click(".language");
    assert.equal(await heading(page), workshopEn.heading);
  }));

test("without storage, or with an invalid entry, the language lasts until the page is closed", () =>
  withPage(
    shared,
    async (page) => {
      await page.click(".language");
      assert.equal(await heading(page), pageDe.heading);
    },
    {
      init: () =>
        Object.defineProperty(window, "localStorage", {
          get() {
            throw new DOMException("denied", "SecurityError");
          },
        }),
    },
  ));

test("the workshop in German: its steps, and the switch in the middle of a project", () =>
  withPage(
    shared,
    async (page) => {
      assert.equal(await heading(page), workshopDe.heading);
      await page.setInputFiles("#models-file", MODELS);
      await joined(page);
      await page.evaluate(() => (document.getElementById("images-file").dataset.label = "glass"));
      await page.setInputFiles("#images-file", images[0]);
      await looked(page, "1 von 1 Bild verarbeitet");
      await reported(page);
      assert.equal(await page.textContent("#state-images"), "1");
      assert.equal(await page.getAttribute("#report .verdict", "lang"), "de");
      assert.match(await page.textContent("#report .warnings"), /Kein Bild zu /);
      assert.match(await page.textContent("#joined-words"), /teilen sich (> )?\d+\u00a0% des Rechenaufwands/);
      await page.click(".language");
      await looked(page, "1 of 1 image processed");
      await page.waitForFunction(() => /share (> )?\d+% of the work/.test(document.getElementById("joined-words").textContent));
      assert.equal(await page.$$eval(".thumb", (thumbs) => thumbs.length), 1);
      await reported(page);
      assert.match(await page.textContent("#report .warnings"), /No image of /);
      assert.equal(await page.textContent(".model header button:last-child"), workshopEn.remove);
    },
    { path: "workshop.html", context: german, prepare: withSmallProject },
  ));
