/** The rankings of many images as files: CSV (RFC 4180) and JSON. */
import { headlineOf } from "../polyhead/top-result.js";
import { PolyheadError } from "../polyhead/index.js";

/** Not translated: programs read the files. */
const NONE = "None of these";

/**
 * @import { Item } from "./batch-view.js"
 * @import { Classifier } from "../polyhead/index.js"
 * @import { Ranking } from "../polyhead/types.js"
 */

/**
 * One row per image: its path, its result (the first label with its heads, or none of them) with the probability, a
 * column for none of them if the model yields it, one column per label, and the error.
 *
 * @param {Item[]} items
 * @param {string[]} labels
 */
export function toCsv(items, labels) {
  const none = items.some(({ ranking }) => ranking?.none !== undefined);
  const head = ["file", "label", "heads", "probability", ...(none ? [NONE] : []), ...labels, "error"];
  const rows = items.map(({ path, ranking, error, state }) => {
    const [label, heads, probability] = ranking ? headline(ranking) : [];
    const shares = new Map(ranking?.labels.map(({ label, probability }) => [label, probability]));
    return [
      path,
      label,
      heads,
      probability,
      ...(none ? [ranking?.none] : []),
      ...labels.map((label) => shares.get(label)),
      state === "failed" ? reason(error).message : state === "waiting" ? "not ranked yet" : undefined,
    ];
  });
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * @param {Ranking} ranking
 * @returns {(string | number | undefined)[]}
 */
function headline(ranking) {
  const found = headlineOf(ranking);
  return found.none
    ? [NONE, undefined, found.probability]
    : [found.first?.label, found.first?.heads.join(" + "), found.first?.probability];
}

/**
 * A text that starts like a formula gets a leading apostrophe, which marks it as text in spreadsheets.
 *
 * @param {string | number | undefined} value
 */
function cell(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {Item[]} items
 * @param {Pick<Classifier, "labels" | "heads">} classifier
 */
export function toJson(items, { labels, heads }) {
  const images = items.map(({ path, ranking, error, state }) =>
    ranking ? { file: path, ...ranking } : { file: path, ...(state === "failed" ? { error: reason(error) } : { waiting: true }) },
  );
  return `${JSON.stringify({ model: { labels, heads }, images }, null, 2)}\n`;
}

/** @param {unknown} error */
function reason(error) {
  const code = error instanceof PolyheadError ? error.code : "unknown";
  return { code, message: error instanceof Error ? error.message : String(error) };
}

/**
 * @param {string} name
 * @param {string} type
 * @param {BlobPart} content
 */
export function download(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  // The browser reads the URL after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
