/** The ways in: a picture dropped anywhere, chosen or pasted. */
import { byId } from "./elements.js";

/**
 * @param {(picture: File | undefined) => void} onPicture gets nothing where what came held no file
 */
export function watchIntake(onPicture) {
  const input = byId("file", HTMLInputElement);
  byId("choose", HTMLButtonElement).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    // So that choosing the same file again is a change.
    input.value = "";
    if (file) {
      onPicture(file);
    }
  });

  document.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (data) {
      onPicture(data.files[0]);
    }
  });

  watchDrops(onPicture);
}

/** @param {(picture: File | undefined) => void} onPicture */
function watchDrops(onPicture) {
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
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    root.classList.remove("dropping");
    onPicture(event.dataTransfer?.files[0]);
  });
}
