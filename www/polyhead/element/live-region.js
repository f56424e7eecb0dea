/** Announcements for screen readers: of several in quick succession only the last one. */

/** Milliseconds between two announcements. */
const PAUSE = 2500;

export class Announcer {
  #region;
  #last = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} region an `aria-live` region */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    const wait = this.#last + PAUSE - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#speak(text), wait);
    } else {
      this.#speak(text);
    }
  }

  silence() {
    clearTimeout(this.#timer);
  }

  /** The next text is announced even if it is the same. */
  forget() {
    this.silence();
    this.#region.textContent = "";
  }

  /** @param {string} text */
  #speak(text) {
    if (this.#region.textContent !== text) {
      this.#region.textContent = text;
      this.#last = performance.now();
    }
  }
}
