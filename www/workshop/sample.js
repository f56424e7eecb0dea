/** The sample project: the demo's two exports, drawn images, the evidence of their training. */
import { fetchFile } from "../polyhead/download.js";

/** @import { WorkshopFile } from "../pkg/workshop.js" */

const WWW = new URL("../", import.meta.url);
const MODELS = ["trash", "clothes"];
const BESIDE = [".onnx", ".labels.txt", ".preprocess.json"];
const IMAGES = {
  "cardboard-box.png": "cardboard",
  "glass-bottle.png": "glass",
  "metal-can.png": "metal",
  "newspaper.png": "paper",
  "plastic-bottle.png": "plastic",
  "shirt.png": "shirt",
  "skirt.png": "skirt",
  "t-shirt.png": "t-shirt",
};
const EVIDENCE = "demo.evidence";

/** @returns {Promise<{ models: WorkshopFile[][], images: { label: string, image: File }[], evidence: File }>} */
export async function sampleProject() {
  const [models, images, evidence] = await Promise.all([
    Promise.all(
      MODELS.map((name) =>
        Promise.all(BESIDE.map(async (kind) => ({ path: name + kind, content: await fetched(`pkg/sample/${name}${kind}`) }))),
      ),
    ),
    Promise.all(
      Object.entries(IMAGES).map(async ([file, label]) => ({ label, image: await fetched(`samples/${file}`, "image/png") })),
    ),
    fetched(`pkg/sample/${EVIDENCE}`),
  ]);
  return { models, images, evidence };
}

/**
 * @param {string} path
 * @param {string} [type]
 */
async function fetched(path, type = "application/octet-stream") {
  return new File([await fetchFile(new URL(path, WWW).href)], path.split("/").at(-1) ?? path, { type });
}
