/** The page's side: one worker a runner, one asked at a time; everything here is called by `browser.mjs`. */

/** @type {Map<string, { worker: Worker, waiting: Map<number, { resolve: Function, reject: Function }> }>} */
const workers = new Map();

/** @type {Map<string, ImageData>} */
const images = new Map();

let calls = 0;

globalThis.bench = {
  /** Starts a worker and waits until its model is ready; the times count from here. */
  start(name, { url, type, request }) {
    const started = performance.timeOrigin + performance.now();
    const worker = new Worker(url, { type, name });
    const waiting = new Map();
    worker.onmessage = ({ data: { id, value, failure } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      failure === undefined ? resolve(value) : reject(new Error(`${name}: ${failure}`));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      waiting.forEach(({ reject }) => reject(new Error(`${name}: ${event.message || "the worker does not start"}`)));
    };
    workers.set(name, { worker, waiting });
    return ask(name, { ...request, verb: "load", started });
  },

  /** Infers `times` times; gives the milliseconds of each. */
  infer: (name, times) => ask(name, { verb: "infer", times }),

  /** Ranks an image `times` times, from its pixels, which travel to the worker and back and are not copied. */
  async rank(name, image, times) {
    const { data } = images.get(image);
    const { value, back } = await ask(name, { verb: "rank", times, image: images.get(image) }, [data.buffer]);
    images.set(image, back);
    return value;
  },

  scores: (name) => ask(name, { verb: "scores" }),
  memory: (name) => ask(name, { verb: "memory" }),
  profile: (name) => ask(name, { verb: "profile" }),

  stop(name) {
    workers.get(name)?.worker.terminate();
    workers.delete(name);
  },

  /** Draws an image: slopes and shapes, as compressible as photographs are not, which no runner minds. */
  draw(name, width, height) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    const slope = context.createLinearGradient(0, 0, width, height);
    ["#d8c9a3", "#5d7f8c", "#33402a"].forEach((colour, index) => slope.addColorStop(index / 2, colour));
    context.fillStyle = slope;
    context.fillRect(0, 0, width, height);
    for (let index = 0; index < 60; index += 1) {
      context.fillStyle = `hsl(${(index * 47) % 360} 60% ${30 + ((index * 13) % 45)}%)`;
      const [x, y] = [((index * 613) % 997) / 997, ((index * 389) % 991) / 991];
      context.fillRect(x * width, y * height, width / 12, height / 9);
    }
    images.set(name, context.getImageData(0, 0, width, height));
  },

  facts: () => ({ isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency }),
};

function ask(name, request, transfer = []) {
  const { worker, waiting } = workers.get(name);
  const id = (calls += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ ...request, id }, transfer);
  });
}
