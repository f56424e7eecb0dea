/** A button that lets a person choose files. */

/**
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
