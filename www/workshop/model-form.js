/** The form that corrects a model's description. */
import { make } from "../page/dom.js";
import { button, choice, field, input } from "./form.js";
import { texts } from "./texts.js";

/**
 * @import { Change, CompletePreprocessing, ModelOverrides, ModelView } from "../pkg/workshop.js"
 *
 * @typedef {Change<ModelOverrides>} ModelChange
 */

/** @type {CompletePreprocessing} */
const USUAL = {
  width: 224, height: 224, fit: "squash", filter: "bilinear", antialias: true,
  range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], channels: "rgb", layout: "nchw",
};

/**
 * @param {ModelView} model
 * @param {(stated: ModelChange) => void} onState the changed fields only
 */
export function modelForm({ model, stated }, onState) {
  const form = make("form", "fields");
  const name = input("text", stated.name ?? model?.name ?? "", { size: 20 });
  const labels = make("textarea", { rows: "5", spellcheck: "false" });
  const known = stated.labels ?? model?.heads.flatMap((head) => head.labels) ?? [];
  labels.value = known.join("\n");
  const merged = (model?.heads.length ?? 1) > 1;
  const size = input("number", String(stated.size ?? ""), { min: "1", placeholder: texts.sizeOfFile });
  const preparing = preprocessingFields({ ...USUAL, ...(stated.preprocessing ?? model?.preprocessing.value) });
  const before = { name: name.value, labels: labels.value, size: size.value, preprocessing: JSON.stringify(preparing.value()) };

  form.append(
    ...(merged ? [] : [field("name", texts.headName, name), field("labels", texts.labelLines, labels)]),
    field("size", texts.openSize, size),
    preparing.element,
    make("div", "ways", make("button", { class: "primary", type: "submit" }, texts.correct)),
  );
  if (Object.values(stated).some((value) => value !== undefined && value !== null)) {
    form.lastElementChild?.append(button(texts.useFile, () => onState({ name: null, labels: null, size: null, preprocessing: null })));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const preprocessing = preparing.value();
    onState({
      ...(name.value === before.name ? {} : { name: name.value || null }),
      ...(labels.value === before.labels ? {} : { labels: lines(labels.value) }),
      ...(size.value === before.size ? {} : { size: size.value ? Number(size.value) : null }),
      ...(JSON.stringify(preprocessing) === before.preprocessing ? {} : { preprocessing }),
    });
  });
  return form;
}

/** @param {string} text */
function lines(text) {
  const all = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return all.length > 0 ? all : null;
}

/** @param {CompletePreprocessing} old */
function preprocessingFields(old) {
  const element = make("fieldset", "fields", make("legend", "", texts.preprocessing));
  /**
   * @template {Parameters<typeof field>[2]} Control
   * @param {keyof CompletePreprocessing} name
   * @param {string} words
   * @param {Control} control
   */
  const add = (name, words, control) => {
    element.append(field(`preprocessing.${name}`, words, control));
    return control;
  };
  const width = add("width", texts.width, input("number", String(old.width), { min: "1" }));
  const height = add("height", texts.height, input("number", String(old.height), { min: "1" }));
  const fit = add("fit", texts.resizeMode, choice(["squash", "centre-crop", "letterbox"], old.fit));
  const filter = add("filter", texts.resizeFilter, choice(["nearest", "bilinear", "bicubic", "lanczos"], old.filter));
  const antialias = add("antialias", texts.antialias, input("checkbox", "", { checked: old.antialias }));
  const range = add("range", texts.valueRange, input("text", old.range.join(" "), { size: 10 }));
  const mean = add("mean", texts.mean, input("text", old.mean.join(" "), { size: 18 }));
  const std = add("std", texts.std, input("text", old.std.join(" "), { size: 18 }));
  const channels = add("channels", texts.channels, choice(["rgb", "bgr"], old.channels));
  const layout = add("layout", texts.axes, choice(["nchw", "nhwc"], old.layout));
  /** @returns {CompletePreprocessing} */
  const value = () => ({
    ...old,
    width: Number(width.value),
    height: Number(height.value),
    fit: fit.value,
    filter: filter.value,
    antialias: antialias.checked,
    range: /** @type {[number, number]} */ (numbers(range.value)),
    mean: /** @type {[number, number, number]} */ (numbers(mean.value)),
    std: /** @type {[number, number, number]} */ (numbers(std.value)),
    channels: channels.value,
    layout: layout.value,
  });
  return { element, value };
}

/** @param {string} text */
function numbers(text) {
  return text.split(/[\s,;]+/).filter(Boolean).map(Number);
}
