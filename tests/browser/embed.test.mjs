/** Another merged model in the same module: no Rust, no other page. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POLYHEAD, ROOT, WWW, rankingAfter, useBrowser, withPage } from "./browser.mjs";
import { serveFolder } from "./server.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();

test("the page ranks the labels of three models after polyhead embed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyhead-"));
  const run = (...words) => execFileSync(POLYHEAD, words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const models = ["trash", "clothes"].map((name) => `${ROOT}models/${name}.onnx`);
  try {
    // A third head on the same backbone: the clothes without shirts, under other names.
    const renamed = ["shoes=boots", "shorts=trunks", "skirt=kilt", "t-shirt=tee"].flatMap((pair) => ["--rename", pair]);
    run("merge", models[1], "--name", "more", "--drop", "shirt", ...renamed, "-o", "more.onnx");
    run("merge", ...models, "more.onnx", "--weight-format", "f16", "-o", "three.onnx");
    run("embed", `${WWW}/pkg/polyhead_bg.wasm`, "three.onnx", "-o", "three.wasm");
    const body = await readFile(join(folder, "three.wasm"));
    const server = await serveFolder(WWW, (path) => (path.endsWith("/polyhead_bg.wasm") ? { body } : undefined));
    try {
      await withPage(
        shared,
        async (page) => {
          const ranking = await rankingAfter(page, () => page.click('[data-file="t-shirt.png"]'));
          assert.equal(ranking.length, 14);
          assert.deepEqual(ranking.slice(0, 2).map(({ label }) => label).sort(), ["t-shirt", "tee"]);
          const heads = await page.locator("#heads dt").allTextContents();
          assert.deepEqual(heads.sort(), ["clothes", "more", "trash"]);
        },
        { url: server.url },
      );
    } finally {
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
