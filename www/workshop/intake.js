/** Files that are dropped, chosen or pasted, for the step that uses them. */
import { watchDrops } from "../page/drop-zone.js";
import { byId } from "../page/dom.js";
import { everyFileOf, imagesOf } from "../page/files.js";
import { watchPaste } from "../page/intake.js";
import { watchChoice } from "../polyhead/element/file-input.js";

/**
 * @typedef {object} Takers
 * @property {(files: File[]) => void} models
 * @property {(files: File[]) => void} images
 * @property {(files: File[]) => void} evidence
 * @property {(file: File) => void} project
 * @property {(image: File) => void} try
 */

/** @param {Takers} takers */
export function watchIntake(takers) {
  /** @type {(button: string, input: string, onFiles: (files: File[]) => void) => void} */
  const choice = (button, input, onFiles) => watchChoice(byId(button, HTMLButtonElement), byId(input, HTMLInputElement), onFiles);
  choice("models-choose", "models-file", takers.models);
  choice("models-choose-folder", "models-folder", takers.models);
  choice("images-choose-folder", "images-folder", takers.images);
  choice("evidence-add", "evidence-file", takers.evidence);
  choice("project-open", "project-file", ([file]) => takers.project(file));
  // By the kind of the files, wherever they were dropped; only images can be for two places.
  watchDrops(async (data, target) => {
    const shelf = target instanceof Element ? target.closest("[data-drop]")?.getAttribute("data-drop") : undefined;
    const files = await everyFileOf(data);
    const [first] = files;
    const { images } = imagesOf(files);
    if (first?.name.endsWith(".polyhead")) {
      takers.project(first);
    } else if (files.some(({ name }) => name.endsWith(".evidence"))) {
      takers.evidence(files);
    } else if (shelf === "try" && images[0]) {
      takers.try(images[0]);
    } else if (shelf !== "models" && images.length > 0) {
      takers.images(files);
    } else if (first) {
      takers.models(files);
    }
  });
  watchPaste(({ files }) => {
    const [image] = imagesOf(files).images;
    if (image && !byId("try-body", HTMLElement).hidden) {
      takers.try(image);
    }
  });
}
