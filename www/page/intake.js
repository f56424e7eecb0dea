/** Images or a folder, chosen, dropped anywhere or pasted. */
import { watchChoice } from "../polyhead/element/file-input.js";
import { isField, watchDrops } from "./drop-zone.js";
import { byId } from "./dom.js";
import { filesOf, imagesOf } from "./files.js";

/** @import { Found } from "./files.js" */

/**
 * @typedef {object} Takers
 * @property {(found: Found | Promise<Found>) => void} onFiles may get an empty list
 * @property {(address: string) => void} onAddress an address without a file; it is not downloaded yet
 */

/** @param {Takers} takers */
export function watchIntake({ onFiles, onAddress }) {
  const folder = byId("folder", HTMLInputElement);
  const chooseFolder = byId("choose-folder", HTMLButtonElement);
  chooseFolder.hidden = !("webkitdirectory" in folder);
  watchChoice(chooseFolder, folder, (files) => onFiles(imagesOf(files)));
  const take = (/** @type {DataTransfer} */ data) => {
    const [address] = (data.getData("text/uri-list") || data.getData("text/plain")).match(/^https?:\/\/\S+/m) ?? [];
    if (data.files.length === 0 && address) {
      onAddress(address);
    } else {
      onFiles(filesOf(data));
    }
  };
  watchPaste(take);
  watchDrops(take);
}

/** @param {(data: DataTransfer) => void} onPaste */
export function watchPaste(onPaste) {
  // The page gets the event before the element.
  document.addEventListener(
    "paste",
    (event) => {
      if (event.clipboardData && !isField(event, event.clipboardData)) {
        event.stopPropagation();
        onPaste(event.clipboardData);
      }
    },
    true,
  );
}
