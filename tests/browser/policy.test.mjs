/** The policy of what ships: what it says, what it refuses, and that everything works under it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WWW, rankingAfter, ready, useBrowser, withPage } from "./browser.mjs";
import { SELF_HOSTED, TRUSTED, crossOrigin, serveLibrary, servePage } from "./host.mjs";
import { useSmallProject } from "./small-project.mjs";
import { test } from "./test.mjs";

const shared = useBrowser();
const withSmallProject = useSmallProject();
const PAGES = { "index.html": "polyhead", "workshop.html": "polyhead polyhead-report" };

/** @returns {Record<string, string>} */
const directives = (policy) =>
  Object.fromEntries(policy.split(/;\s*/).map((part) => [part.split(" ")[0], part.split(" ").slice(1).join(" ")]));

/** Writes down what breaks the policy, in page and frames. */
const record = (page) =>
  page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => window.violations.push(`${effectiveDirective} ${blockedURI}`));
  });

for (const [file, policies] of Object.entries(PAGES)) {
  test(`${file}: no inline script, style or handler; its policy lists its permissions`, async () => {
    const html = await readFile(`${WWW}/${file}`, "utf8");
    const [, policy] = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/);
    assert.deepEqual(directives(policy), {
      "default-src": "'self'",
      "script-src": "'self' 'wasm-unsafe-eval'",
      "connect-src": "'self'",
      // Images that a person gives are shown by an address of the page's own (blob:); reports carry small ones (data:).
      "img-src": "'self' blob: data:",
      "object-src": "'none'",
      "base-uri": "'none'",
      "form-action": "'self'",
      "require-trusted-types-for": "'script'",
      "trusted-types": policies,
    });
    assert.ok(html.indexOf("Content-Security-Policy") < html.search(/<(script|link|style)\b/), "the policy comes first");
    assert.deepEqual(html.match(/<style\b|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)[^>]*>|javascript:/g), null);
  });

  test(`${file}: an injected script, style, markup or worker is refused`, () =>
    withPage(
      shared,
      async (page) => {
        const tried = await page.evaluate(async () => {
          const refused = (act) => {
            try {
              act();
              return "nothing";
            } catch (error) {
              return error.name;
            }
          };
          const script = document.createElement("script");
          const style = document.createElement("style");
          const styled = document.createElement("p");
          style.textContent = "h1 { color: red }";
          document.head.append(style);
          document.body.append(styled);
          const markup = refused(() => (styled.innerHTML = "<img src=x>"));
          const outcome = {
            markup,
            script: refused(() => (script.text = "window.injected = true")),
            handler: refused(() => styled.setAttribute("onclick", "window.injected = true")),
            parsed: refused(() => new DOMParser().parseFromString("<p>", "text/html")),
            worker: refused(() => new Worker("polyhead/worker.js")),
            policy: refused(() => window.trustedTypes.createPolicy("mine", { createHTML: String })),
          };
          styled.setAttribute("style", "color: red");
          script.append("window.injected = true");
          document.head.append(script);
          await new Promise((resolve) => setTimeout(resolve));
          // Scripts of the test itself may compile code; a task of the page's own may not.
          outcome.code = refused(() => new Function("return 1"));
          return { ...outcome, injected: window.injected ?? false, color: getComputedStyle(styled).color, title: getComputedStyle(document.querySelector("h1")).color };
        });
        const { color, title, injected, ...names } = tried;
        assert.deepEqual(names, { markup: "TypeError", script: "TypeError", handler: "TypeError", parsed: "TypeError", worker: "TypeError", code: "EvalError", policy: "TypeError" });
        assert.equal(injected, false);
        assert.notEqual(color, "rgb(255, 0, 0)");
        assert.notEqual(title, "rgb(255, 0, 0)");
        for (const directive of ["require-trusted-types-for", "style-src-elem", "style-src-attr", "trusted-types"]) {
          await page.waitForFunction((directive) => window.violations.some((line) => line.split(" ")[0] === directive), directive);
        }
      },
      { path: file, prepare: record, consoleMay: /Content Security Policy|Refused to|This document requires|Trusted|violates/i },
    ));
}

test("served files have the headers against framing and content sniffing", async () => {
  for (const path of ["", "workshop.html", "sw.js", "polyhead/worker.js"]) {
    const { headers } = await fetch(shared.url + path);
    assert.deepEqual(directives(headers.get("content-security-policy")), {
      "default-src": "'self'",
      "script-src": "'self' 'wasm-unsafe-eval'",
      "img-src": "'self' blob: data:",
      "object-src": "'none'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
    });
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  }
});

test("the whole page, with its service worker, works without a policy violation", () =>
  withPage(
    shared,
    async (page) => {
      await ready(page);
      await rankingAfter(page, () => page.click(".sample"));
      await page.click("#why-switch");
      await page.waitForSelector("#activation-map:not([hidden])");
      await page.setInputFiles("#classifier input[accept]", ["skirt", "shirt"].map((name) => `${WWW}/samples/${name}.png`));
      await page.waitForSelector(".thumbnail[src] >> nth=1");
      await Promise.all([page.waitForEvent("download"), page.click("#batch-csv")]);
      await page.waitForFunction(() => /without a network now/.test(document.getElementById("offline-words").textContent));
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    },
    { prepare: record },
  ));

test("the whole workshop works without a policy violation", () =>
  withPage(
    shared,
    async (page) => {
      await page.click("#sample-project");
      await page.waitForSelector("#report footer");
      await page.click("#fit-run");
      await page.waitForSelector(".rule-table");
      await page.setInputFiles("#classifier input[accept]", `${WWW}/samples/skirt.png`);
      await page.waitForSelector('[part="time"]:not(:empty)');
      await Promise.all([page.waitForEvent("download"), page.click("#take-zip")]);
      await Promise.all([page.waitForEvent("download"), page.click("#project-save")]);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    },
    { path: "workshop.html", prepare: (page) => Promise.all([record(page), withSmallProject(page)]) },
  ));

/** The element's answer on a page with this policy. */
async function onPage(options, walk, more) {
  const server = await servePage({ body: '<polyhead-classifier id="one"></polyhead-classifier>', ...options });
  try {
    await withPage(shared, walk, { url: server.url, path: "element.html", ...more });
  } finally {
    await server.close();
  }
}

const answer = (page) =>
  page.evaluate(async () => {
    await customElements.whenDefined("polyhead-classifier");
    const ranking = await document.getElementById("one").classify(await (await fetch("/samples/t-shirt.png")).blob());
    return { label: ranking.labels[0].label, violations: window.violations };
  });

test("in other pages with Trusted Types the element works under the policy named polyhead", () =>
  onPage({ policy: `${SELF_HOSTED}; ${TRUSTED}` }, async (page) =>
    assert.deepEqual(await answer(page), { label: "t-shirt", violations: [] })));

test("in other pages with Trusted Types the element works with files from another origin", async () => {
  const library = await serveLibrary();
  const origin = new URL(library.url).origin;
  try {
    await onPage(
      { base: library.url, policy: `${crossOrigin(origin)}; ${TRUSTED}` },
      async (page) => assert.deepEqual(await answer(page), { label: "t-shirt", violations: [] }),
      { mayAsk: new RegExp(`^${origin}`) },
    );
  } finally {
    await library.close();
  }
});

test("if a page's policy blocks it, the element names the directive to allow", () =>
  onPage(
    { policy: `${SELF_HOSTED}; require-trusted-types-for 'script'; trusted-types none-of-ours` },
    async (page) => {
      const error = await page.evaluate(async () => {
        await customElements.whenDefined("polyhead-classifier");
        return document.getElementById("one").classify(new Blob(["x"])).then(() => "nothing", ({ name, code, message }) => ({ name, code, message }));
      });
      assert.deepEqual([error.name, error.code], ["PolyheadError", "worker-start"]);
      assert.match(error.message, /the page's policy allows it/);
    },
    { consoleMay: /Content Security Policy|policy|Trusted/i },
  ));
