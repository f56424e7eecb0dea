/** The frames of a playing video, one at a time: frames that arrive during processing are skipped. */

/** Milliseconds between polls in browsers without `requestVideoFrameCallback`. */
const LOOK = 1000 / 30;
/** The number of frames over which the frame time is averaged. */
const STEADY = 15;
/** `HTMLMediaElement.HAVE_CURRENT_DATA` */
const CURRENT_DATA = 2;

/**
 * @param {HTMLVideoElement} video
 * @param {() => Promise<void>} onFrame the next frame is the first that comes after this has settled; must not reject
 * @returns {() => void} stops the frames
 */
export function watchFrames(video, onFrame) {
  let ended = false;
  let seen = -1;
  const next = () => {
    if (ended) {
      return;
    }
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback(frame);
    } else {
      setTimeout(look, LOOK);
    }
  };
  const frame = async () => {
    if (!ended) {
      await onFrame();
      next();
    }
  };
  const look = () => {
    const { currentTime, readyState } = video;
    if (currentTime === seen || readyState < CURRENT_DATA) {
      next();
    } else {
      seen = currentTime;
      frame();
    }
  };
  next();
  return () => {
    ended = true;
  };
}

/** The time from frame to frame, smoothed for display. */
export class FrameTime {
  /** @type {number[]} */
  #times = [];

  /**
   * @param {number} at milliseconds
   * @returns {number | undefined} milliseconds per frame, the mean of the last frames; undefined after the first
   */
  add(at) {
    this.#times = [...this.#times.slice(-STEADY), at];
    const [first] = this.#times;
    return this.#times.length > 1 ? (at - first) / (this.#times.length - 1) : undefined;
  }

  /** Frames before a pause do not count. */
  reset() {
    this.#times = [];
  }
}
