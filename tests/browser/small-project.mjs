/** The workshop's sample project with models of a few kilobytes, for tests that are not about what models say. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { before } from "node:test";
import { fileURLToPath } from "node:url";
import { png } from "./images.mjs";
import { inFolder } from "./small.mjs";

const FOLDER = fileURLToPath(new URL("sample/", import.meta.url));
const HEADS = ["trash", "clothes"];
const IMAGES_A_LABEL = 12;
const SIDE = 24;

/** A user's files of it: those of both models. */
export const MODELS = HEADS.flatMap((name) => [".onnx", ".labels.txt", ".preprocess.json"].map((kind) => `${FOLDER}${name}${kind}`));

/** The evidence of images of every label, each label of a colour of its own. */
function evidence() {
  return inFolder(async (folder, run) => {
    run("merge", ...HEADS.map((name) => `${FOLDER}${name}.onnx`), "-o", "merged.onnx");
    const labels = (await Promise.all(HEADS.map((name) => readFile(`${FOLDER}${name}.labels.txt`, "utf8")))).join("").trim().split("\n");
    for (const [index, label] of labels.entries()) {
      await mkdir(`${folder}/images/${label}`, { recursive: true });
      for (let image = 0; image < IMAGES_A_LABEL; image += 1) {
        const pixels = (x, y) => [25 * index + 3 * image + x, 255 - 20 * index + 2 * y, x * y + 7 * image * index].map((value) => value % 256);
        await writeFile(`${folder}/images/${label}/${image}.png`, png(SIDE, SIDE, 3, pixels));
      }
    }
    run("evidence", "merged.onnx", "--images", "images", "--no-cache", "-o", "demo.evidence");
    return readFile(`${folder}/demo.evidence`);
  });
}

/** For all tests of a file: gives the page the small project where it asks for the sample project. */
export function useSmallProject() {
  let made;
  before(async () => {
    made = await evidence();
  });
  return (page) =>
    page.context().route("**/pkg/sample/*", (route) => {
      const name = route.request().url().split("/").at(-1);
      return name === "demo.evidence" ? route.fulfill({ body: made }) : route.fulfill({ path: FOLDER + name });
    });
}
