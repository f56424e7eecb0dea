/** Finds and creates elements of the page. */
import { make as makeElement } from "../polyhead/element/dom.js";
import { cleaned } from "../polyhead/sanitize.js";
import { ROOM, brief } from "./display-name.js";

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new Error(`expected an element #${id} of the right kind, found none`);
  }
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string | Record<string, string>} attributes a class, or several attributes
 * @param {...(string | Node)} content strings become text, never markup
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes, ...content) {
  return makeElement(tag, inFull(attributes), ...content.map((part) => (typeof part === "string" ? cleaned(part) : part)));
}

/** @param {string | Record<string, string>} attributes */
function inFull(attributes) {
  return typeof attributes === "string" ? { class: attributes } : attributes;
}

/**
 * @param {string} words
 * @param {() => void} onClick
 * @param {string | Record<string, string>} [attributes] as for `make`; by default the class "quiet"
 */
export function button(words, onClick, attributes = {}) {
  const made = make("button", { class: "quiet", type: "button", ...inFull(attributes) }, words);
  made.addEventListener("click", onClick);
  return made;
}

/**
 * @param {string} value
 * @param {string} [text] shown; by default the value
 */
export function option(value, text = brief(value)) {
  return make("option", { value }, text);
}

/** Marks text that has no translation: messages of the core. @template {HTMLElement} T @param {T} element */
export function english(element) {
  element.lang = "en";
  return element;
}

/** @param {Element} element @param {string} text becomes text, never markup */
export function tell(element, text) {
  element.textContent = cleaned(text);
}

/**
 * An element with a name from a file; a name that is too long for its place is in the element's title.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {string} name
 * @param {...(string | Node)} more content after the name
 */
export function named(tag, className, name, ...more) {
  const element = make(tag, className, brief(name), ...more);
  if (name.length > ROOM) {
    element.title = cleaned(name);
  }
  return element;
}
