/** Workers of libraries that import by package names, or load scripts as only classic workers can: one file each. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/**
 * @param {string} runner a file in `runners`, without its ending
 * @param {string} folder where `RUNNER.js` goes
 */
export async function bundle(runner, folder) {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      lib: {
        entry: fileURLToPath(new URL(`runners/${runner}.mjs`, import.meta.url)),
        formats: ["iife"],
        name: "runner",
        fileName: () => `${runner}.js`,
      },
      outDir: folder,
      emptyOutDir: false,
      target: "esnext",
    },
  });
  return join(folder, `${runner}.js`);
}
