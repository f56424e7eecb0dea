/** The ways in: what is dropped, chosen or pasted goes to the step that it is for. */
import { byId } from "../page/elements.js";
import { everyFileOf, picturesOf } from "../page/files.js";

/**
 * @typedef {object} Takers
 * @property {(files: File[]) => void} models
 * @property {(files: File[]) => void} pictures
 * @property {(files: File[]) => void} evidence
 * @property {(file: File) => void} project
 * @property {(picture: File) => void} try
 */

/** @param {Takers} takers */
export function watchIntake(takers) {
  watchChoice("models-choose", "models-file", takers.models);
  watchChoice("models-choose-folder", "models-folder", takers.models);
  watchChoice("pictures-choose-folder", "pictures-folder", takers.pictures);
  watchChoice("evidence-add", "evidence-file", takers.evidence);
  watchChoice("project-open", "project-file", ([file]) => takers.project(file));
  watchChoice("choose", "file", ([file]) => takers.try(file));
  watchDrops(takers);
  document.addEventListener("paste", (event) => {
    const [picture] = picturesOf(event.clipboardData?.files ?? []).pictures;
    if (picture && !byId("try-body", HTMLElement).hidden) {
      takers.try(picture);
    }
  });
}

/**
 * @param {string} button
 * @param {string} input
 * @param {(files: File[]) => void} onFiles
 */
function watchChoice(button, input, onFiles) {
  const field = byId(input, HTMLInputElement);
  byId(button, HTMLButtonElement).addEventListener("click", () => field.click());
  field.addEventListener("change", () => {
    const files = [...(field.files ?? [])];
    // So that choosing the same files again is a change.
    field.value = "";
    if (files.length > 0) {
      onFiles(files);
    }
  });
}

/** @param {Takers} takers */
function watchDrops(takers) {
  const root = document.documentElement;
  // Entering a child comes before leaving its parent.
  let depth = 0;
  document.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    root.classList.add("dropping");
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    root.classList.toggle("dropping", depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = "copy";
    }
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    root.classList.remove("dropping");
    const shelf = event.target instanceof Element ? event.target.closest("[data-drop]")?.getAttribute("data-drop") : undefined;
    if (event.dataTransfer) {
      sort(await everyFileOf(event.dataTransfer), shelf ?? undefined, takers);
    }
  });
}

/**
 * By what the files are, whatever place they were dropped on; only a picture may be for two places.
 *
 * @param {File[]} files
 * @param {string | undefined} shelf
 * @param {Takers} takers
 */
function sort(files, shelf, takers) {
  const [first] = files;
  const { pictures } = picturesOf(files);
  if (!first) {
    return;
  }
  if (first.name.endsWith(".polyhead")) {
    takers.project(first);
  } else if (files.some(({ name }) => name.endsWith(".evidence"))) {
    takers.evidence(files);
  } else if (shelf === "try" && pictures[0]) {
    takers.try(pictures[0]);
  } else if (shelf !== "models" && pictures.length > 0) {
    takers.pictures(files);
  } else {
    takers.models(files);
  }
}
