/** Trusted Types: approves the script addresses that this project uses, if a page's policy asks for it. */

/**
 * @typedef {{ createScriptURL: (url: string) => string, createHTML: (html: string) => string }} Policy its results are
 *   objects that browsers accept instead of a text
 *
 * @typedef {object} TrustedTypes
 * @property {(name: string, rules: Partial<Policy>) => Policy} createPolicy
 */

/** @type {Policy | undefined} */
let policy;

/** In browsers that have them. */
export function trustedTypes() {
  return /** @type {{ trustedTypes?: TrustedTypes }} */ (globalThis).trustedTypes;
}

/**
 * @param {string | URL} url built by the caller itself
 * @returns {string} the address, under the policy `polyhead`; unchanged if the page allows no policy of that name
 */
export function vouched(url) {
  try {
    policy ??= trustedTypes()?.createPolicy("polyhead", { createScriptURL: (url) => url });
  } catch {
    // The browser accepts or refuses the plain address.
  }
  return policy?.createScriptURL(`${url}`) ?? `${url}`;
}
