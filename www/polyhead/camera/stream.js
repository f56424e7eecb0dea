/** The camera's stream: its device, its direction, and its end. */
import { refusal } from "./camera-error.js";

/**
 * @typedef {"user" | "environment"} Facing towards the person, or away
 *
 * @typedef {object} Wanted
 * @property {Facing} [facing] by default away on phones and tablets, else towards the user
 * @property {string} [deviceId] one of the listed devices; then `facing` is ignored
 *
 * @typedef {object} Device
 * @property {string} id
 * @property {string} label
 */

/** A classifier needs few pixels; more cost time. */
const SIZE = { width: { ideal: 640 }, height: { ideal: 480 } };

/**
 * @param {Wanted} wanted
 * @returns {Promise<MediaStream>}
 */
export function openStream({ facing = usualFacing(), deviceId }) {
  // Insecure pages have no media devices at all.
  if (!navigator.mediaDevices?.getUserMedia) {
    return Promise.reject(refusal("camera-insecure"));
  }
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: facing } };
  return navigator.mediaDevices.getUserMedia({ video: { ...SIZE, ...which }, audio: false });
}

/** @param {MediaStream | undefined} stream */
export function endStream(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }
}

/** The cameras of this machine; they have names only after permission. @returns {Promise<Device[]>} */
export async function listDevices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || String(index + 1) }));
}

/**
 * @param {MediaStreamTrack} track
 * @param {Wanted} wanted
 * @returns {Facing}
 */
export function facingOf(track, { facing, deviceId }) {
  const told = track.getSettings().facingMode;
  if (told === "user" || told === "environment") {
    return told;
  }
  // Many desktop cameras report no direction, or only in their name.
  return /\b(back|rear|environment)\b/i.test(track.label) ? "environment" : ((deviceId ? undefined : facing) ?? usualFacing());
}

/** @returns {Facing} */
function usualFacing() {
  return matchMedia("(pointer: coarse)").matches ? "environment" : "user";
}
