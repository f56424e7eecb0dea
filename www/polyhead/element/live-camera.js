/** The element's camera: smoothed rankings of its frames, and its last frame as an image. */
import { Camera, Smoothing } from "../camera/camera.js";
import { make } from "./dom.js";

/**
 * @import { Wanted } from "../camera/stream.js"
 * @import { Ranking } from "../types.js"
 *
 * @typedef {object} Listeners
 * @property {(video: HTMLVideoElement) => Promise<Ranking>} rank
 * @property {() => boolean} smooth whether rankings are smoothed
 * @property {(ranking: Ranking, frameMilliseconds: number) => void} onRanking
 * @property {() => void} onChange the state, the devices or the direction changed
 * @property {(error: Error) => void} onError the camera is off
 */

export class LiveCamera {
  smoothing = new Smoothing();
  #video;
  #listeners;
  #camera;

  /**
   * @param {HTMLVideoElement} video
   * @param {Listeners} listeners
   */
  constructor(video, listeners) {
    this.#video = video;
    this.#listeners = listeners;
    const { onChange, onError } = listeners;
    this.#camera = new Camera(video, { onFrame: (_, frameMilliseconds) => this.#classify(frameMilliseconds), onChange, onError });
  }

  get state() {
    const { state, devices, deviceId, mirrored } = this.#camera;
    return { state, devices, deviceId, mirrored };
  }

  get off() {
    return this.#camera.state === "off";
  }

  /** @param {Wanted} wanted */
  start(wanted) {
    this.smoothing.reset();
    return this.#camera.start(wanted);
  }

  /** Ends every track. */
  stop() {
    this.#camera.stop();
  }

  /** The current frame as an image, if there is one. */
  frame() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const canvas = make("canvas", { width: String(width), height: String(height) });
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0);
    return width > 0 ? canvas : undefined;
  }

  /** @param {number | undefined} frameMilliseconds */
  async #classify(frameMilliseconds) {
    const { rank, smooth, onRanking } = this.#listeners;
    const ranking = await rank(this.#video);
    if (this.#camera.state === "on") {
      onRanking(smooth() ? this.smoothing.add(ranking) : ranking, frameMilliseconds ?? ranking.milliseconds);
    }
  }
}
