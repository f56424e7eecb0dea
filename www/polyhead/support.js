/** Whether this browser can run the module, and the browsers that can. */
import { PolyheadError } from "./error.js";
import { builtin } from "./node-builtins.js";

/**
 * The oldest versions that work, and the newest feature that each of them needed: reference types in WebAssembly
 * (Chrome, Edge), module workers (Firefox), WebAssembly SIMD and 2d OffscreenCanvas (Safari).
 */
export const OLDEST_BROWSERS = "Chrome 96, Edge 96, Firefox 114 or Safari 16.4";

/**
 * Whether the engine has this vector instruction, tested with the smallest module that contains it: after
 * `unreachable`, which supplies its operands.
 *
 * @param {number[]} opcode two bytes
 */
function knows(...opcode) {
  const module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0, 253, ...opcode, 26, 11];
  return WebAssembly.validate(new Uint8Array(module));
}

/** `f32x4.relaxed_madd` */
export function hasRelaxedSimd() {
  return knows(133, 2);
}

/** @throws {PolyheadError} "no-wasm", "no-simd", "no-worker" or "no-canvas": the missing feature, and the remedy */
export function requireSupport() {
  if (typeof WebAssembly !== "object") {
    throw missing("no-wasm", "WebAssembly");
  }
  // `i8x16.popcnt`
  if (!knows(226, 0)) {
    throw missing("no-simd", "WebAssembly SIMD");
  }
  if (typeof Worker !== "function") {
    if (builtin("worker_threads")) {
      return;
    }
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
