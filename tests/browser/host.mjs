/** Servers for pages that use the element: self-hosted, or from another origin, each under the policy it needs. */
import { WWW } from "./browser.mjs";
import { serveFolder } from "./server.mjs";

/** The policy of a page that serves everything itself. */
export const SELF_HOSTED = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** A page that lets no text become a script, but where this project vouches for it. */
export const TRUSTED = "require-trusted-types-for 'script'; trusted-types polyhead";

/** The policy of a page that loads element and model from another origin. */
export const crossOrigin = (origin) =>
  `default-src 'self'; script-src 'self' ${origin} 'wasm-unsafe-eval'; connect-src 'self' ${origin}; worker-src blob:`;

/**
 * A worker as the library's own, but for images of one byte.
 *
 * @param {string} act what it does with them
 * @param {string} [base] where the library is served
 */
export const onOneByte = (act, base = "/") => `
  import * as glue from "${base}pkg/polyhead.js";
  const { classify } = glue.Classifier.prototype;
  glue.Classifier.prototype.classify = function (source, options) {
    if (source.size === 1) { ${act} }
    return classify.call(this, source, options);
  };
  import "${base}polyhead/worker.js";
`;

/** As a trap in the module. */
export const TRAP = 'throw new WebAssembly.RuntimeError("unreachable");';

/** The name of the lock of every such worker; the browser frees it when the worker ends. */
const LOCK = "counted worker ";

/**
 * A worker as the library's own, which holds a lock as long as it lives, and which images of one byte make trap.
 *
 * @param {string} base where the library is served
 */
export const tellingWorker = (base) => `
  navigator.locks.request("${LOCK}" + crypto.randomUUID(), () => new Promise(() => {}));
  ${onOneByte(TRAP, base)}
`;

/** Counts living workers by the locks that they hold, once there are as many as expected. Runs in the page. @param {number} expected */
export async function countWorkers(expected) {
  const end = performance.now() + 60_000;
  for (;;) {
    const { held } = await navigator.locks.query();
    const count = held.filter(({ name }) => name.startsWith("counted worker ")).length;
    if (count === expected || performance.now() > end) {
      return count;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The script of every page: it records events and policy violations. */
export const RECORDER = `
  window.told = [];
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
  window.onerror = (message) => violations.push("uncaught: " + message);
  window.onunhandledrejection = ({ reason }) => violations.push("unhandled: " + reason);
  for (const type of ["ready", "ranking", "error"]) {
    document.addEventListener(type, ({ target, detail }) => {
      if (detail) told.push({ type, id: target.id, ...detail, error: detail.error && { ...detail.error, name: detail.error.name, message: detail.error.message } });
    }, true);
  }
  window.next = (type, act = () => {}) => new Promise((resolve, reject) => {
    const from = told.length;
    const look = setInterval(() => {
      const found = told.slice(from).find((entry) => entry.type === type);
      const failed = type !== "error" && told.slice(from).find((entry) => entry.type === "error");
      if (found || failed) {
        clearInterval(look);
        found ? resolve(found) : reject(new Error(JSON.stringify(failed.error)));
      }
    }, 20);
    act();
  });
`;

/**
 * @param {{ body: string, base?: string, policy?: string, options?: string, scripts?: Record<string, string | Uint8Array> }} page `base`: where the library is; `options`:
 *   what the element class passes on
 * @returns {Promise<{ page: string, requests: string[], down: Set<string>, close(): Promise<void> }>} `requests`: the paths
 *   that were asked for; `down`: those that are out of service
 */
export async function servePage({ body, base = "/", policy = SELF_HOSTED, options = "{}", scripts: more = {} }) {
  const requests = [];
  const down = new Set();
  const scripts = {
    "/recorder.js": RECORDER,
    "/define.js": `import { PolyheadClassifier } from "${base}polyhead/element/define.js";
      PolyheadClassifier.loadOptions = ${options};`,
    "/options.js": `import { PolyheadClassifier } from "${base}polyhead/element/element.js";
      PolyheadClassifier.loadOptions = ${options};`,
    "/telling-worker.js": tellingWorker(base),
  };
  const server = await serveFolder(WWW, (path) => {
    requests.push(path);
    if (down.has(path)) {
      return { status: 503, body: "" };
    }
    const headers = { "content-security-policy": policy, "last-modified": "Tue, 24 Nov 2026 00:00:00 GMT" };
    if (path === "/element.html") {
      const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>element</title><link rel="icon" href="/icon.svg"><script src="/recorder.js"></script>
        <script type="module" src="/options.js"></script><script type="module" src="/define.js"></script>${body}`;
      return { type: "text/html", body: html, headers };
    }
    const script = more[path] ?? scripts[path];
    return script === undefined ? { headers } : { type: "text/javascript", body: script, headers };
  });
  return { ...server, requests, down, page: `${server.url}element.html` };
}

/** The library on an origin of its own, for any page. */
export function serveLibrary() {
  return serveFolder(WWW, (path) => ({
    headers: {
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "last-modified": "Tue, 24 Nov 2026 00:00:00 GMT",
      ...(path.endsWith(".js") ? { "content-type": "text/javascript" } : {}),
    },
  }));
}
