/** Values of attributes; invalid ones are ignored. */

/**
 * @param {Element} element
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
export function numberOf(element, name, least, most) {
  const text = element.getAttribute(name)?.trim();
  const number = text ? Number(text) : NaN;
  return number >= least && number <= most ? number : undefined;
}

/**
 * @template {string} Name
 * @param {Element} element
 * @param {string} name
 * @param {Name[]} known
 * @returns {Name | undefined}
 */
export function nameOf(element, name, known) {
  const text = element.getAttribute(name)?.trim().toLowerCase();
  return known.find((one) => one === text);
}

/** The nearest `lang`, also outside of shadow roots; otherwise the browser's language. @param {Element} element */
export function languageOf(element) {
  for (let at = /** @type {Node | null} */ (element); at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    const lang = at instanceof Element && at.getAttribute("lang");
    if (lang) {
      return valid(lang);
    }
  }
  return navigator.language;
}

/** The attribute may be any text, but numbers are formatted with it. @param {string} lang */
function valid(lang) {
  try {
    return Intl.getCanonicalLocales(lang)[0] ?? "en";
  } catch {
    return "en";
  }
}
