/** Ways in for an image file: the button, a drop, a paste. */

/** @import { Template } from "./template.js" */

/**
 * @param {HTMLElement} host
 * @param {Pick<Template, "stage" | "choose" | "file">} template
 * @param {(image: File | undefined) => void} onImage nothing where what came in holds no file
 */
export function watchIntake(host, { stage, choose, file }, onImage) {
  choose.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [image] = file.files ?? [];
    if (image) {
      onImage(image);
    }
    // The same file can be chosen again.
    file.value = "";
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
      onImage(imageOf(event.dataTransfer));
    }
  });
  host.addEventListener("paste", (event) => {
    if (event.clipboardData?.types.includes("Files")) {
      event.preventDefault();
      onImage(imageOf(event.clipboardData));
    }
  });
}

/**
 * An image, else any file: the classifier says what it is instead.
 *
 * @param {DataTransfer} transfer
 */
function imageOf({ files }) {
  return [...files].find(({ type }) => type.startsWith("image/")) ?? files[0];
}
