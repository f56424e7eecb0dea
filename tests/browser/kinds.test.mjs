/** Every kind of image file: the page ranks it as the command line does. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { DEMO, POLYHEAD, ROOT, choose, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const FOLDER = `${ROOT}tests/fixtures/images/`;
const images = JSON.parse(await readFile(`${FOLDER}images.json`, "utf8"));

/** Of the same pixels. */
const EXACT = 1e-4;
/** Of the same file through two decoders of a lossy format, which may differ by a grey level. */
const LOSSY = 0.05;
/**
 * The tolerance between two decoders of a lossless file, which may round differently: 16 bits to 8, a translucent
 * colour on white.
 */
const ROUNDED = 0.01;

/** @param {{ file: string }} image */
function bound({ file }) {
  if (/\.(jpg|avif)$|^(animated|alpha)\.webp$/.test(file)) {
    return LOSSY;
  }
  return /16-bit|alpha/.test(file) ? ROUNDED : EXACT;
}

/** The command line's probabilities by label, most probable first. */
async function native(files) {
  const paths = files.map((file) => FOLDER + file);
  const { stdout } = await promisify(execFile)(POLYHEAD, ["classify", DEMO, ...paths, "--json"]);
  return new Map(JSON.parse(stdout).map(({ labels }, index) => [files[index], labels]));
}

function largestDifference(one, other) {
  return Math.max(
    ...one.map(({ label, probability }) => Math.abs(probability - other.find((row) => row.label === label).probability)),
  );
}

test("every kind of image has the same ranking in the page and the command line", () =>
  withPage(shared, async (page) => {
    const expected = await native([...new Set(images.map(({ file, native }) => native ?? file))]);
    const wrong = [];
    const found = new Map();
    for (const image of images) {
      const { file } = image;
      const ranking = await rankingAfter(page, () => choose(page, FOLDER + file));
      found.set(file, ranking);
      const other = expected.get(image.native ?? file);
      const apart = largestDifference(ranking, other);
      if (apart > bound(image) || ranking[0].label !== other[0].label) {
        wrong.push(`${file}: ${apart} apart, ${ranking[0].label} and ${other[0].label}`);
      }
    }
    assert.deepEqual(wrong, []);
    for (const { file, upright } of images.filter(({ upright }) => upright)) {
      const apart = largestDifference(found.get(file), found.get(upright));
      assert.ok(apart <= (file.endsWith(".png") ? EXACT : LOSSY), `${file}: ${apart} from upright`);
    }
  }));

test("the command line reports that it cannot open AVIF", async () => {
  await assert.rejects(native(["modern.avif"]), /expected a PNG, JPEG, WebP, GIF or BMP image, found an AVIF image/);
});
