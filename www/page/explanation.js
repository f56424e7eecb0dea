/** The activation map of a label over the image: regions that raise its score stay bright, the others are darkened. */
import { byId, option, tell } from "./dom.js";
import { brief } from "./display-name.js";
import { onLanguage } from "./language.js";
import { inWords, list } from "./messages.js";
import { texts } from "./texts.js";

/**
 * @import { Classifier } from "../polyhead/index.js"
 * @import { ActivationMap, Card, Explanation, Source } from "../polyhead/types.js"
 *
 * @typedef {{ width: number, height: number }} Size
 */

/** The map's opacity where a region does not raise the score, 0..1. */
const DARKEST = 0.84;
/** The map's longer side in pixels on the page: the map has few values, between which the browser interpolates. */
const SIDE = 512;

const root = byId("why", HTMLElement);
const button = byId("why-switch", HTMLButtonElement);
const choice = byId("why-choice", HTMLElement);
const select = byId("why-label", HTMLSelectElement);
const words = byId("why-words", HTMLElement);
const overlay = byId("activation-map", HTMLCanvasElement);

/** @type {() => Promise<Classifier>} */
let ready;
/** @type {Card | undefined} */
let card;
/** The image and its label. @type {{ image: Source, label: string, size: Size } | undefined} */
let shown;
/** The explanation of the shown image. @type {Explanation | undefined} */
let explanation;

/** @param {() => Promise<Classifier>} classifier */
export function watchExplanation(classifier) {
  ready = classifier;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isOn()));
    update();
  });
  select.addEventListener("change", draw);
  onLanguage(update);
}

/** @param {Card} of the model's card */
export function explainWith(of) {
  card = of;
  update();
}

/**
 * @param {{ image: Source, label: string, size: Size }} [image] the shown image, with its first label
 */
export function explainImage(image) {
  shown = image;
  explanation = undefined;
  update();
}

function isOn() {
  return button.getAttribute("aria-pressed") === "true";
}

async function update() {
  const asked = shown;
  root.hidden = !asked || !card;
  const linear = card?.heads.some((head) => head.linear) ?? false;
  button.hidden = !linear;
  overlay.hidden = true;
  choice.hidden = !linear || !isOn() || select.options.length === 0;
  tell(words, !linear && card ? noMap(card.heads.map(({ name }) => name)) : "");
  if (!asked || !linear || !isOn()) {
    return;
  }
  words.textContent = texts.computingMap;
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
  select.replaceChildren(...maps.map(({ label, head }, index) => option(String(index), texts.labelOfHead(brief(label), brief(head)))));
  select.value = String(Math.max(0, maps.findIndex(({ label }) => label === first)));
  choice.hidden = false;
}

function draw() {
  const map = explanation?.maps[Number(select.value)];
  if (!map || !explanation || !shown) {
    return;
  }
  const { size } = shown;
  const scale = SIDE / Math.max(size.width, size.height);
  overlay.width = Math.max(1, Math.round(size.width * scale));
  overlay.height = Math.max(1, Math.round(size.height * scale));
  const context = overlay.getContext("2d");
  const { x, y, width, height } = explanation.area;
  const area = /** @type {const} */ ([x * overlay.width, y * overlay.height, width * overlay.width, height * overlay.height]);
  if (context) {
    context.fillStyle = `rgb(0 0 0 / ${DARKEST})`;
    context.fillRect(0, 0, overlay.width, overlay.height);
    context.clearRect(...area);
    context.imageSmoothingQuality = "high";
    context.drawImage(small(map), ...area);
  }
  overlay.hidden = false;
  tell(words, describe(map));
}

/** The map at its own resolution, dark where it is low. @param {ActivationMap} map */
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
function describe(map) {
  const missing = card?.heads.filter((head) => !head.linear).map(({ name }) => name) ?? [];
  const rest = missing.length ? ` ${noMap(missing)}` : "";
  const strongest = map.strengths.indexOf(255);
  if (strongest < 0) {
    return texts.mapEmpty(brief(map.label)) + rest;
  }
  const row = third(Math.floor(strongest / map.width), map.height);
  const column = third(strongest % map.width, map.width);
  return texts.mapShows(brief(map.label), brief(map.head), texts.mapPlaces[row][column]) + rest;
}

/** The third that contains a position: 0, 1 or 2. @param {number} at @param {number} of */
function third(at, of) {
  return Math.min(2, Math.floor((3 * (at + 0.5)) / of));
}

/** @param {string[]} heads */
function noMap(heads) {
  return texts.noMap(list(heads), heads.length);
}
