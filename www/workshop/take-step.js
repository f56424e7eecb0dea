/** Downloads: the model, a site, and code that uses them. */
import { byId } from "../page/dom.js";
import { download } from "../page/export-results.js";
import { megabytes } from "../page/messages.js";
import { fetchFile } from "../polyhead/download.js";
import { showError } from "./error-banner.js";
import { texts } from "./texts.js";

/** @import { ProjectClient } from "./project-client.js" */

const MODEL = "merged.onnx";
const WWW = new URL("../", import.meta.url);
const status = byId("take-status", HTMLElement);

/** @param {ProjectClient} client */
export function watchTake(client) {
  /**
   * @param {string} button
   * @param {string} name
   * @param {string} type
   * @param {() => Promise<Blob>} make
   */
  const offer = (button, name, type, make) => {
    const pressed = byId(button, HTMLButtonElement);
    pressed.addEventListener("click", async () => {
      pressed.setAttribute("aria-busy", "true");
      status.textContent = texts.writing(name);
      showError("take", undefined);
      try {
        const file = await make();
        download(name, type, file);
        status.textContent = `${name}: ${megabytes(file.size)}`;
      } catch (error) {
        status.textContent = "";
        showError("take", error);
      } finally {
        pressed.removeAttribute("aria-busy");
      }
    });
  };
  for (const weights of /** @type {const} */ (["f16", "f32", "int8"])) {
    offer(`take-${weights}`, MODEL, "application/octet-stream", () => client.call("download", { weightFormat: weights }));
  }
  offer("take-zip", "polyhead-site.zip", "application/zip", async () => client.call("site", await siteFiles()));
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const text = byId(button.getAttribute("data-copy") ?? "", HTMLElement).textContent;
      try {
        await navigator.clipboard.writeText(text);
        status.textContent = texts.copied;
      } catch {
        status.textContent = texts.copyForbidden;
      }
    });
  }
}

/** @param {ProjectClient} client */
export async function showTexts(client) {
  const { python, html } = await client.call("texts", { file: MODEL });
  byId("python", HTMLElement).textContent = python;
  byId("snippet", HTMLElement).textContent = html;
}

/** The files of this page that a separate site needs. @returns {Promise<{ path: string, content: Blob }[]>} */
async function siteFiles() {
  /** @type {{ files: string[] }} */
  const { files } = JSON.parse(await (await fetchFile(new URL("pkg/site.json", WWW).href)).text());
  return Promise.all(files.map(async (path) => ({ path, content: await fetchFile(new URL(path, WWW).href) })));
}
