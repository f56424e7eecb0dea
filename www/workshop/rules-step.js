/** Step 4: the comparison of the rules, and evidence files. */
import { byId, make, named } from "../page/dom.js";
import { factText, sentence } from "../page/facts.js";
import { list, megabytes, number } from "../page/messages.js";
import { texts as shared } from "../page/texts.js";
import { button, option, replace } from "./form.js";
import { texts } from "./texts.js";

/**
 * @import { State } from "../pkg/workshop.js"
 *
 * @typedef {object} Takers
 * @property {(rule: string) => void} onTake
 * @property {(id: number) => void} onRemove evidence
 */

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
    const remove = button(texts.remove, () => onRemove(id));
    remove.setAttribute("aria-label", texts.removeNamed(name));
    return make(
      "li",
      "",
      named("span", "row-name", name),
      make("span", "row-facts", texts.evidenceFacts(list(heads), labels.length, images, megabytes(summary.bytes))),
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
    const take = inUse ? make("span", "in-use", texts.inUse) : button(texts.use, () => onTake(rule), best ? "primary" : "quiet");
    if (!inUse) {
      take.setAttribute("aria-label", texts.useNamed(rule));
    }
    const name = make("th", "", rule, ...(best ? [" ", make("span", "best", texts.best)] : []), make("small", "", texts.rules[rule] ?? ""));
    name.scope = "row";
    const row = make("tr", [best && "is-best", inUse && "is-taken"].filter(Boolean).join(" "), name, ...[oneDecimal(accuracy), number(nll, { minimumFractionDigits: 3, maximumFractionDigits: 3 }), oneDecimal(ece)].map((value) => make("td", "", value)), make("td", "", take));
    row.dataset.rule = rule;
    return row;
  });
  const columns = [texts.rule, texts.accuracy, "NLL", "ECE", ""].map((name) => {
    const cell = make("th", "", name || make("span", "unseen", texts.action));
    cell.scope = "col";
    return cell;
  });
  const table = make("table", "rule-table", make("thead", "", make("tr", "", ...columns)), make("tbody", "", ...rows));
  const scroll = make("div", "scroll", table);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", texts.compared);
  const { cautions = [] } = taken ?? fit.rule;
  const told = [
    make("p", "what", sentence(shared.validations[fit.measured]), texts.measuredOn(fit.images)),
    scroll,
    make("ul", "cautions", ...cautions.map((caution) => make("li", "", factText(shared.cautions, caution)))),
  ];
  replace(rules, told, () => scroll);
}

/** @param {string[]} names */
function showHeads(names) {
  const chosen = head.value;
  head.replaceChildren(option("", texts.allHeads), ...names.map((name) => option(name)));
  head.value = names.includes(chosen) ? chosen : "";
}

/** @param {number} share */
function oneDecimal(share) {
  return number(share, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
