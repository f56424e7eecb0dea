/** The ways in: pictures or a folder dropped anywhere, chosen or pasted. */
import { byId } from "./elements.js";
import { filesOf, picturesOf } from "./files.js";

/** @import { Found } from "./files.js" */

/**
 * @typedef {object} Takers
 * @property {(found: Found | Promise<Found>) => void} onFiles gets nothing where what came held no file
 * @property {(address: string) => void} onAddress an address without a file; nothing was asked of it
 */

/** @param {Takers} takers */
export function watchIntake(takers) {
  watchChoice(byId("choose", HTMLButtonElement), byId("file", HTMLInputElement), (files) =>
    takers.onFiles({ pictures: files, others: 0 }),
  );
  const folder = byId("folder", HTMLInputElement);
  const chooseFolder = byId("choose-folder", HTMLButtonElement);
  chooseFolder.hidden = !("webkitdirectory" in folder);
  watchChoice(chooseFolder, folder, (files) => takers.onFiles(picturesOf(files)));

  document.addEventListener("paste", (event) => {
    if (event.clipboardData && !isField(event, event.clipboardData)) {
      take(event.clipboardData, takers);
    }
  });
  watchDrops(takers);
}

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} onFiles
 */
function watchChoice(button, input, onFiles) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // So that choosing the same files again is a change.
    input.value = "";
    if (files.length > 0) {
      onFiles(files);
    }
  });
}

/**
 * @param {DataTransfer} data
 * @param {Takers} takers
 */
function take(data, { onFiles, onAddress }) {
  const [address] = (data.getData("text/uri-list") || data.getData("text/plain")).match(/^https?:\/\/\S+/m) ?? [];
  if (data.files.length === 0 && address) {
    onAddress(address);
  } else {
    onFiles(filesOf(data));
  }
}

/**
 * A text that is pasted or dropped into a field is the field's; a file is ours.
 *
 * @param {Event} event
 * @param {DataTransfer | null} data
 */
function isField({ target }, data) {
  return target instanceof HTMLInputElement && !data?.types.includes("Files");
}

/** @param {Takers} takers */
function watchDrops(takers) {
  const root = document.documentElement;
  // Entering a child comes before leaving its parent.
  let depth = 0;
  document.addEventListener("dragenter", (event) => {
    if (!isField(event, event.dataTransfer)) {
      event.preventDefault();
    }
    depth += 1;
    root.classList.add("dropping");
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    root.classList.toggle("dropping", depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (isField(event, event.dataTransfer)) {
      return;
    }
    event.preventDefault();
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = "copy";
    }
  });
  document.addEventListener("drop", (event) => {
    depth = 0;
    root.classList.remove("dropping");
    if (isField(event, event.dataTransfer)) {
      return;
    }
    event.preventDefault();
    if (event.dataTransfer) {
      take(event.dataTransfer, takers);
    }
  });
}
