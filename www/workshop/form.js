/** Fields of forms. */
import { make } from "../page/dom.js";
import { brief } from "../page/display-name.js";

/**
 * @param {string} value
 * @param {string} [text] shown; by default the value
 */
export function option(value, text = brief(value)) {
  const made = make("option", "", text);
  made.value = value;
  return made;
}

/**
 * @param {string} name of the field, for errors that name it
 * @param {string} words its label
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 */
export function field(name, words, control) {
  control.name = name;
  return make("label", "", make("span", "", words), control);
}

/**
 * @param {string} type
 * @param {string} value
 * @param {Partial<HTMLInputElement>} [more]
 */
export function input(type, value, more = {}) {
  const made = Object.assign(make("input", ""), { type, autocomplete: "off", ...more });
  made.value = value;
  return made;
}

/**
 * @template {string} Value
 * @param {Value[]} values
 * @param {Value} chosen
 */
export function choice(values, chosen) {
  const made = make("select", "", ...values.map((value) => option(value)));
  made.value = chosen;
  return /** @type {HTMLSelectElement & { value: Value }} */ (made);
}

/**
 * @param {string} words
 * @param {() => void} onClick
 * @param {string} [kind]
 */
export function button(words, onClick, kind = "quiet") {
  const made = make("button", kind, words);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/**
 * Puts other children into an element; where the focus stood in what goes, it moves to what stays.
 *
 * @param {HTMLElement} parent
 * @param {Node[]} children
 * @param {() => HTMLElement} stays
 */
export function replace(parent, children, stays) {
  const focused = parent.contains(document.activeElement);
  parent.replaceChildren(...children);
  if (focused && !parent.contains(document.activeElement)) {
    stays().focus({ preventScroll: true });
  }
}

/** Marks the fields of this name as the ones to correct, and goes to the first. @param {HTMLElement} form @param {string} name */
export function pointAt(form, name) {
  const fields = [...form.querySelectorAll("input, select, textarea")].filter(
    (control) => control instanceof HTMLElement && control.getAttribute("name")?.split(".")[0] === name,
  );
  for (const control of fields) {
    control.setAttribute("aria-invalid", "true");
  }
  for (let details = form.closest("details"); details; details = details.parentElement?.closest("details") ?? null) {
    details.open = true;
  }
  const [first] = fields;
  if (first instanceof HTMLElement) {
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }
}
