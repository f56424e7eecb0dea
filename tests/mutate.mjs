/** Damaged copies of a file, the same ones for the same number: flipped bytes, cuts, and parts of one file in another. */

/**
 * Mulberry32: a small generator whose numbers are the same everywhere.
 *
 * @param {number} seed
 * @returns {() => number} from 0 up to 1
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that decoders read as sizes, counts and offsets. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff];

/**
 * @param {number} number which copy
 * @param {Uint8Array[]} files the first is damaged; parts come out of any
 * @returns {{ kind: string, bytes: Uint8Array }}
 */
export function damaged(number, files) {
  const next = random(number * 2654435761);
  const below = (limit) => Math.floor(next() * limit);
  const [file] = files;
  switch (number % 6) {
    case 0: {
      const bytes = file.slice();
      bytes[below(bytes.length)] ^= 1 << below(8);
      return { kind: "one bit", bytes };
    }
    case 1: {
      const bytes = file.slice();
      for (let count = 1 + below(8); count > 0; count -= 1) {
        bytes[below(bytes.length)] = below(256);
      }
      return { kind: "some bytes", bytes };
    }
    case 2:
      return { kind: "cut off", bytes: file.slice(0, below(file.length)) };
    case 3: {
      const other = files[below(files.length)];
      const [from, to] = [below(other.length), below(file.length)];
      const part = other.subarray(from, from + 1 + below(Math.min(512, other.length - from)));
      const behind = file.subarray(Math.min(file.length, to + below(part.length + 1)));
      return { kind: "spliced", bytes: joined(file.subarray(0, to), part, behind) };
    }
    case 4: {
      // Headers are where sizes stand.
      const bytes = file.slice();
      const at = below(Math.min(bytes.length, 256));
      bytes.fill(EDGES[below(EDGES.length)], at, at + 1 + below(4));
      return { kind: "an edge in the head", bytes };
    }
    default: {
      const from = below(file.length);
      const part = file.subarray(from, from + 1 + below(256));
      return { kind: "a part twice", bytes: joined(file.subarray(0, from), part, part, file.subarray(from + part.length)) };
    }
  }
}

/** @param {...Uint8Array} parts */
function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
