/** Files that are dropped anywhere on a page. */

/**
 * Text that is pasted or dropped into a field belongs to the field; a file does not.
 *
 * @param {Event} event
 * @param {DataTransfer | null} data
 */
export function isField({ target }, data) {
  return (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && !data?.types.includes("Files");
}

/** @param {(data: DataTransfer, target: EventTarget | null) => void} onDrop reads the data before it returns */
export function watchDrops(onDrop) {
  const root = document.documentElement;
  // `dragenter` of a child comes before `dragleave` of its parent.
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
  const onDropped = (/** @type {DragEvent} */ event) => {
    depth = 0;
    root.classList.remove("dropping");
    if (isField(event, event.dataTransfer)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) {
      onDrop(event.dataTransfer, event.target);
    }
  };
  // The page gets the event before the element.
  document.addEventListener("drop", onDropped, true);
}
