/** The ways in: images or a folder dropped anywhere, chosen or pasted. */
import { watchChoice } from "./file-picker.js";
import { isField, watchDrops } from "./drop-zone.js";
import { byId } from "./dom.js";
import { filesOf, imagesOf } from "./files.js";

/** @import { Found } from "./files.js" */

/**
 * @typedef {object} Takers
 * @property {(found: Found | Promise<Found>) => void} onFiles gets nothing where what came held no file
 * @property {(address: string) => void} onAddress an address without a file; nothing was asked of it
 */

/** @param {Takers} takers */
export function watchIntake(takers) {
  watchChoice(byId("choose", HTMLButtonElement), byId("file", HTMLInputElement), (files) =>
    takers.onFiles({ images: files, others: 0 }),
  );
  const folder = byId("folder", HTMLInputElement);
  const chooseFolder = byId("choose-folder", HTMLButtonElement);
  chooseFolder.hidden = !("webkitdirectory" in folder);
  watchChoice(chooseFolder, folder, (files) => takers.onFiles(imagesOf(files)));

  document.addEventListener("paste", (event) => {
    if (event.clipboardData && !isField(event, event.clipboardData)) {
      take(event.clipboardData, takers);
    }
  });
  watchDrops((data) => take(data, takers));
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
