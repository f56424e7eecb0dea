/** The list of steps: the current one, and the state of each. */
import { byId } from "../page/dom.js";

/** @typedef {"models" | "images" | "comparable" | "fit" | "try"} Step */

const list = byId("steps", HTMLOListElement);

/** Marks the step in view. */
export function watchSteps() {
  const links = new Map([...list.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  /** The steps in the middle of the window. @type {Set<string>} */
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        isIntersecting ? seen.add(target.id) : seen.delete(target.id);
      }
      const current = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) {
        if (id === current) {
          link.setAttribute("aria-current", "step");
          // Only the list itself may move, never the page.
          list.scrollTo?.({ left: link.offsetLeft - list.clientWidth / 3 });
        } else {
          link.removeAttribute("aria-current");
        }
      }
    },
    { rootMargin: "-30% 0px -60% 0px" },
  );
  for (const id of links.keys()) {
    observer.observe(byId(id, HTMLElement));
  }
}

/**
 * @param {Step} step
 * @param {string} words its progress; empty if it has not begun
 * @param {boolean} [done]
 */
export function markStep(step, words, done = false) {
  const state = byId(`state-${step}`, HTMLElement);
  state.textContent = words;
  state.closest("li")?.classList.toggle("done", done);
}
