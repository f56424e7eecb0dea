/** Adds frames of the camera to a label while a button is held. */
import { Camera } from "../polyhead/camera/camera.js";
import { byId, tell } from "../page/dom.js";
import { brief } from "../page/display-name.js";
import { showError } from "./error-banner.js";
import { option } from "./form.js";
import { texts } from "./texts.js";

/** Milliseconds between recorded frames: closer ones show the same. */
const PACE = 250;

const panel = byId("recorder", HTMLElement);
const video = byId("recorder-video", HTMLVideoElement);
const open = byId("images-camera", HTMLButtonElement);
const hold = byId("recorder-hold", HTMLButtonElement);
const label = byId("recorder-label", HTMLSelectElement);
const choice = byId("recorder-choice", HTMLElement);
const devices = byId("recorder-device", HTMLSelectElement);
const words = byId("recorder-words", HTMLElement);

/** @param {(image: File, label: string) => void} onImage */
export function watchRecorder(onImage) {
  let held = false;
  let last = 0;
  let kept = 0;
  let frames = 0;

  const camera = new Camera(video, {
    onFrame: async () => {
      if (held && performance.now() - last >= PACE) {
        await keep();
      }
    },
    onChange: show,
    onError: (error) => close(error),
  });

  async function keep() {
    last = performance.now();
    const { videoWidth: width, videoHeight: height } = video;
    if (width > 0) {
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext("2d")?.drawImage(video, 0, 0);
      const image = await canvas.convertToBlob();
      kept += 1;
      frames += 1;
      onImage(new File([image], `camera ${String(frames).padStart(4, "0")}.png`, { type: image.type }), label.value);
      tell(words, texts.recorded(kept, brief(label.value)));
    }
  }

  function press() {
    if (!held && !hold.disabled) {
      held = true;
      kept = 0;
      last = 0;
      hold.classList.add("held");
    }
  }

  function release() {
    held = false;
    hold.classList.remove("held");
  }

  /** @param {string} [deviceId] */
  async function start(deviceId) {
    panel.hidden = false;
    open.setAttribute("aria-expanded", "true");
    showError("images", undefined);
    try {
      await camera.start(deviceId ? { deviceId } : {});
    } catch (error) {
      close(error);
    }
  }

  /** @param {unknown} [error] */
  function close(error) {
    release();
    camera.stop();
    panel.hidden = true;
    open.setAttribute("aria-expanded", "false");
    showError("images", error);
  }

  function show() {
    hold.disabled = camera.state !== "on";
    video.classList.toggle("mirrored", camera.mirrored);
    choice.hidden = camera.devices.length < 2;
    devices.replaceChildren(...camera.devices.map(({ id, label }) => option(id, label)));
    devices.value = camera.deviceId ?? "";
  }

  open.addEventListener("click", () => (panel.hidden ? start() : close()));
  byId("recorder-stop", HTMLButtonElement).addEventListener("click", () => {
    close();
    open.focus();
  });
  devices.addEventListener("change", () => start(devices.value));
  hold.addEventListener("pointerdown", press);
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur"]) {
    hold.addEventListener(end, release);
  }
  hold.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      press();
    }
  });
  hold.addEventListener("keyup", release);
  // Screen readers click without pointer and key events: one frame per click.
  hold.addEventListener("click", (event) => {
    if (event.detail === 0 && !hold.disabled) {
      kept = 0;
      keep();
    }
  });
  hold.addEventListener("contextmenu", (event) => event.preventDefault());
}

/** @param {string[]} labels that a frame can get */
export function offerLabels(labels) {
  const chosen = label.value;
  label.replaceChildren(...labels.map((name) => option(name)));
  label.value = labels.includes(chosen) ? chosen : (labels[0] ?? "");
}
