/** The shared parts of the workshop's tests: files put into its fields, its downloads, the archives it writes. */
import { inflateRawSync } from "node:zlib";
import { PATIENCE } from "./browser.mjs";

/** The sample project's exports, as `./build.sh build` puts them beside the page. */
export const MODELS = ["trash", "clothes"].flatMap((name) => [".onnx", ".labels.txt", ".preprocess.json"].map((kind) => name + kind));

/** Drawn images under their labels. */
export const IMAGES = {
  "cardboard/cardboard-box.png": "cardboard-box.png",
  "glass/glass-bottle.png": "glass-bottle.png",
  "metal/metal-can.png": "metal-can.png",
  "paper/newspaper.png": "newspaper.png",
  "plastic/plastic-bottle.png": "plastic-bottle.png",
  "shirt/shirt.png": "shirt.png",
  "skirt/skirt.png": "skirt.png",
  "t-shirt/t-shirt.png": "t-shirt.png",
};

/** Waits until a worker that was lost has a successor with the models: the words are there from the loss on. */
export const recovered = (page) =>
  page.waitForFunction(() => document.getElementById("project-words").textContent === "", undefined, { timeout: 3 * PATIENCE });

/** Runs in the page: keeps what would be downloaded, and what breaks its promises. */
export function watch() {
  window.saved = {};
  window.violations = [];
  const blobs = new Map();
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const url = create.call(URL, blob);
    blobs.set(url, blob);
    return url;
  };
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () {
    if (this.download) {
      window.saved[this.download] = blobs.get(this.href);
    } else {
      click.call(this);
    }
  };
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  window.addEventListener("error", ({ message }) => window.violations.push(`uncaught: ${message}`));
  window.addEventListener("unhandledrejection", ({ reason }) => window.violations.push(`unhandled: ${reason}`));
}

/**
 * Runs in the page: puts files into a field as a person would, with their paths.
 *
 * @param {string} id
 * @param {Record<string, string>} files address by path
 */
export async function give(id, files) {
  const made = await Promise.all(
    Object.entries(files).map(async ([path, url]) => {
      const blob = url.startsWith("text:") ? new Blob([url.slice(5)]) : await (await fetch(url)).blob();
      const file = new File([blob], path.split("/").at(-1), { type: path.endsWith(".png") ? "image/png" : "" });
      Object.defineProperty(file, "webkitRelativePath", { value: path.includes("/") ? path : "" });
      return file;
    }),
  );
  const field = document.getElementById(id);
  Object.defineProperty(field, "files", { value: made, configurable: true });
  field.dispatchEvent(new Event("change"));
  return made.length;
}

/**
 * Runs in the page: waits for an element that can be seen.
 *
 * @param {string} selector
 * @param {string} [text] that it must have
 */
export function seen(selector, text = "") {
  const told = () => [...document.querySelectorAll("[role=alert]")].map((alert) => alert.textContent).filter(Boolean);
  const deep = (root) => [...root.querySelectorAll(selector), ...[...root.querySelectorAll("polyhead-classifier")].flatMap(({ shadowRoot }) => (shadowRoot ? deep(shadowRoot) : []))];
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const before = told().length;
    const look = () => {
      const found = deep(document).find((element) => element.getClientRects().length > 0 && element.textContent.includes(text));
      if (found) {
        resolve(found.textContent);
      } else if (told().length > before || performance.now() - start > 240_000) {
        reject(new Error(`expected ${selector} with '${text}', found: ${document.querySelector(selector)?.textContent}; alerts: ${told().join(" | ")}`));
      } else {
        setTimeout(look, 50);
      }
    };
    look();
  });
}

/** Runs in the page: presses a button once, as soon as it can be seen, before anything else runs; then it is in `pressed`. @param {string} id */
export function pressSoon(id) {
  const button = document.getElementById(id);
  window.pressed ??= [];
  const watcher = new MutationObserver(() => {
    if (button.getClientRects().length > 0) {
      watcher.disconnect();
      window.pressed.push(id);
      button.click();
    }
  });
  watcher.observe(document.body, { subtree: true, attributes: true });
}

/** Runs in the page: a part of what it saved, as base64. */
function part(name, start, end) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(window.saved[name].slice(start, end));
  });
}

/**
 * The file that a press of a button saves.
 *
 * @param {{ run: (body: Function, ...values: unknown[]) => Promise<any> }} page
 * @param {string} button
 * @param {string} name
 * @returns {Promise<Buffer>}
 */
export async function savedBy(page, button, name) {
  const size = await page.run(
    (button, name) => {
      delete window.saved[name];
      document.querySelector(button).click();
      return new Promise((resolve, reject) => {
        const start = performance.now();
        const look = () => {
          if (window.saved[name]) {
            resolve(window.saved[name].size);
          } else if (performance.now() - start > 120_000) {
            reject(new Error(`expected ${name}, found nothing saved: ${document.getElementById("alert-take").textContent}`));
          } else {
            setTimeout(look, 50);
          }
        };
        look();
      });
    },
    button,
    name,
  );
  const parts = [];
  const STEP = 3_000_000;
  for (let start = 0; start < size; start += STEP) {
    parts.push(Buffer.from(await page.run(part, name, start, start + STEP), "base64"));
  }
  return Buffer.concat(parts);
}

/**
 * The files of a zip without extensions (APPNOTE 4.3): by the central directory at its end.
 *
 * @param {Buffer} zip
 * @returns {Map<string, Buffer>}
 */
export function unzip(zip) {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const files = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    const [method, size, nameLength, extra, comment, offset] = [
      zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42),
    ];
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const body = zip.subarray(start, start + size);
    if (!name.endsWith("/")) {
      files.set(name, method === 8 ? inflateRawSync(body) : Buffer.from(body));
    }
    at += 46 + nameLength + extra + comment;
  }
  return files;
}
