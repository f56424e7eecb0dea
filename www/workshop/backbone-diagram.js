/** A diagram of the merged model: the shared backbone, the cut, the heads. */
import { make, tell } from "../page/dom.js";
import { brief } from "../page/display-name.js";
import { megabytes, number as format, percent } from "../page/messages.js";
import { texts } from "./texts.js";

/**
 * @import { MergeReport } from "../pkg/workshop.js"
 *
 * @typedef {object} Branch
 * @property {string} name
 * @property {string[]} facts
 */

const SVG = "http://www.w3.org/2000/svg";
/** The minimum width for the branches next to the trunk; otherwise they are below it. */
const WIDE = 560;
const BRANCH = { width: 340, height: 72, gap: 14 };
const TRUNK = { width: 232, height: 112 };

/**
 * Redraws the diagram when the width of its place changes.
 *
 * @param {HTMLElement} figure
 */
export function watchBackbone(figure) {
  /** @type {MergeReport | undefined} */
  let shown;
  let width = 0;
  const draw = () => {
    if (shown && width > 0) {
      figure.replaceChildren(drawing(shown, width));
    }
  };
  new ResizeObserver(([{ contentRect }]) => {
    if (Math.abs(contentRect.width - width) > 1) {
      width = contentRect.width;
      draw();
    }
  }).observe(figure);
  return (/** @type {MergeReport} */ report) => {
    shown = report;
    width = figure.clientWidth;
    draw();
  };
}

/**
 * @param {MergeReport} report
 * @param {number} width
 */
function drawing(report, width) {
  const { backbone, shared_backbone: replaced } = report;
  const branches = backbone.models.map(({ name, head, shared }, place) => ({
    name,
    facts: [
      texts.headSize(texts.layers(head.nodes), number(head.parameters)),
      // Every model is compared with the first, unless the backbone has the mean of all weights.
      place === 0 && replaced?.weights !== "mean" ? texts.givesWeights : texts.shareOfWork(percent(shared)),
    ],
  }));
  const shares = backbone.models.map(({ name, shared }) => texts.headShares(brief(name), percent(shared))).join("; ");
  const trunk = [
    texts.layers(backbone.nodes),
    texts.parametersAndBytes(number(backbone.parameters), megabytes(backbone.bytes)),
    texts.multiplyAdds(number(backbone.multiply_adds)),
  ];
  const wide = width >= WIDE;
  const stack = branches.length * (BRANCH.height + BRANCH.gap) - BRANCH.gap;
  const height = wide ? Math.max(stack, TRUNK.height) + 4 : TRUNK.height + 34 + stack + 4;
  const root = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": texts.diagram(backbone.nodes, branches.length, shares) });
  if (wide) {
    const middle = height / 2;
    const cut = Math.min(TRUNK.width + (width - TRUNK.width) * 0.2, 330);
    const left = Math.min(cut + 80, width - 250);
    const top = middle - stack / 2;
    root.append(element("path", { class: "line", d: `M${TRUNK.width} ${middle}H${cut}` }));
    branches.forEach((branch, place) => {
      const y = top + place * (BRANCH.height + BRANCH.gap) + BRANCH.height / 2;
      const bend = (cut + left) / 2;
      root.append(element("path", { class: "line", d: `M${cut} ${middle}C${bend} ${middle} ${bend} ${y} ${left} ${y}` }));
      root.append(box("branch", left, y - BRANCH.height / 2, Math.min(width - left - 1, BRANCH.width), BRANCH.height, branch));
    });
    root.append(box("trunk", 1, middle - TRUNK.height / 2, TRUNK.width, TRUNK.height, { name: texts.shared, facts: trunk }));
    root.append(element("circle", { class: "cut", cx: cut, cy: middle, r: 6 }), text("cut", cut, middle - 14, texts.cut, "middle"));
  } else {
    const stem = 18;
    const cut = TRUNK.height + 18;
    root.append(box("trunk", 1, 1, width - 2, TRUNK.height, { name: texts.shared, facts: trunk }));
    branches.forEach((branch, place) => {
      const y = TRUNK.height + 34 + place * (BRANCH.height + BRANCH.gap);
      root.append(element("path", { class: "line", d: `M${stem} ${TRUNK.height}V${y + BRANCH.height / 2 - 8}q0 8 8 8H44` }));
      root.append(box("branch", 44, y, width - 45, BRANCH.height, branch));
    });
    root.append(element("circle", { class: "cut", cx: stem, cy: cut, r: 6 }), text("cut", stem + 14, cut + 4, texts.cut));
  }
  return root;
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {Branch} content
 */
function box(kind, x, y, width, height, { name, facts }) {
  const group = element("g", { class: kind });
  const line = 18;
  const first = y + height / 2 - (facts.length * line) / 2 + 5;
  group.append(
    element("rect", { x, y, width, height, rx: 12 }),
    text("name", x + 14, first, shortened(name, width - 28)),
    ...facts.map((fact, place) => text("fact", x + 14, first + line * (place + 1), fact)),
  );
  return group;
}

/**
 * @param {string} name
 * @param {number} width pixels; a letter takes about eight
 */
function shortened(name, width) {
  const most = Math.floor(width / 8);
  const letters = [...brief(name)];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : brief(name);
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} [anchor]
 */
function text(kind, x, y, words, anchor = "start") {
  const made = element("text", { class: kind, x, y, "text-anchor": anchor });
  tell(made, words);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function element(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  return made;
}

/**
 * The sizes before and after as two bars.
 *
 * @param {number} before bytes
 * @param {number} after bytes
 */
export function sizes(before, after) {
  const most = Math.max(before, after, 1);
  const row = (/** @type {string} */ name, /** @type {number} */ bytes) => {
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", String(bytes / most));
    return make("div", "", make("dt", "", name), make("dd", "", bar, make("span", "percent", megabytes(bytes))));
  };
  return make("dl", "sizes", row(texts.filesBefore, before), row(texts.fileAfter, after));
}

/** @param {number} value */
export function number(value) {
  const units = /** @type {const} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]]);
  const [unit, letter] = units.find(([unit]) => value >= unit) ?? [1, ""];
  return letter ? `${format(value / unit, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })} ${letter}` : format(value);
}
