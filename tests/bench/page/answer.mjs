/** A runner's side of the worker: loads it, asks it, takes the times. */
import { noise, ranked, shrunk, tensorOf } from "./pixels.mjs";
import { memoryBytes, modulesReady } from "./watch.mjs";

/**
 * @typedef {object} Runner
 * @property {(tensor: Float32Array, pixels: ImageData) => Promise<ArrayLike<number>>} run scores of a tensor, or of the pixels
 *   it was made of where the runner takes no tensor
 * @property {(bitmap: ImageBitmap) => Promise<unknown>} [classify] a ranking; by default the canvas, `run` and a sort
 * @property {() => unknown} [profile]
 * @property {"nchw" | "nhwc"} [layout] where it is not the model's
 * @property {Record<string, unknown>} facts what it says of itself
 * @property {number} [arrived] when the model had arrived, where the runner fetched it itself
 *
 * @typedef {object} Request
 * @property {string} model an address
 * @property {number} threads
 * @property {import("../models.mjs").Preprocessing} preprocessing
 */

/** @param {(request: Request, fetchModel: () => Promise<Uint8Array>) => Promise<Runner>} load */
export function answer(load) {
  /** @type {Runner} */
  let runner;
  let preprocessing;
  let pixels;
  let tensor;

  const verbs = {
    async load(request) {
      const offset = performance.timeOrigin - request.started;
      const since = (time) => time + offset;
      let arrived = 0;
      runner = await load(request, async () => {
        const response = await fetch(request.model);
        const bytes = new Uint8Array(await response.arrayBuffer());
        arrived = performance.now();
        return bytes;
      });
      const prepared = performance.now();
      ({ preprocessing } = request);
      pixels = noise(preprocessing);
      tensor = tensorOf(pixels, preprocessing, runner.layout);
      const before = performance.now();
      await runner.run(tensor, pixels);
      const first = performance.now() - before;
      const fetched = Math.max(runner.arrived ?? arrived, modulesReady());
      return {
        facts: runner.facts,
        fetched: since(fetched),
        prepared: prepared - fetched,
        first,
        total: since(prepared) + first,
      };
    },
    async infer({ times }) {
      const took = [];
      for (let run = 0; run < times; run += 1) {
        took.push(await timed(() => runner.run(tensor, pixels)));
      }
      return took;
    },
    async rank({ times, image }) {
      const took = [];
      for (let run = 0; run < times; run += 1) {
        // A new one each time: browsers keep the smaller copies of a bitmap that they drew before.
        const bitmap = await createImageBitmap(image);
        took.push(await timed(() => classify(bitmap)));
        bitmap.close();
      }
      return { value: { value: took, back: image }, transfer: [image.data.buffer] };
    },
    scores: async () => Array.from(await runner.run(tensor, pixels)),
    memory: () => memoryBytes(),
    profile: () => runner.profile?.() ?? null,
    /** Polyhead's threads run the script of the worker that starts them, as in `www/polyhead/worker.js`. */
    async join(message) {
      const { initSync, join } = await import(/* @vite-ignore */ message.glue);
      initSync(message);
      return join(message.slot);
    },
  };

  async function classify(bitmap) {
    if (runner.classify) {
      return runner.classify(bitmap);
    }
    return ranked(await runner.run(tensorOf(shrunk(bitmap, preprocessing), preprocessing, runner.layout)));
  }

  self.onmessage = async ({ data: { id, verb, ...request } }) => {
    try {
      const result = await verbs[verb](request);
      const { value, transfer } = result?.transfer ? result : { value: result, transfer: [] };
      self.postMessage({ id, value }, transfer);
    } catch (error) {
      self.postMessage({ id, failure: `${verb}: ${error?.stack ?? error?.message ?? error}` });
    }
  };
}

async function timed(act) {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
