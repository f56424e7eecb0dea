/** Files from the button, by drop or by paste. */

/** @import { Template } from "./template.js" */

/**
 * A button for choosing files.
 *
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} onFiles one or more
 */
export function watchChoice(button, input, onFiles) {
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
 * @param {HTMLElement} host
 * @param {Pick<Template, "stage" | "choose" | "file">} template
 * @param {(files: File[]) => void} onFiles an empty list if the dropped or pasted data contains no file
 */
export function watchIntake(host, { stage, choose, file }, onFiles) {
  watchChoice(choose, file, onFiles);
  host.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
      stage.classList.add("over");
    }
  });
  host.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !host.contains(event.relatedTarget)) {
      stage.classList.remove("over");
    }
  });
  host.addEventListener("drop", (event) => {
    stage.classList.remove("over");
    if (event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
      onFiles([...event.dataTransfer.files]);
    }
  });
  host.addEventListener("paste", (event) => {
    if (event.clipboardData?.types.includes("Files")) {
      event.preventDefault();
      onFiles([...event.clipboardData.files]);
    }
  });
}
