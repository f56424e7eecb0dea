/** Step 4: the rules side by side, and the evidence that others hand over. */
import { byId, make, named } from "../page/dom.js";
import { list, megabytes } from "../page/messages.js";
import { button, option, replace } from "./form.js";

/**
 * @import { State } from "../pkg/workshop.js"
 *
 * @typedef {object} Takers
 * @property {(rule: string) => void} onTake
 * @property {(id: number) => void} onRemove evidence
 */

/** @type {Record<string, string>} */
const MEANING = {
  concat: "the heads' scores side by side, as they are",
  scaled: "side by side, with a scale a head and an offset a label",
  gated: "first which head, from the features; then its label",
  retrained: "one joint head on the shared features",
};

const rules = byId("rules", HTMLElement);
const evidence = byId("evidence-list", HTMLUListElement);
const head = byId("evidence-head", HTMLSelectElement);

/**
 * @param {State} state
 * @param {Takers} takers
 */
export function showRules({ fit, taken, evidence: files, merge }, { onTake, onRemove }) {
  showHeads(merge?.heads.map(({ name }) => name) ?? []);
  const given = files.map(({ id, name, summary }) => {
    const labels = summary.labels.filter(({ images }) => images > 0);
    const heads = [...new Set(labels.map(({ head }) => head))];
    const images = labels.reduce((sum, { images }) => sum + images, 0);
    const remove = button("Remove", () => onRemove(id));
    remove.setAttribute("aria-label", `Remove ${name}`);
    return make(
      "li",
      "",
      named("span", "row-name", name),
      make("span", "row-facts", `${list(heads)}, ${labels.length} labels, ${images} images, ${megabytes(summary.bytes)}`),
      remove,
    );
  });
  replace(evidence, given, () => byId("evidence-add", HTMLElement));
  if (!fit) {
    replace(rules, [], () => byId("fit-run", HTMLElement));
    return;
  }
  const chosen = taken?.name ?? "concat";
  const rows = fit.comparison.map(({ rule, accuracy, nll, ece }) => {
    const best = rule === fit.best;
    const inUse = rule === chosen;
    const take = inUse ? make("span", "in-use", "In use") : button("Take it", () => onTake(rule), best ? "primary" : "quiet");
    if (!inUse) {
      take.setAttribute("aria-label", `Take it: ${rule}`);
    }
    const name = make("th", "", rule, ...(best ? [" ", make("span", "best", "best")] : []), make("small", "", MEANING[rule] ?? ""));
    name.scope = "row";
    const row = make("tr", [best && "is-best", inUse && "is-taken"].filter(Boolean).join(" "), name, ...[oneDecimal(accuracy), nll.toFixed(3), oneDecimal(ece)].map((value) => make("td", "", value)), make("td", "", take));
    row.dataset.rule = rule;
    return row;
  });
  const columns = ["rule", "right", "NLL", "ECE", ""].map((name) => {
    const cell = make("th", "", name || make("span", "unseen", "take"));
    cell.scope = "col";
    return cell;
  });
  const table = make("table", "rule-table", make("thead", "", make("tr", "", ...columns)), make("tbody", "", ...rows));
  const scroll = make("div", "scroll", table);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", "The rules side by side");
  const { cautions = [] } = taken ?? fit.rule;
  const told = [
    make("p", "what", `${sentence(fit.measured)} (${fit.images} images). NLL and ECE: the smaller, the better.`),
    scroll,
    make("ul", "cautions", ...cautions.map((caution) => make("li", "", caution))),
  ];
  replace(rules, told, () => scroll);
}

/** @param {string[]} names */
function showHeads(names) {
  const chosen = head.value;
  head.replaceChildren(option("", "all heads"), ...names.map((name) => option(name)));
  head.value = names.includes(chosen) ? chosen : "";
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {number} share */
function oneDecimal(share) {
  return `${(100 * share).toFixed(1)} %`;
}
