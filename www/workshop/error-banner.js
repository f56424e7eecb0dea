/** What went wrong, at the place where it did. */
import { byId, make } from "../page/dom.js";

/** @typedef {"project" | "models" | "images" | "comparable" | "evidence" | "fit" | "take"} Place */

/** What the workshop's own errors mean for a person, where the text alone is not enough. @type {Record<string, string>} */
const WORDS = {
  "camera-denied": "The camera is not allowed on this page.",
  "camera-none": "No camera was found.",
  "camera-lost": "The camera is gone.",
  "worker-crashed": "The workshop stopped unexpectedly. What you gave it is still here; it starts anew.",
  "worker-start": "The workshop could not be started.",
  "out-of-memory": "There was not enough memory for that.",
  download: "The workshop could not be downloaded.",
};

/**
 * @param {Place} place
 * @param {unknown} error nothing takes away what stands there
 * @param {{ words?: string, remedy?: Node }} [more] one sentence before the facts; what puts it right
 */
export function showError(place, error, { words, remedy } = {}) {
  const alert = byId(`alert-${place}`, HTMLElement);
  if (error === undefined) {
    alert.replaceChildren();
    return;
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    return;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  alert.replaceChildren(
    make("p", "alert-words", words ?? WORDS[code] ?? "That did not work."),
    make("p", "alert-detail", message),
    ...(remedy ? [remedy] : []),
  );
}
