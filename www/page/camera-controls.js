/** The page's controls for a running camera: front or rear, smoothing. */
import { listen } from "./classifier-element.js";
import { byId } from "./dom.js";

/** @import { PolyheadClassifier } from "../polyhead/element/element.js" */

/** @param {PolyheadClassifier} element */
export function watchCameraControls(element) {
  const turn = byId("camera-turn", HTMLButtonElement);
  const smooth = byId("camera-smooth", HTMLInputElement);
  let mirrored = false;
  listen(element, "camera", (camera) => {
    mirrored = camera.mirrored;
    byId("camera-controls", HTMLElement).hidden = camera.state === "off";
    turn.hidden = camera.devices.length < 2;
  });
  turn.addEventListener("click", () => {
    const facing = mirrored ? "environment" : "user";
    if (element.facingMode === facing) {
      // Another camera was picked from the list in the meantime.
      element.startCamera().catch(() => {});
    }
    element.facingMode = facing;
  });
  smooth.addEventListener("change", () => (element.smoothing = smooth.checked ? "on" : "off"));
}
