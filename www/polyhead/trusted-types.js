/** Trusted Types: the addresses that this project's code starts scripts from, vouched for where a page's policy asks for it. */

/**
 * @typedef {{ createScriptURL: (url: string) => string, createHTML: (html: string) => string }} Policy what it returns is an
 *   object that browsers take in place of a text
 *
 * @typedef {object} TrustedTypes
 * @property {(name: string, rules: Partial<Policy>) => Policy} createPolicy
 */

/** @type {Policy | undefined} */
let policy;

/** Where the browser knows them. */
export function trustedTypes() {
  return /** @type {{ trustedTypes?: TrustedTypes }} */ (globalThis).trustedTypes;
}

/**
 * @param {string | URL} url one that the caller made itself
 * @returns {string} the address, under the policy `polyhead`; as it is where a page allows no policy of that name
 */
export function vouched(url) {
  try {
    policy ??= trustedTypes()?.createPolicy("polyhead", { createScriptURL: (url) => url });
  } catch {
    // The browser says what it makes of the address.
  }
  return policy?.createScriptURL(`${url}`) ?? `${url}`;
}
