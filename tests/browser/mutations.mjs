/** Damaged images and models through the library of one page that lives on: each an answer or an error with a code. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ROOT, WWW, addBlank, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { MODULE, smallModel } from "./small.mjs";

/** One of each kind that browsers open, and one with EXIF. */
const IMAGES = ["palette.png", "grey.jpg", "orientation-6.jpg", "lossless.webp", "animated.gif", "bitmap.bmp", "modern.avif"];
/** Inputs between two looks at a good one. */
const STEP = 100;
/** Milliseconds for one input. */
const LIMIT = 30_000;
/** Outcomes that only a fault of ours can cause. */
const FAULTS = ["unknown", "worker-crashed", "worker-start", "closed", "bad-module", "download"];

/**
 * @param {{ url: string, browser: import("playwright-core").Browser }} shared
 * @param {(page: import("playwright-core").Page) => Promise<void>} walk
 */
async function withLibrary(shared, walk) {
  const model = await smallModel();
  const module = await readFile(MODULE);
  const generator = await readFile(`${ROOT}tests/mutate.mjs`);
  const extra = { "/small.wasm": { body: module }, "/small.onnx": { body: model }, "/mutate.mjs": { body: generator, type: "text/javascript" } };
  const server = await serveFolder(WWW, (path) => {
    const [, name] = path.match(/^\/images\/([\w.-]+)$/) ?? [];
    return extra[path] ?? (name ? { body: images.get(name) } : undefined);
  });
  const images = new Map(await Promise.all(IMAGES.map(async (name) => [name, await readFile(`${ROOT}tests/fixtures/images/${name}`)])));
  try {
    await withPage(
      shared,
      async (page) => {
        await page.evaluate(prepare, { names: IMAGES, limit: LIMIT });
        await walk(page);
      },
      { url: server.url, path: "blank", prepare: addBlank },
    );
  } finally {
    await server.close();
  }
}

/** Runs in the page: opens the library, and says what it makes of one input. */
async function prepare({ names, limit }) {
  const { loadClassifier, PolyheadError } = await import("/polyhead/index.js");
  const { damaged } = await import("/mutate.mjs");
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const files = await Promise.all(names.map((name) => bytes(`/images/${name}`)));
  const small = await bytes("/small.onnx");
  const options = { wasmUrl: "/small.wasm", cache: false, idleSeconds: Infinity };
  const classifier = await loadClassifier({ ...options, model: small });
  const good = new Blob([files[0]]);
  const golden = JSON.stringify((await classifier.classify(good)).labels);

  const outcome = (promise) => {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, "no answer in time")));
    return Promise.race([promise.catch(whatIsWrongWith), late]).finally(() => clearTimeout(timer));
  };
  /** Ranks an image, and looks at the answer. */
  const ranked = async (classifier, image) => {
    const ranking = await classifier.classify(image);
    const shares = ranking.labels.map(({ probability }) => probability);
    const sum = shares.reduce((a, b) => a + b, 0);
    return shares.length === classifier.labels.length && shares.every((share) => share >= 0 && share <= 1) && Math.abs(sum - 1) < 1e-3
      ? "ranked"
      : `wrong: ${JSON.stringify(ranking)}`;
  };
  const whatIsWrongWith = (error) =>
    error instanceof PolyheadError && /^[a-z][a-z-]+$/.test(error.code) && error.message.length > 10 ? error.code : `no PolyheadError: ${error}`;

  window.images = async (from, to) => {
    const found = [];
    for (let number = from; number < to; number += 1) {
      const own = number % files.length;
      // Parts come out of any, the first is damaged.
      const { kind, bytes } = damaged(number, [files[own], ...files]);
      found.push([number, `${names[own]}, ${kind}`, await outcome(ranked(classifier, new Blob([bytes])))]);
    }
    return { found, same: JSON.stringify((await classifier.classify(good)).labels) === golden };
  };
  window.models = async (from, to) => {
    const found = [];
    for (let number = from; number < to; number += 1) {
      const { kind, bytes } = damaged(number, [small, ...files]);
      found.push([number, `model, ${kind}`, await outcome(tried(bytes))]);
    }
    return { found, same: JSON.stringify((await classifier.classify(good)).labels) === golden };
  };
  const tried = async (model) => {
    const other = await loadClassifier({ ...options, model });
    try {
      return await ranked(other, good);
    } finally {
      other.close();
    }
  };
}

/** Waits until one worker is left; those that were told to end do so a little later. */
async function settled(page, when) {
  for (const end = performance.now() + LIMIT; page.workers().length !== 1; ) {
    assert.ok(performance.now() < end, `${when}: ${page.workers().length} workers`);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  }
}

/**
 * @param {import("playwright-core").Page} page
 * @param {"images" | "models"} what
 * @param {number} count
 * @param {number} step
 */
async function walk(page, what, count, step) {
  /** @type {Map<string, number>} */
  const tally = new Map();
  const wrong = [];
  const start = performance.now();
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const { found, same } = await page.evaluate(([what, from, to]) => window[what](from, to), [what, from, to]);
    for (const [number, kind, outcome] of found) {
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      if (FAULTS.includes(outcome) || /[ :]/.test(outcome)) {
        wrong.push(`${number} (${kind}): ${outcome}`);
      }
    }
    assert.ok(same, `after ${to} ${what} a good image has another answer`);
    await settled(page, `after ${to} ${what}`);
  }
  const seconds = (performance.now() - start) / 1000;
  const codes = [...tally].sort(([, a], [, b]) => b - a).map(([code, number]) => `${code} ${number}`);
  console.log(`${count} damaged ${what} in ${seconds.toFixed(0)} s: ${codes.join(", ")}`);
  assert.deepEqual(wrong, []);
  assert.equal([...tally.values()].reduce((a, b) => a + b, 0), count);
}

/** @param {Parameters<typeof withLibrary>[0]} shared @param {{ images: number, models: number }} counts */
export function mutations(shared, { images, models }) {
  return withLibrary(shared, async (page) => {
    await walk(page, "images", images, STEP);
    await walk(page, "models", models, 10);
  });
}
