/** Generates `custom-elements.json`, which tools and editors read, from the comments of the element's source. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const CEM = fileURLToPath(new URL("../../tests/node_modules/.bin/cem", import.meta.url));
/** The sources of the element and of the class that it extends. */
const SOURCES = ["polyhead/element/element.js", "polyhead/element/properties.js"];
const CALLBACKS = /Callback$/;

/** @returns {Promise<object>} in the schema of https://github.com/webcomponents/custom-elements-manifest */
export async function elementsManifest() {
  // The analyzer requires a folder below its working directory.
  const folder = await mkdtemp(`${WWW}.manifest-`);
  try {
    const outdir = folder.slice(WWW.length);
    execFileSync(CEM, ["analyze", "--globs", ...SOURCES, "--outdir", outdir, "--quiet"], { cwd: WWW, stdio: "pipe" });
    return published(JSON.parse(await readFile(`${folder}/custom-elements.json`, "utf8")));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The public part of a manifest. */
function published(manifest) {
  for (const { declarations } of manifest.modules) {
    for (const declaration of declarations) {
      if (!declaration.customElement) {
        continue;
      }
      declaration.superclass = { name: "HTMLElement" };
      declaration.members = declaration.members.filter(
        ({ name, privacy, static: fixed }) =>
          !["private", "protected"].includes(privacy) && !CALLBACKS.test(name) && !(fixed && name === "observedAttributes"),
      );
      for (const member of declaration.members) {
        delete member.inheritedFrom;
      }
      // The only dispatch in the code has its name in a variable, so the analyzer adds an unnamed event.
      declaration.events = declaration.events.filter(({ description }) => description);
    }
  }
  // The class that the element extends is not exported: its members are the element's.
  manifest.modules = manifest.modules.filter(({ declarations }) => declarations.some(({ customElement }) => customElement));
  return manifest;
}
