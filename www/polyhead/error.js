/** The errors of the library: `Error`s with a stable `code` for programs. */
export class PolyheadError extends Error {
  /**
   * @param {string} code kebab-case
   * @param {string} message lower case, expected before found, remedy last
   */
  constructor(code, message) {
    super(message);
    this.name = "PolyheadError";
    this.code = code;
  }
}
