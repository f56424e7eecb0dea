/** The reason why there is no camera, with the remedy. */
import { PolyheadError } from "../error.js";

/** By the name of the error of `getUserMedia`. @type {Record<string, keyof typeof REFUSALS>} */
const BY_NAME = {
  NotAllowedError: "camera-denied",
  PermissionDeniedError: "camera-denied",
  NotFoundError: "camera-none",
  OverconstrainedError: "camera-none",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
  SecurityError: "camera-insecure",
};

const REFUSALS = {
  "camera-denied":
    "camera: expected permission, found a refusal; allow the camera for this page in the address bar, and in the system's settings",
  "camera-none": "camera: expected one, found none that fits; connect a camera, or choose another",
  "camera-busy": "camera: expected an image from it, found it busy; close other programs that use it, then try again",
  "camera-insecure": "camera: expected a secure page, found one that browsers give no camera; open the page over https",
  "camera-lost": "camera: expected it to go on, found it gone; connect it again, then start it",
  "camera-failed": "camera: expected it to start, found another error; try again",
};

/** @param {keyof typeof REFUSALS} code */
export function refusal(code) {
  return new PolyheadError(code, REFUSALS[code]);
}

/**
 * @param {unknown} thrown by `getUserMedia` or `play`
 * @returns {PolyheadError}
 */
export function refusalOf(thrown) {
  if (thrown instanceof PolyheadError) {
    return thrown;
  }
  return refusal(thrown instanceof Error && BY_NAME[thrown.name] || "camera-failed");
}
