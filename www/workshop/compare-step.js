/** Step 3: the report of the check, the same as on the command line, in this page. */
import { byId, make } from "../page/dom.js";
import { download } from "../page/export-results.js";
import { factText, sentence } from "../page/facts.js";
import { language } from "../page/language.js";
import { cleaned } from "../polyhead/sanitize.js";
import { trustedTypes } from "../polyhead/trusted-types.js";
import { texts } from "./texts.js";
import { inline, thumbnail } from "../page/thumbnail.js";

/**
 * @import { Item } from "./image-queue.js"
 * @import { ProjectClient } from "./project-client.js"
 * @import { Report } from "../pkg/workshop.js"
 */

const root = byId("report", HTMLElement);
const save = byId("report-save", HTMLButtonElement);
/** The report is written by the module, which escapes all text in it; nothing else is ever parsed. */
const reports = trustedTypes()?.createPolicy("polyhead-report", { createHTML: (html) => html });
/** A prefix of the ids in the report: the page has ids of its own. */
const PREFIX = "report-";

export class Compare {
  #client;
  #items;
  /** @type {string[]} names of the images that the report shows */
  #wanted = [];
  /** @type {Report | undefined} */
  #report;

  /**
   * @param {ProjectClient} client
   * @param {() => Item[]} items
   * @param {(error: unknown) => void} onError
   */
  constructor(client, items, onError) {
    this.#client = client;
    this.#items = items;
    save.addEventListener("click", () => this.#save().catch(onError));
  }

  /** @returns {Promise<Report>} */
  async run() {
    const { report, wanted } = await this.#client.call("check");
    this.#wanted = wanted;
    this.#report = report;
    await show(report, await this.#client.call("checkPage", await this.#thumbnails(({ url }) => url)));
    save.hidden = false;
    return report;
  }

  clear() {
    newest = {};
    root.replaceChildren();
    save.hidden = true;
  }

  /** Translates verdict, warnings and the names of the tables; the rest of the report is in English. */
  translate() {
    if (this.#report) {
      word(root, this.#report);
    }
    for (const wide of root.querySelectorAll(".scroll")) {
      wide.setAttribute("aria-label", texts.table);
    }
  }

  async #save() {
    const page = await this.#client.call("checkPage", await this.#thumbnails(inline));
    download("polyhead-report.html", "text/html", page);
  }

  /** @param {(small: import("../page/thumbnail.js").Thumbnail) => string | Promise<string>} address */
  async #thumbnails(address) {
    const wanted = new Set(this.#wanted);
    /** @type {Record<string, string>} */
    const addresses = {};
    for (const item of this.#items()) {
      if (item.name !== undefined && wanted.has(item.name)) {
        try {
          addresses[item.name] = await address(await thumbnail(item));
        } catch {
          // Without a copy the report names the image.
        }
      }
    }
    return addresses;
  }
}

/** Identifies the newest report: an older one that is still being inserted stops. */
let newest = {};

/**
 * @param {Report} report
 * @param {string} html
 */
async function show(report, html) {
  // Parsed separately, without the style, which this page's policy forbids: nothing runs or loads before it is
  // inserted.
  const content = cleaned(html.slice(html.indexOf("<body>")));
  const { body } = new DOMParser().parseFromString(reports?.createHTML(content) ?? content, "text/html");
  for (const place of body.querySelectorAll("[id]")) {
    place.id = PREFIX + place.id;
  }
  for (const link of body.querySelectorAll('a[href^="#"]')) {
    link.setAttribute("href", `#${PREFIX}${link.getAttribute("href")?.slice(1)}`);
  }
  lower(body, "h3", "h4");
  lower(body, "h2", "h3");
  lower(body, "h1", "p");
  for (const wide of body.querySelectorAll(".scroll")) {
    wide.setAttribute("tabindex", "0");
    wide.setAttribute("role", "group");
    wide.setAttribute("aria-label", texts.table);
  }
  for (const corner of body.querySelectorAll("th:empty")) {
    corner.replaceWith(make("td", ""));
  }
  word(body, report);
  const mine = (newest = {});
  root.replaceChildren();
  // In parts, so that the page responds in between.
  for (const node of [...body.childNodes]) {
    root.append(document.adoptNode(node));
    await new Promise((resolve) => setTimeout(resolve));
    if (mine !== newest) {
      return;
    }
  }
}

/**
 * Writes verdict and warnings in the page's language.
 *
 * @param {HTMLElement} report the page of the report, or its visible part
 * @param {Report} facts
 */
function word(report, { verdict, warnings }) {
  const { advice, reason, rule, uncertain } = verdict;
  const why = factText(texts.reasons, reason) + (uncertain ? texts.unsure : "");
  const next = rule === undefined ? [] : [` ${texts.ruleToFit} `, make("code", "", rule), "."];
  fill(report.querySelector(".verdict"), make("strong", "", sentence(texts.verdicts[advice])), make("p", "", `${sentence(why)}.`, ...next));
  fill(report.querySelector(".warnings"), ...warnings.map((warning) => make("li", "", `${sentence(factText(texts.warnings, warning))}.`)));
}

/**
 * @param {Element | null} place its English content is replaced
 * @param {...Node} content
 */
function fill(place, ...content) {
  place?.replaceChildren(...content);
  place?.setAttribute("lang", language);
}

/**
 * The report is below headings of the page.
 *
 * @param {HTMLElement} body
 * @param {string} from
 * @param {"h3" | "h4" | "p"} to
 */
function lower(body, from, to) {
  for (const heading of body.querySelectorAll(from)) {
    const lower = make(to, "", ...heading.childNodes);
    if (heading.id) {
      lower.id = heading.id;
    }
    heading.replaceWith(lower);
  }
}
