/** A camera on a video element: started by a user, paused while the page is hidden, stopped with every track. */
import { FrameTime, watchFrames } from "./frames.js";
import { refusal, refusalOf } from "./camera-error.js";
import { endStream, facingOf, listDevices, openStream } from "./stream.js";

export { FrameTime } from "./frames.js";
export { Smoothing } from "./smoothing.js";

/**
 * @import { Device, Wanted } from "./stream.js"
 *
 * @typedef {"off" | "starting" | "on" | "paused"} CameraState
 *
 * @typedef {object} CameraListeners
 * @property {(video: HTMLVideoElement, frameMilliseconds: number | undefined) => Promise<unknown>} onFrame processes
 *   the newest frame; the next one comes after it has settled
 * @property {() => void} [onChange] the state, the devices or the direction changed
 * @property {(error: Error) => void} [onError] the camera was lost, or frames failed repeatedly: it is off
 */

/** The maximum number of consecutive frames that may fail. */
const PATIENCE = 3;

export class Camera {
  /** @type {CameraState} */
  state = "off";
  /** @type {Device[]} known after the first start */
  devices = [];
  /** @type {string | undefined} the device in use */
  deviceId;
  /** Whether the video should be mirrored: only if the camera faces the user. */
  mirrored = false;

  #video;
  #listeners;
  /** @type {MediaStream | undefined} */
  #stream;
  /** @type {MediaStreamTrack | undefined} */
  #track;
  /** Counts starts and stops: results of an earlier one are dropped. */
  #turn = 0;
  #time = new FrameTime();
  #failed = 0;
  /** @type {(() => void) | undefined} */
  #endFrames;
  #onVisibility = () => this.#look();
  #onDevices = () => this.#list();
  #onEnded = () => this.#fail(this.#stream, refusal("camera-lost"));

  /**
   * @param {HTMLVideoElement} video
   * @param {CameraListeners} listeners
   */
  constructor(video, listeners) {
    this.#video = video;
    this.#listeners = listeners;
    video.muted = true;
    video.playsInline = true;
  }

  /**
   * Call it only in a user's action. A `stop` or another `start` in the meantime ends this one without an error.
   *
   * @param {Wanted} [wanted]
   * @returns {Promise<void>} rejects with a `PolyheadError` whose code starts with "camera-"
   */
  async start(wanted = {}) {
    this.stop();
    const turn = this.#turn;
    this.#become("starting");
    try {
      const stream = await openStream(wanted);
      if (turn !== this.#turn) {
        endStream(stream);
        return;
      }
      this.#use(stream, wanted);
      await this.#video.play();
      if (turn === this.#turn) {
        this.#look();
        await this.#list();
      }
    } catch (thrown) {
      if (turn === this.#turn) {
        this.stop();
        throw refusalOf(thrown);
      }
    }
  }

  /** Ends every track. */
  stop() {
    this.#turn += 1;
    this.#endFrames?.();
    this.#endFrames = undefined;
    // Browsers keep an ended track alive: it must not keep its page's elements alive.
    this.#track?.removeEventListener("ended", this.#onEnded);
    endStream(this.#stream);
    this.#stream = undefined;
    this.#video.srcObject = null;
    document.removeEventListener("visibilitychange", this.#onVisibility);
    globalThis.navigator.mediaDevices?.removeEventListener?.("devicechange", this.#onDevices);
    if (this.state !== "off") {
      this.#become("off");
    }
  }

  /**
   * @param {MediaStream} stream
   * @param {Wanted} wanted
   */
  #use(stream, wanted) {
    const [track] = stream.getVideoTracks();
    this.#stream = stream;
    this.#track = track;
    this.#failed = 0;
    this.mirrored = facingOf(track, wanted) === "user";
    this.deviceId = track.getSettings().deviceId;
    track.addEventListener("ended", this.#onEnded);
    document.addEventListener("visibilitychange", this.#onVisibility);
    navigator.mediaDevices.addEventListener("devicechange", this.#onDevices);
    this.#video.srcObject = stream;
  }

  /** Runs while the page is visible. */
  #look() {
    this.#endFrames?.();
    this.#endFrames = undefined;
    this.#time.reset();
    if (document.hidden) {
      this.#video.pause();
      this.#become("paused");
      return;
    }
    if (this.#video.paused) {
      this.#video.play().catch(() => {});
    }
    this.#endFrames = watchFrames(this.#video, () => this.#frame());
    this.#become("on");
  }

  async #frame() {
    const stream = this.#stream;
    try {
      await this.#listeners.onFrame(this.#video, this.#time.add(performance.now()));
      this.#failed = 0;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#failed += error.name === "AbortError" ? 0 : 1;
      if (this.#failed >= PATIENCE) {
        this.#fail(stream, error);
      }
    }
  }

  async #list() {
    const turn = this.#turn;
    const devices = await listDevices().catch(() => []);
    if (turn === this.#turn) {
      this.devices = devices;
      this.#listeners.onChange?.();
    }
  }

  /**
   * @param {MediaStream | undefined} stream
   * @param {Error} error
   */
  #fail(stream, error) {
    if (stream && stream === this.#stream) {
      this.stop();
      this.#listeners.onError?.(error);
    }
  }

  /** @param {CameraState} state */
  #become(state) {
    this.state = state;
    this.#listeners.onChange?.();
  }
}
