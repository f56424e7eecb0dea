/** Which errors leave a wasm module unusable. */

/**
 * After a trap, or a stack or memory that ran out (a RangeError, in Firefox an InternalError), the module's memory is in
 * no known state.
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
