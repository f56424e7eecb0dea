/** Sees the wasm that a runner starts in this worker, whichever it is: its memories, and when the last one was ready. */

/** @type {Set<WebAssembly.Memory>} */
const memories = new Set();

/** Milliseconds, as `performance.now` counts them. */
let ready = 0;

const { Memory } = WebAssembly;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, args) {
    const memory = Reflect.construct(target, args);
    memories.add(memory);
    return memory;
  },
});

for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async function (...args) {
    const result = await original.apply(WebAssembly, args);
    ready = performance.now();
    const { exports } = result.instance ?? result;
    Object.values(exports).forEach((value) => value instanceof Memory && memories.add(value));
    return result;
  };
}

/** Bytes of all wasm memory of this worker. */
export function memoryBytes() {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** When the last module had been compiled and started; 0 before. */
export function modulesReady() {
  return ready;
}
