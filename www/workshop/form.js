/** Fields of forms. */
import { button, make, option } from "../page/dom.js";

export { button, option };

/**
 * @param {string} name of the field, for errors that name it
 * @param {string} words its label
 * @param {HTMLElement & { name: string }} control
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
  const made = make("input", { type, autocomplete: "off" });
  Object.assign(made, more, { value });
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
 * Replaces the children of an element; if the focus was in a removed child, it moves to a remaining one.
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

/** Marks the fields of this name as incorrect, and focuses the first. @param {HTMLElement} form @param {string} name */
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
