/** Step 1: the models, their shared backbone, and errors of both. */
import { byId, english, make, named, tell } from "../page/dom.js";
import { brief } from "../page/display-name.js";
import { factText } from "../page/facts.js";
import { list, megabytes, percent } from "../page/messages.js";
import { language } from "../page/language.js";
import { showError } from "./error-banner.js";
import { number, sizes, watchBackbone } from "./backbone-diagram.js";
import { button, pointAt, replace } from "./form.js";
import { changeText, isNearlyShared, mergeWays, separateText } from "./merge-ways.js";
import { modelForm } from "./model-form.js";
import { texts } from "./texts.js";

/**
 * @import { CompletePreprocessing, Description, MergeOptions, MergeReport, MergeWay, ModelView, Note, Provenance, State } from "../pkg/workshop.js"
 * @import { ModelChange } from "./model-form.js"
 * @import { Correction } from "./project-client.js"
 *
 * @typedef {object} Takers
 * @property {(id: number, stated: ModelChange) => void} onState
 * @property {(id: number) => void} onRemove
 * @property {(id: number) => void} onFirst make it the first model: its weights are kept, and its labels come first
 * @property {(options: MergeOptions) => void} onOptions
 * @property {(options: MergeOptions) => Promise<MergeWay[]>} onWays the cost of the ways to merge
 */

const cards = byId("model-list", HTMLOListElement);
const joined = byId("joined", HTMLElement);
const form = byId("merge-form", HTMLFormElement);
const duplicates = byId("merge-duplicates", HTMLSelectElement);
const backbones = byId("merge-backbones", HTMLSelectElement);
const tolerance = byId("merge-tolerance", HTMLInputElement);
const minShared = byId("merge-shared", HTMLInputElement);
const showBackbone = watchBackbone(byId("backbone", HTMLElement));

/** @type {Takers} */
let takers;
/** The cards by their content: an unchanged one stays, with the text typed into it. @type {Map<string, HTMLElement>} */
let shown = new Map();
/** Whether an option is being edited: updates of the state leave it alone. */
let writing = false;

/** @param {Takers} given */
export function watchModels(given) {
  takers = given;
  duplicates.name = "duplicateLabels";
  backbones.name = "backbones";
  tolerance.name = "tolerance";
  minShared.name = "minShared";
  form.addEventListener("input", () => (writing = true));
  for (const end of ["change", "focusout"]) {
    form.addEventListener(end, () => (writing = false));
  }
  form.addEventListener("change", () => takers.onOptions(chosenOptions()));
  form.addEventListener("submit", (event) => event.preventDefault());
}

/** @returns {MergeOptions} */
function chosenOptions() {
  return {
    duplicateLabels: /** @type {MergeOptions["duplicateLabels"]} */ (duplicates.value),
    backbones: /** @type {MergeOptions["backbones"]} */ (backbones.value),
    tolerance: Number(tolerance.value),
    minShared: Number(minShared.value) / 100,
  };
}

/** @param {State} state */
export function showModels({ models, merge, stale, options }) {
  shown = new Map(
    models.map((model, place) => {
      const says = JSON.stringify([language, place === 0, model]);
      return [says, shown.get(says) ?? card(model, place)];
    }),
  );
  const now = [...shown.values()];
  if (now.length !== cards.children.length || now.some((item, place) => item !== cards.children[place])) {
    replace(cards, now, () => byId("models", HTMLElement));
  }
  joined.hidden = !merge || stale;
  if (!writing) {
    duplicates.value = options.duplicateLabels ?? "error";
    backbones.value = options.backbones ?? "equal";
    tolerance.value = String(options.tolerance ?? 1e-5);
    minShared.value = String(Math.round((options.minShared ?? 0.1) * 1e4) / 100);
  }
  if (merge && !stale) {
    forgive();
    showMerge(merge);
  }
}

/** Removes the marks of incorrect fields. */
function forgive() {
  for (const corrected of document.querySelectorAll("#models [aria-invalid]")) {
    corrected.removeAttribute("aria-invalid");
  }
}

/** @param {MergeReport} merge */
function showMerge(merge) {
  const { before, after, notes, warnings, proof } = merge;
  const words = byId("joined-words", HTMLElement);
  tell(words, summary(merge));
  showBackbone(merge);
  byId("joined-facts", HTMLElement).replaceChildren(sizes(before.bytes, after.bytes));
  byId("joined-warnings", HTMLElement).replaceChildren(
    ...(proof ? [] : (merge.shared_backbone?.heads ?? []).map((change) => make("li", "", changeText(change)))),
    ...notes.map(({ model, note }) => make("li", "", brief(model), ": ", noteText(note))),
    ...warnings.map((warning) => make("li", "", factText(texts.mergeWarnings, warning))),
  );
}

/** @param {MergeReport} merge */
function summary({ heads, sharedWork, proof, warnings }) {
  const names = heads.map(({ name }) => name);
  if (!proof) {
    return texts.mergeShared(list(names));
  }
  const verified = texts.verified(proof.exact ? texts.exactMerge : texts.closeMerge, String(proof.images));
  const separate = warnings.some(({ kind }) => kind === "separate-backbone");
  return `${separate ? separateText(names) : texts.mergeSummary(list(names), percent(sharedWork))} ${verified}`;
}

/**
 * A refusal in the merge's own text, with the field to correct.
 *
 * @param {unknown} error
 */
export function refuse(error) {
  forgive();
  const { field, modelId } = /** @type {Partial<Correction>} */ (error instanceof Error ? error : {});
  const remedy =
    field === "duplicateLabels"
      ? make("div", "ways", join(texts.mergeLabels, "merge"), join(texts.keepLabels, "keep"))
      : isNearlyShared(error)
        ? mergeWays(takers.onWays(chosenOptions()), takeWay)
        : undefined;
  showError("models", error, { remedy });
  const place = modelId === undefined ? undefined : cards.querySelector(`[data-id="${modelId}"]`);
  if (place instanceof HTMLElement && field) {
    pointAt(place.querySelector("form") ?? place, field);
  } else if (field && !remedy) {
    pointAt(form, field);
  }
}

/** @param {NonNullable<MergeOptions["backbones"]>} chosen */
function takeWay(chosen) {
  backbones.value = chosen;
  takers.onOptions(chosenOptions());
}

/**
 * @param {string} words
 * @param {NonNullable<MergeOptions["duplicateLabels"]>} how
 */
function join(words, how) {
  return button(words, () => {
    duplicates.value = how;
    takers.onOptions(chosenOptions());
  });
}

/**
 * @param {ModelView} model
 * @param {number} place
 */
function card(model, place) {
  const { id, path, tool, bytes, model: description, error, placeholders } = model;
  const name = description?.name ?? path;
  const title = named("h3", "", name);
  const remove = button(texts.remove, () => takers.onRemove(id), { "aria-label": texts.removeNamed(name) });
  const first = button(texts.putFirst, () => takers.onFirst(id), { "aria-label": texts.putNamedFirst(name) });
  first.hidden = place === 0;
  const correct = make(
    "details",
    "",
    make("summary", "", texts.correctModel),
    modelForm(model, (stated) => takers.onState(id, stated)),
  );
  const item = make(
    "li",
    { class: error ? "model broken" : "model", "data-id": String(id) },
    make("header", "cluster", title, make("span", "path", [tool, brief(path)].filter(Boolean).join(", ")), first, remove),
  );
  if (description) {
    item.append(facts(description, bytes));
  }
  const notes = (description?.notes ?? []).map(({ note }) => make("li", "", noteText(note)));
  if (placeholders) {
    notes.unshift(make("li", "", texts.labelsMissing));
  }
  if (notes.length > 0) {
    item.append(make("ul", "cautions", ...notes));
  }
  if (error) {
    item.append(english(make("p", "alert-detail broken-words", error.message)));
  }
  item.append(correct);
  correct.open = Boolean(error?.field) || placeholders;
  return item;
}

/**
 * @param {Description} description
 * @param {number} bytes
 */
function facts({ facts, heads, labels_from, parameters, multiply_adds, preprocessing }, bytes) {
  const row = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ from = "") =>
    make("div", "", make("dt", "", name), make("dd", "", value, from && make("small", "", texts.from(from))));
  return make(
    "dl",
    "model-facts",
    ...heads.map(({ name, labels, layers, activation }) =>
      row(heads.length > 1 ? brief(name) : texts.labels, `${labels.map(brief).join(", ")} (${labels.length}; ${[layers, activation].filter(Boolean).join(", ")})`, origin(labels_from)),
    ),
    row(texts.input, `${facts.input_shape.map((side) => side ?? texts.anySize).join(" × ")}`),
    ...(preprocessing ? [row(texts.preprocessing, prepared(preprocessing.value), origin(preprocessing.from))] : []),
    row(texts.size, texts.sizeFacts(number(parameters), number(multiply_adds), megabytes(bytes))),
    row(texts.file, [facts.format, facts.opset && `opset ${facts.opset}`, facts.producer].filter(Boolean).join(", ")),
  );
}

/** @param {Note} note */
function noteText(note) {
  switch (note.kind) {
    case "guessed-preprocessing":
      return texts.guessedPreprocessing(fieldNames(note.fields), factText(texts.guesses, note.reason));
    case "other-labels":
      return texts.otherLabels(origin(note.from), list(note.labels), origin(note.elsewhere), list(note.others));
    case "other-size":
      return texts.otherSize(note.found.join(" × "), origin(note.from), note.taken.join(" × "));
    case "other-preprocessing":
      return texts.otherPreprocessing(fieldNames([note.field]), note.taken, note.found, origin(note.from));
    default:
      return factText(texts.notes, note);
  }
}

/** @param {string[]} fields of a preprocessing */
function fieldNames(fields) {
  return fields.length > 0 ? list(fields.map((field) => texts.fields[field] ?? field)) : "";
}

/** @param {Provenance} from @returns {string} */
function origin(from) {
  switch (from.kind) {
    case "sidecar":
      return from.of.file;
    case "guess":
      return texts.guess(factText(texts.guesses, from.of.reason));
    case "parts":
      return from.of.map(([from, names]) => partOrigin(from, fieldNames(names))).join("; ");
    default:
      return factText(texts.provenances, from);
  }
}

/** @param {Provenance} from @param {string} fields */
function partOrigin(from, fields) {
  return from.kind === "guess" ? texts.guessedFields(fields, factText(texts.guesses, from.of.reason)) : `${origin(from)} (${fields})`;
}

/** @param {CompletePreprocessing} value */
function prepared({ width, height, fit, filter, antialias, range, mean, std, channels, layout }) {
  const shifted = mean.some((value) => value !== 0) || std.some((value) => value !== 1);
  return [
    `${width} × ${height}`,
    fit,
    antialias ? filter : texts.withoutAntialias(filter),
    texts.range(String(range[0]), String(range[1])),
    shifted && texts.meanStd(mean.join(" "), std.join(" ")),
    channels.toUpperCase(),
    layout.toUpperCase(),
  ].filter(Boolean).join(", ");
}
