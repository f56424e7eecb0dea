/** Errors that make a wasm module unusable. */

/**
 * After a trap, a stack overflow or an out-of-memory error (a RangeError, in Firefox an InternalError), the state of
 * the module's memory is unknown.
 *
 * @param {unknown} error
 */
export function isFatal(error) {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error instanceof RangeError ||
    (error instanceof Error && error.name === "InternalError")
  );
}
