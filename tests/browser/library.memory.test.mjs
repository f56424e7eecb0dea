/** WebAssembly memory that runs out in the middle of an image: a real trap, in every browser. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW } from "./browser.mjs";
import { inEvery } from "./drivers/session.mjs";
import { servePage } from "./host.mjs";

const PAGE = 65536;
const MEMORY = 5;

inEvery("a module without memory reports it, and the next image works", async (page) => {
  const wasm = await readFile(`${WWW}/pkg/polyhead_bg.wasm`);
  const scripts = {};
  const server = await servePage({ body: "", scripts });
  try {
    await page.goto(server.page);
    const { labels, memory } = await page.run(async () => {
      const { loadClassifier } = await import("/polyhead/index.js");
      const classifier = await loadClassifier({ wasmUrl: "/pkg/polyhead_bg.wasm", cache: false });
      const { labels } = await classifier.classify(await (await fetch("/samples/t-shirt.png")).blob());
      classifier.close();
      return { labels, memory: classifier.memory };
    });
    scripts["/tight.wasm"] = limited(wasm, memory / PAGE + 300);
    const { failed, after } = await page.run(async () => {
      const { loadClassifier } = await import("/polyhead/index.js");
      const classifier = await loadClassifier({ wasmUrl: "/tight.wasm", cache: false });
      // 36 megapixels: 108 MB of RGB, where 20 MB are left.
      const [width, height] = [6000, 6000];
      const large = { data: new Uint8Array(width * height * 3), width, height };
      const failed = await classifier.classify(large).then(() => ({}), ({ name, code, message }) => ({ name, code, message }));
      const after = await classifier.classify(await (await fetch("/samples/t-shirt.png")).blob());
      classifier.close();
      return { failed, after: after.labels };
    });
    assert.deepEqual([failed.name, failed.code], ["PolyheadError", "out-of-memory"], failed.message);
    assert.match(failed.message, /^expected more memory, found no more than \d+ MB; give a smaller image or smaller files, or close other pages$/);
    assert.deepEqual(after, labels);
    assert.equal(server.requests.filter((path) => path === "/tight.wasm").length, 1);
  } finally {
    await server.close();
  }
});

/** The module with at most so many pages of memory: its section "one memory, no maximum" is given one. */
function limited(bytes, pages) {
  for (let at = 8; at < bytes.length; ) {
    const size = read(bytes, at + 1);
    if (bytes[at] === MEMORY) {
      const section = [1, 1, ...leb(read(bytes, size.next + 2).value), ...leb(pages)];
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([MEMORY, ...leb(section.length), ...section]),
        bytes.subarray(size.next + size.value),
      ]);
    }
    at = size.next + size.value;
  }
  throw new Error("expected a memory section, found none");
}

/** An unsigned LEB128 number, and where it ends. */
function read(bytes, at) {
  for (let [value, shift] = [0, 0]; ; at += 1, shift += 7) {
    value |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) {
      return { value, next: at + 1 };
    }
  }
}

function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
