/** The camera on the stage: started by a click, ranked frame by frame until it is stopped or an image takes its place. */
import { Camera, Smoothing } from "../polyhead/camera/camera.js";
import { byId, make } from "./dom.js";
import { onLanguage } from "./language.js";
import { texts } from "./texts.js";

/**
 * @import { Wanted } from "../polyhead/camera/stream.js"
 * @import { Ranking } from "../polyhead/types.js"
 *
 * @typedef {object} Takers
 * @property {() => void} onStart the stage is the camera's now
 * @property {(video: HTMLVideoElement) => Promise<Ranking>} rank
 * @property {(ranking: Ranking, frameMilliseconds?: number) => void} onRanking
 * @property {(image: Promise<Blob> | undefined) => void} onStop the last frame, if there was one
 * @property {(error: unknown, again: () => void) => void} onError the camera is off
 */

const stage = byId("stage", HTMLElement);
const video = byId("camera", HTMLVideoElement);
const button = byId("camera-switch", HTMLButtonElement);
const controls = byId("camera-controls", HTMLElement);
const choice = byId("camera-choice", HTMLElement);
const devices = byId("camera-device", HTMLSelectElement);
const turn = byId("camera-turn", HTMLButtonElement);
const steady = byId("camera-steady", HTMLInputElement);

/**
 * @param {Takers} takers
 * @returns {() => void} stops it, for something else to come onto the stage
 */
export function watchCamera({ onStart, rank, onRanking, onStop, onError }) {
  const smoothing = new Smoothing();
  let on = false;

  const camera = new Camera(video, {
    onFrame: async (frame, frameMilliseconds) => {
      const ranking = await rank(frame);
      if (on) {
        onRanking(steady.checked ? smoothing.add(ranking) : ranking, frameMilliseconds);
      }
    },
    onChange: show,
    onError: (error) => fail(error),
  });

  /** @param {Wanted} [wanted] */
  async function start(wanted) {
    on = true;
    smoothing.reset();
    onStart();
    try {
      await camera.start(wanted);
    } catch (error) {
      fail(error, wanted);
    }
  }

  function stop() {
    on = false;
    camera.stop();
    show();
  }

  /**
   * @param {unknown} error
   * @param {Wanted} [wanted]
   */
  function fail(error, wanted) {
    stop();
    onError(error, () => start(wanted));
  }

  function show() {
    button.textContent = on ? texts.stopCamera : texts.startCamera;
    controls.hidden = !on;
    video.hidden = !on;
    video.classList.toggle("mirrored", camera.mirrored);
    if (on) {
      stage.classList.add("filled");
    }
    choice.hidden = turn.hidden = camera.devices.length < 2;
    devices.replaceChildren(...camera.devices.map(({ id, label }) => option(id, label)));
    devices.value = camera.deviceId ?? "";
  }

  onLanguage(show);
  show();
  button.addEventListener("click", () => {
    if (on) {
      const last = still();
      stop();
      onStop(last);
    } else {
      start();
    }
  });
  devices.addEventListener("change", () => start({ deviceId: devices.value }));
  turn.addEventListener("click", () => start({ facing: camera.mirrored ? "environment" : "user" }));
  steady.addEventListener("change", () => smoothing.reset());
  return () => {
    if (on) {
      stop();
    }
  };
}

/**
 * @param {string} value
 * @param {string} text
 */
function option(value, text) {
  const made = make("option", "", text);
  made.value = value;
  return made;
}

/** The frame that is seen, as an image of its own. */
function still() {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0) {
    return undefined;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return canvas.convertToBlob().then((blob) => new File([blob], texts.fromCamera, { type: blob.type }));
}
