/** Parts of an ONNX file changed in place: what no exporter writes, a hostile file may hold. */

/**
 * The message with every field at this path changed.
 *
 * @param {Uint8Array} message
 * @param {number[]} path numbers of length-delimited fields, from the outermost
 * @param {(value: Buffer) => Uint8Array} change
 * @returns {Buffer}
 */
export function edited(message, [field, ...inner], change) {
  const bytes = Buffer.from(message);
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const tag = varint(bytes, at);
    at = tag.next;
    const kind = tag.value & 7;
    if (kind === 2) {
      const size = varint(bytes, at);
      at = size.next + size.value;
      if (tag.value >>> 3 === field) {
        const value = bytes.subarray(size.next, at);
        const now = inner.length ? edited(value, inner, change) : change(value);
        parts.push(bytes.subarray(start, tag.next), coded(now.length), now);
        continue;
      }
    } else {
      at = kind === 0 ? varint(bytes, at).next : at + (kind === 1 ? 8 : 4);
    }
    parts.push(bytes.subarray(start, at));
  }
  return Buffer.concat(parts);
}

/** In `ModelProto`: the values of `metadata_props`, and the raw numbers of `graph.initializer`. */
export const METADATA = [14, 2];
export const NUMBERS = [7, 5, 9];

/** Reads no more than a file of a few kilobytes needs: 32 bits. */
function varint(bytes, at) {
  for (let [value, shift] = [0, 0]; ; at += 1, shift += 7) {
    value |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) {
      return { value, next: at + 1 };
    }
  }
}

function coded(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) {
    bytes.push((value & 127) | 128);
  }
  return Buffer.from([...bytes, value]);
}
