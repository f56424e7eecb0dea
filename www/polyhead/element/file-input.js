/** Files from the button, a drop or a paste. */

/** @import { Template } from "./template.js" */

/**
 * @param {HTMLElement} host
 * @param {Pick<Template, "stage" | "choose" | "file">} template
 * @param {(files: File[]) => void} onFiles none if what was dropped or pasted contains no file
 */
export function watchIntake(host, { stage, choose, file }, onFiles) {
  choose.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const files = [...(file.files ?? [])];
    // The same file can be chosen again.
    file.value = "";
    if (files.length > 0) {
      onFiles(files);
    }
  });
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
