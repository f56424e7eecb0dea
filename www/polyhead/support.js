/** Whether this browser can run the module, and which ones can. */
import { PolyheadError } from "./error.js";
import { builtin } from "./node.js";

/**
 * The oldest versions that work, by the youngest thing each had to learn: reference types in WebAssembly (Chrome, Edge),
 * module workers (Firefox), WebAssembly SIMD and 2d OffscreenCanvas (Safari).
 */
export const OLDEST_BROWSERS = "Chrome 96, Edge 96, Firefox 114 or Safari 16.4";

/** The smallest module that uses a SIMD instruction: `i8x16.popcnt(i8x16.splat(0))`. */
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];

/** @throws {PolyheadError} "no-wasm", "no-simd", "no-worker" or "no-canvas": what is missing, and what to use */
export function requireSupport() {
  if (typeof WebAssembly !== "object") {
    throw missing("no-wasm", "WebAssembly");
  }
  if (!WebAssembly.validate(new Uint8Array(SIMD))) {
    throw missing("no-simd", "WebAssembly SIMD");
  }
  if (typeof Worker !== "function" && builtin("worker_threads")) {
    return;
  }
  if (typeof Worker !== "function") {
    throw missing("no-worker", "web workers");
  }
  if (typeof OffscreenCanvas !== "function" || typeof createImageBitmap !== "function") {
    throw missing("no-canvas", "OffscreenCanvas");
  }
}

/**
 * @param {string} code
 * @param {string} what
 */
function missing(code, what) {
  return new PolyheadError(
    code,
    `expected a browser with ${what}, found one without; use ${OLDEST_BROWSERS}, or a later version`,
  );
}
