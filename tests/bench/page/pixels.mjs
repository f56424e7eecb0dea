/** The usual code of a page without a library: image to tensor, by the browser's canvas. */

/** @import { Preprocessing } from "../models.mjs" */

/** @type {OffscreenCanvasRenderingContext2D | undefined} */
let context;

/**
 * The image at the model's size.
 *
 * @param {ImageBitmap} bitmap
 * @param {Preprocessing} preprocessing
 */
export function shrunk(bitmap, { width, height }) {
  if (context?.canvas.width !== width || context.canvas.height !== height) {
    context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high"; // the default skips pixels, and labels change with it
  }
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * @param {ImageData} pixels at the model's size
 * @param {Preprocessing} preprocessing
 * @param {"nchw" | "nhwc"} [layout]
 */
export function tensorOf({ data, width, height }, { range: [low, high], mean, std, layout: own }, layout = own) {
  const area = width * height;
  const tensor = new Float32Array(3 * area);
  const [across, along] = layout === "nchw" ? [1, area] : [3, 1];
  for (let channel = 0; channel < 3; channel += 1) {
    const factor = (high - low) / 255 / std[channel];
    const offset = (low - mean[channel]) / std[channel];
    for (let pixel = 0; pixel < area; pixel += 1) {
      tensor[pixel * across + channel * along] = data[4 * pixel + channel] * factor + offset;
    }
  }
  return tensor;
}

/**
 * Pixels without a pattern, the same every time, for inference alone.
 *
 * @param {Preprocessing} preprocessing
 */
export function noise({ width, height }) {
  const data = new Uint8ClampedArray(4 * width * height);
  let state = 1;
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[index] = index % 4 === 3 ? 255 : state >>> 24;
  }
  return new ImageData(data, width, height);
}

/** @param {ArrayLike<number>} scores */
export function ranked(scores) {
  return Array.from(scores, (score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
}
