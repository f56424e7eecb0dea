/** Images made on the spot: PNG written here, JPEG by the browser, EXIF put into it. */
import { deflateSync } from "node:zlib";

/**
 * A PNG of 8 bits a channel.
 *
 * @param {number} width
 * @param {number} height
 * @param {3 | 4} channels
 * @param {(x: number, y: number) => number[]} pixel
 */
export function png(width, height, channels, pixel) {
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows.set(pixel(x, y), y * (1 + width * channels) + 1 + x * channels);
    }
  }
  return container(width, height, channels, deflateSync(rows));
}

/** The header of a PNG of this size, and no pixels to speak of. */
export function pngHeader(width, height) {
  return container(width, height, 3, deflateSync(Buffer.alloc(64)));
}

function container(width, height, channels, data) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

/** Bit by bit: Node 20's zlib does not always have it. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}

/**
 * A JPEG with an EXIF orientation put behind its first marker.
 *
 * @param {Buffer} jpeg
 * @param {number} orientation 1 to 8
 */
export function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from([
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8], // big-endian, first directory at 8
    ...[0, 1], // one entry
    ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], // orientation, one short
    ...[0, 0, 0, 0], // no other directory
  ]);
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)]);
}

/**
 * An image, turned by quarters of a circle and saved as JPEG by the browser.
 *
 * @param {import("playwright-core").Page} page
 * @param {Buffer} image
 * @param {number} quarters clockwise
 */
export async function jpegOf(page, image, quarters = 0) {
  const base64 = await page.evaluate(
    async ([base64, quarters]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const { width, height } = bitmap;
      const canvas = quarters % 2 ? new OffscreenCanvas(height, width) : new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.translate(canvas.width / 2, canvas.height / 2);
      context.rotate((quarters * Math.PI) / 2);
      context.drawImage(bitmap, -width / 2, -height / 2);
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
      const jpeg = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(jpeg, (byte) => String.fromCharCode(byte)).join(""));
    },
    [image.toString("base64"), quarters],
  );
  return Buffer.from(base64, "base64");
}

/** @param {string} name @param {Buffer} buffer */
export function file(name, buffer) {
  const mimeType = name.endsWith(".jpg") ? "image/jpeg" : "image/png";
  return { name, mimeType, buffer };
}
