/** Why this label: the places of the image that speak for it stay lit, the others are veiled. */
import { byId, make, tell } from "./dom.js";
import { brief } from "./display-name.js";
import { inWords, list } from "./messages.js";

/**
 * @import { Classifier } from "../polyhead/index.js"
 * @import { ActivationMap, Card, Explanation } from "../polyhead/types.js"
 */

/** How dark the veil is where nothing speaks for the label, 0..1. */
const DARKEST = 0.84;
/** The veil's longer side in pixels: maps are of a few places, which the browser smooths. */
const SIDE = 512;

const root = byId("why", HTMLElement);
const button = byId("why-switch", HTMLButtonElement);
const choice = byId("why-choice", HTMLElement);
const select = byId("why-label", HTMLSelectElement);
const words = byId("why-words", HTMLElement);
const veil = byId("veil", HTMLCanvasElement);
const preview = byId("preview", HTMLImageElement);

/** @type {() => Promise<Classifier>} */
let ready;
/** @type {Card | undefined} */
let card;
/** What is on the stage. @type {{ image: Blob, label: string } | undefined} */
let shown;
/** Of the shown image. @type {Explanation | undefined} */
let explanation;

/** @param {() => Promise<Classifier>} classifier */
export function watchWhy(classifier) {
  ready = classifier;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isOn()));
    update();
  });
  select.addEventListener("change", draw);
}

/** @param {Card} of the model that answers */
export function explainWith(of) {
  card = of;
  update();
}

/**
 * @param {Blob | undefined} image on the stage, if there is one
 * @param {string} [label] the first of its ranking
 */
export function showWhy(image, label) {
  shown = image && label !== undefined ? { image, label } : undefined;
  explanation = undefined;
  update();
}

/** Another image comes onto the stage. */
export function liftVeil() {
  veil.hidden = true;
}

function isOn() {
  return button.getAttribute("aria-pressed") === "true";
}

async function update() {
  const asked = shown;
  root.hidden = !asked || !card;
  const linear = card?.heads.some((head) => head.linear) ?? false;
  button.hidden = !linear;
  liftVeil();
  choice.hidden = !linear || !isOn() || select.options.length === 0;
  tell(words, !linear && card ? noMap(card) : "");
  if (!asked || !linear || !isOn()) {
    return;
  }
  words.textContent = "Looking at the image once more …";
  try {
    const found = explanation ?? (await (await ready()).explain(asked.image));
    if (shown !== asked) {
      return;
    }
    explanation = found;
  } catch (error) {
    if (shown === asked) {
      tell(words, inWords(error).detail);
    }
    return;
  }
  if (isOn()) {
    fillChoice(explanation.maps, asked.label);
    draw();
  }
}

/**
 * @param {ActivationMap[]} maps
 * @param {string} first
 */
function fillChoice(maps, first) {
  const options = maps.map(({ label, head }, index) => {
    const option = make("option", "", `${brief(label)}, by ${brief(head)}`);
    option.value = String(index);
    return option;
  });
  select.replaceChildren(...options);
  select.value = String(Math.max(0, maps.findIndex(({ label }) => label === first)));
  choice.hidden = false;
}

function draw() {
  const map = explanation?.maps[Number(select.value)];
  if (!map || !explanation || !shown) {
    return;
  }
  const { naturalWidth, naturalHeight } = preview;
  const scale = SIDE / Math.max(naturalWidth, naturalHeight, 1);
  veil.width = Math.max(1, Math.round(naturalWidth * scale));
  veil.height = Math.max(1, Math.round(naturalHeight * scale));
  const context = veil.getContext("2d");
  const { x, y, width, height } = explanation.area;
  const area = /** @type {const} */ ([x * veil.width, y * veil.height, width * veil.width, height * veil.height]);
  if (context) {
    context.fillStyle = `rgb(0 0 0 / ${DARKEST})`;
    context.fillRect(0, 0, veil.width, veil.height);
    context.clearRect(...area);
    context.imageSmoothingQuality = "high";
    context.drawImage(small(map), ...area);
  }
  veil.hidden = false;
  tell(words, inSentences(map));
}

/** The map as the veil of a few pixels. @param {ActivationMap} map */
function small({ width, height, strengths }) {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  strengths.forEach((strength, place) => {
    image.data[4 * place + 3] = (255 - strength) * DARKEST;
  });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** @param {ActivationMap} map */
function inSentences(map) {
  const [label, head] = [brief(map.label), brief(map.head)];
  const missing = card?.heads.filter((head) => !head.linear).map(({ name }) => name) ?? [];
  const rest = missing.length ? ` ${noMapOf(missing)}` : "";
  const strongest = map.strengths.indexOf(255);
  if (strongest < 0) {
    return `No place speaks for ${label}: all of them speak against it.${rest}`;
  }
  const where = place(strongest % map.width, map.width, ["left", "", "right"]);
  const row = place(Math.floor(strongest / map.width), map.height, ["upper", "", "lower"]);
  const spot = [row, where].filter(Boolean).join(" ") || "middle";
  return `Lit: what raises the score of ${label} in the head ${head}, most of all ${spot === "middle" ? "in the middle" : `at the ${spot}`}. A class activation map, from the model's own values.${rest}`;
}

/**
 * @param {number} at
 * @param {number} of
 * @param {string[]} names
 */
function place(at, of, names) {
  return names[Math.min(2, Math.floor((3 * (at + 0.5)) / of))];
}

/** @param {Card} of */
function noMap({ heads }) {
  return noMapOf(heads.map(({ name }) => name));
}

/** @param {string[]} heads */
function noMapOf(heads) {
  return `There is no map for ${list(heads)}: a map needs a head that is one linear layer on pooled features, and ${heads.length > 1 ? "these have" : "this one has"} more.`;
}
