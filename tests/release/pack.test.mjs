/** The npm package, from the packed file: in a Vite project, from a plain script, in Node.js, and to the type checker. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { build, createServer } from "vite";
import { DEMO, POLYHEAD, ROOT, WWW, useBrowser, withPage } from "../browser/browser.mjs";
import { SELF_HOSTED, TRUSTED, crossOrigin } from "../browser/host.mjs";
import { serveFolder } from "../browser/server.mjs";

const run = promisify(execFile);
const PACKED = resolve(dirname(POLYHEAD), "../pack");
const shared = useBrowser();
const [, version] = (await readFile(`${ROOT}Cargo.toml`, "utf8")).match(/^version = "(.*)"$/m);
/** A project that has the package installed. */
let project;

before(async () => {
  project = await mkdtemp(join(tmpdir(), "polyhead-"));
  await write("package.json", '{ "private": true, "type": "module" }');
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(PACKED, `polyhead-${version}.tgz`)], { cwd: project });
  await mkdir(join(project, "public"));
  await cp(DEMO, join(project, "public/both.onnx"));
  await cp(`${WWW}/samples/t-shirt.png`, join(project, "public/t-shirt.png"));
});

after(() => rm(project, { recursive: true }));

const write = (name, text) => writeFile(join(project, name), text);

const ELEMENT = '<polyhead-classifier id="one" model="/both.onnx"></polyhead-classifier>';
const page = (script, body = "") => `<!doctype html><html lang="en"><title>test</title><link rel="icon" href="data:,">
  <script type="module" src="${script}"></script>${body}`;

/** The label of the sample, from the element that the page has. */
const labelOf = (page) =>
  page.evaluate(async () => {
    await customElements.whenDefined("polyhead-classifier");
    const image = await (await fetch("/t-shirt.png")).blob();
    return (await document.getElementById("one").classify(image)).labels[0].label;
  });

test("a Vite project that uses element and library builds, and its files run under the strict policy", async () => {
  await write("index.html", page("/main.js", ELEMENT));
  await write(
    "main.js",
    `import "polyhead/define";
     import { loadClassifier } from "polyhead";
     globalThis.library = async () => {
       const classifier = await loadClassifier({ model: "/both.onnx" });
       const answer = await classifier.classify(await (await fetch("/t-shirt.png")).blob(), { topK: 1 });
       classifier.close();
       return answer.labels[0].label;
     };`,
  );
  await build({ root: project, logLevel: "error" });
  const headers = { "content-security-policy": `${SELF_HOSTED}; ${TRUSTED}; img-src 'self' data:` };
  const server = await serveFolder(join(project, "dist"), () => ({ headers }));
  try {
    await withPage(
      shared,
      async (page, requests) => {
        assert.equal(await labelOf(page), "t-shirt");
        assert.equal(await page.evaluate(() => globalThis.library()), "t-shirt");
        assert.ok(requests.some((url) => /\/assets\/polyhead_relaxed_bg-[\w-]+\.wasm$/.test(url)), "the module came from elsewhere");
      },
      { url: server.url },
    );
  } finally {
    await server.close();
  }
});

test("Vite's development server runs it with the setting in the README", async () => {
  await write("index.html", page("/main.js", ELEMENT));
  await write("main.js", 'import "polyhead/define";');
  const server = await createServer({
    root: project,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, hmr: false, ws: false },
    optimizeDeps: { exclude: ["polyhead"] },
  });
  await server.listen();
  try {
    const { port } = server.httpServer.address();
    await withPage(shared, async (page) => assert.equal(await labelOf(page), "t-shirt"), {
      url: `http://127.0.0.1:${port}/`,
      consoleMay: /vite|WebSocket/i,
    });
  } finally {
    await server.close();
  }
});

for (const script of ["polyhead/element/define.js", "bundle/define.js"]) {
  test(`a plain script runs ${script}, from this origin and from another`, async () => {
    const installed = join(project, "node_modules/polyhead");
    const library = await serveFolder(installed, () => ({
      headers: { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" },
    }));
    const origin = new URL(library.url).origin;
    for (const base of ["/lib/", library.url]) {
      const headers = {
        "content-security-policy": `${base === "/lib/" ? SELF_HOSTED : crossOrigin(origin)}; img-src 'self' data:`,
      };
      const files = join(project, "site");
      await mkdir(files, { recursive: true });
      await rm(join(files, "lib"), { force: true });
      await symlink(installed, join(files, "lib"));
      await cp(join(project, "public"), files, { recursive: true });
      await writeFile(join(files, "index.html"), page(base + script, ELEMENT));
      const server = await serveFolder(files, () => ({ headers }));
      const context = await shared.browser.newContext();
      try {
        const page = await context.newPage();
        const [said, asked] = [[], []];
        page.on("console", (message) => said.push(message.text()));
        context.on("request", (request) => asked.push(new URL(request.url()).origin));
        await page.goto(server.url);
        assert.equal(await labelOf(page), "t-shirt");
        assert.deepEqual(said, []);
        const own = [new URL(server.url).origin, origin, "null"];
        assert.deepEqual(asked.filter((origin) => !own.includes(origin)), []);
      } finally {
        await context.close();
        await server.close();
      }
    }
    await library.close();
  });
}

test("Node.js imports it by name and classifies", async () => {
  await write(
    "node.js",
    `import { loadClassifier } from "polyhead";
     import "polyhead/define";
     const classifier = await loadClassifier({ model: "public/both.onnx" });
     const { labels } = await classifier.classify({ data: new Uint8Array(4 * 64 * 64), width: 64, height: 64 });
     console.log(labels.length);
     const empty = await loadClassifier().catch(({ code }) => code);
     console.log(empty);`,
  );
  const { stdout } = await run(process.execPath, ["node.js"], { cwd: project, timeout: 60_000 });
  assert.deepEqual(stdout.trim().split("\n"), ["10", "no-model"]);
});

test("its types are those of the source, without any", async () => {
  await write(
    "types.ts",
    `import { loadClassifier, PolyheadError, type Ranking, type Progress } from "polyhead";
     import { PolyheadClassifier } from "polyhead/define";
     import { Camera } from "polyhead/camera";
     import { addTexts } from "polyhead/texts";
     const classifier = await loadClassifier({ model: new Uint8Array(1), onProgress: (step: Progress) => step.loaded });
     const ranking: Ranking = await classifier.classify({ data: new Uint8Array(4), width: 1, height: 1 }, { topK: 1 });
     const probability: number = ranking.labels[0].probability;
     const element = document.querySelector("polyhead-classifier") as PolyheadClassifier;
     element.topK = 3;
     const shown: Promise<Ranking> = element.classify(new Blob());
     addTexts("fr", { choose: "Choisir" });
     new Camera(document.createElement("video"), { onFrame: async () => {} }).start({ facing: "user" });
     // @ts-expect-error a number
     element.topK = "three";
     // @ts-expect-error no such option
     loadClassifier({ modle: "" });
     // @ts-expect-error an error's code is a string
     const code: number = new PolyheadError("a", "b").code;
     export { probability, shown, code };`,
  );
  const flags = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
  await run(`${ROOT}tests/node_modules/.bin/tsc`, [...flags, "--types", "", "types.ts"], { cwd: project });
});

test("it has manifest, licences, README and no model; its exports exist", async () => {
  const installed = join(project, "node_modules/polyhead");
  const about = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  assert.equal(about.version, version);
  assert.equal(about.dependencies, undefined);
  for (const entry of Object.values(about.exports)) {
    for (const path of typeof entry === "string" ? [entry] : Object.values(entry)) {
      await readdir(dirname(join(installed, path)));
      if (!path.includes("*")) {
        await readFile(join(installed, path));
      }
    }
  }
  const manifest = JSON.parse(await readFile(join(installed, about.customElements), "utf8"));
  assert.equal(manifest.modules[0].declarations[0].tagName, "polyhead-classifier");
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "pkg/polyhead_bg.wasm"]) {
    await readFile(join(installed, file));
  }
  const module = await WebAssembly.compile(await readFile(join(installed, "pkg/polyhead_bg.wasm")));
  assert.equal(WebAssembly.Module.customSections(module, "polyhead.model").length, 0);
});

test("the README's reference of the element matches its source", async () => {
  const { README, placed, referenceOf } = await import("../../src/npm/reference.mjs");
  const { elementsManifest } = await import("../../src/npm/manifest.mjs");
  const readme = await readFile(README, "utf8");
  assert.equal(readme, placed(readme, referenceOf(await elementsManifest())), "run: node src/npm/reference.mjs");
});
