/** The frames of a playing video, one at a time: what comes while a frame is worked on is passed over. */

/** Milliseconds between looks, where the browser does not tell of frames. */
const LOOK = 1000 / 30;
/** Frames over which the frame time is taken. */
const STEADY = 15;
/** `HTMLMediaElement.HAVE_CURRENT_DATA` */
const CURRENT_DATA = 2;

/**
 * @param {HTMLVideoElement} video
 * @param {() => Promise<void>} onFrame the next frame is the first that comes after this has settled; must not reject
 * @returns {() => void} ends it
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

/** The time from frame to frame, steady enough to read. */
export class FrameTime {
  /** @type {number[]} */
  #times = [];

  /**
   * @param {number} at milliseconds
   * @returns {number | undefined} milliseconds a frame, the mean of the last frames; nothing after the first
   */
  add(at) {
    this.#times = [...this.#times.slice(-STEADY), at];
    const [first] = this.#times;
    return this.#times.length > 1 ? (at - first) / (this.#times.length - 1) : undefined;
  }

  /** What came before a pause does not count. */
  reset() {
    this.#times = [];
  }
}
