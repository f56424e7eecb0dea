/** The workshop: five steps over one project in a worker. */
import { byId, tell } from "../page/dom.js";
import { pathOf } from "../page/files.js";
import { brief } from "../page/display-name.js";
import { download } from "../page/export-results.js";
import { onLanguage } from "../page/language.js";
import { megabytes, percent } from "../page/messages.js";
import { thumbnail } from "../page/thumbnail.js";
import { showError } from "./error-banner.js";
import { Compare } from "./compare-step.js";
import { button } from "./form.js";
import { watchIntake } from "./intake.js";
import { refuse, showModels, watchModels } from "./models-step.js";
import { Images } from "./images-step.js";
import { showRules } from "./rules-step.js";
import { sampleProject } from "./sample.js";
import { ProjectClient } from "./project-client.js";
import { markStep, watchSteps } from "./steps.js";
import { showTexts, watchTake } from "./take-step.js";
import { texts } from "./texts.js";
import { watchTry } from "./try-step.js";

/**
 * @import { Place } from "./error-banner.js"
 * @import { MergeOptions, State, WorkshopFile } from "../pkg/workshop.js"
 */

const project = byId("project-words", HTMLElement);
const save = byId("project-save", HTMLButtonElement);
const evidenceSave = byId("evidence-save", HTMLButtonElement);
const evidenceHead = byId("evidence-head", HTMLSelectElement);
const fitRun = byId("fit-run", HTMLButtonElement);
const modelsBar = byId("models-bar", HTMLProgressElement);

const client = new ProjectClient({ onProgress: showLoading, onLost: recover });
const images = new Images(client, {
  onBusy: () => fresh(),
  onRest: () => rested(),
  onError: (error) => showError("images", error),
});
const compare = new Compare(client, () => images.items, (error) => showError("comparable", error));
const trial = watchTry(client);

/** The last state of the project. @type {State | undefined} */
let state;
/** Incremented by everything that outdates a report in progress. */
let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;
/** The check's last recommendation, by its code. */
let verdict = /** @type {keyof typeof texts.verdicts | ""} */ ("");
/** Whether a new worker is being restored, and whether that is still pending. */
let recovering = false;
let incomplete = false;
/** Calls in which a worker was lost: only the user starts them again. @type {Set<string | undefined>} */
const lostIn = new Set();
/** Results of the lost worker, to be computed again after its images. @type {{ fit: boolean, rule?: string } | undefined} */
let owed;

/**
 * Runs an action of a step; shows a text while it runs, and its errors in the step.
 *
 * @param {Place} place
 * @param {string} words
 * @param {() => Promise<void>} work
 */
async function run(place, words, work) {
  if (incomplete && !recovering) {
    await recover();
  }
  const status = document.getElementById(`${place === "project" ? "project-words" : `${place}-status`}`);
  const section = status?.closest("section");
  section?.setAttribute("aria-busy", "true");
  if (status) {
    status.textContent = words;
  }
  showError(place, undefined);
  try {
    await work();
  } catch (error) {
    place === "models" ? refuse(error) : showError(place, error);
  } finally {
    section?.removeAttribute("aria-busy");
    if (status?.textContent === words) {
      status.textContent = "";
    }
  }
}

/** Requests the state and shows it. */
async function refresh() {
  state = await client.call("state");
  const { models, merge, stale, images: known, evidence, fit, taken, unsaved } = state;
  showModels(state);
  showRules(state, { onTake: take, onRemove: removeEvidence });
  fitRun.disabled = !merge || stale;
  evidenceSave.disabled = !merge || stale || known.length === 0;
  evidenceSave.textContent = evidenceSave.disabled
    ? texts.saveEvidence
    : `${texts.saveEvidence} (${megabytes(await client.call("evidenceSize", { head: evidenceHead.value || null }))})`;
  save.disabled = models.length === 0;
  save.classList.toggle("unsaved", unsaved);
  byId("try-body", HTMLElement).hidden = !merge;
  byId("try-words", HTMLElement).textContent = merge ? texts.ruleInUse(taken?.name ?? "concat") : texts.tryLater;
  const joined = merge !== null && !stale;
  markStep("models", models.length ? [models.length, joined && texts.sharedShare(percent(merge.sharedWork))].filter(Boolean).join(", ") : "", joined);
  markStep("images", known.length ? String(known.length) : "", known.length > 0);
  byId("comparable-words", HTMLElement).textContent = taken ? `${texts.comparableWhat} ${texts.comparableFitted}` : texts.comparableWhat;
  markStep("comparable", verdict && texts.verdicts[verdict], verdict !== "");
  markStep("fit", fit ? (taken?.name ?? "concat") : evidence.length ? texts.evidence : "", fit !== null);
  markStep("try", merge ? texts.ready : "", Boolean(merge));
}

/** @param {...WorkshopFile[]} drops in the order of the models */
async function addModels(...drops) {
  await run("models", texts.readingModels, async () => {
    const unused = [];
    for (const parts of drops) {
      unused.push(...(await client.call("addFiles", parts)).unused);
    }
    await refresh();
    if (unused.length > 0) {
      tell(byId("models-status", HTMLElement), texts.unusedFiles(unused.map(brief).join(", ")));
    }
    await join();
  });
}

/** Merges the models if there are two or more, each of them readable. @param {MergeOptions} [options] */
async function join(options = state?.options ?? {}) {
  const models = state?.models ?? [];
  const broken = models.some(({ error }) => error);
  const heads = models.reduce((sum, { model }) => sum + (model?.heads.length ?? 1), 0);
  if (broken || heads < 2) {
    byId("models-status", HTMLElement).textContent =
      models.length === 0 ? "" : broken ? texts.modelBroken : texts.oneMore;
    images.unmerged();
    return;
  }
  await run("models", texts.merging, async () => {
    fresh();
    // Images wait until `remerged`: work that begins in between would be repeated, although it was cancelled.
    images.unmerged();
    try {
      await client.call("merge", options);
    } catch (error) {
      await refresh();
      throw error;
    }
    await remerged();
    if (state?.merge) {
      images.remerged(state.merge);
    }
  });
}

/** The merged model has changed. */
async function remerged() {
  await refresh();
  if (state?.merge) {
    await Promise.all([trial.renew(), showTexts(client)]);
  }
}

/** Results of earlier images are outdated. */
function fresh() {
  turn += 1;
}

/** Camera frames arrive one by one; results are updated once for several of them. */
function rested() {
  clearTimeout(resting);
  resting = setTimeout(() => rest().catch((error) => showError("project", error)), 300);
}

/** No image is being processed any more: updates the results. */
async function rest() {
  if (incomplete) {
    return;
  }
  await refresh();
  if (owed && !images.running) {
    await repay(owed);
  }
  if (!lostIn.has("check") && !images.running && state?.images.some(({ fresh, label }) => fresh && label !== null)) {
    await check();
  } else if (!images.running && verdict) {
    verdict = "";
    compare.clear();
    await refresh();
  }
}

/** @param {NonNullable<typeof owed>} debt */
async function repay({ fit, rule }) {
  owed = undefined;
  await run("fit", texts.fittingAgain, async () => {
    if (fit && !state?.fit) {
      await client.call("fit");
    }
    if (rule !== undefined && rule !== state?.taken?.name) {
      await client.call("take", rule);
    }
    await remerged();
  });
}

async function check() {
  const mine = ++turn;
  await run("comparable", texts.comparing, async () => {
    const report = await compare.run();
    if (mine === turn) {
      verdict = /** @type {keyof typeof texts.verdicts} */ (report.verdict.advice);
      await refresh();
    }
  });
}

/** @param {string} rule */
async function take(rule) {
  await run("fit", texts.applying(rule), async () => {
    const { bytes } = await client.call("take", rule);
    await remerged();
    byId("fit-status", HTMLElement).textContent = texts.applied(rule, megabytes(bytes));
  });
  await rest();
}

/** @param {File[]} files */
async function addEvidence(files) {
  await run("evidence", texts.addingEvidence, async () => {
    for (const file of files) {
      await client.call("addEvidence", file.name, file);
      await refresh();
    }
  });
}

/** @param {number} id */
async function removeEvidence(id) {
  await run("evidence", "", async () => {
    await client.call("removeEvidence", id);
    await refresh();
  });
}

async function openSample() {
  await run("project", texts.openingSample, async () => {
    const { models, images: drawn, evidence } = await sampleProject();
    await addModels(...models);
    await addEvidence([evidence]);
    for (const { label, image } of drawn) {
      images.add([image], label);
    }
    byId("models", HTMLElement).scrollIntoView({ block: "start" });
  });
}

/** @param {Blob} file */
async function openProject(file) {
  await run("project", texts.openingProject, async () => {
    fresh();
    const extra = await client.call("open", file);
    const copies = new Map(extra.map(({ path, content }) => [path.replace(/^thumbnails\/|\.\w+$/g, ""), content]));
    verdict = "";
    compare.clear();
    await remerged();
    if (state) {
      images.replace(state, copies);
    }
  });
}

async function saveProject() {
  await run("project", texts.savingProject, async () => {
    /** @type {WorkshopFile[]} */
    const extra = [];
    for (const item of images.items) {
      const small = item.sha256 === undefined ? undefined : await thumbnail(item).catch(() => undefined);
      if (small) {
        extra.push({ path: `thumbnails/${item.sha256}.webp`, content: small.copy });
      }
    }
    const file = await client.call("save", extra);
    download("project.polyhead", "application/zip", file);
    await refresh();
    project.textContent = texts.saved(megabytes(file.size));
  });
}

/**
 * The worker is gone: another one gets the data of the page.
 *
 * @param {string} [verb] the call in which it was lost
 */
async function recover(verb) {
  fresh();
  images.lost(verb === "observe");
  lostIn.add(verb);
  const last = state;
  if (!last || recovering) {
    // That call reports the error.
    return;
  }
  recovering = incomplete = true;
  const again = (last.fit ?? last.taken) !== null && !lostIn.has("fit");
  owed ??= { fit: again, rule: again && !lostIn.has("take") ? last.taken?.name : undefined };
  await run("project", texts.restarting, async () => {
    try {
      await refresh();
      const { merge, stale, images: known = [] } = state ?? {};
      await images.regained(known);
      if (merge && !stale) {
        await remerged();
        images.remerged(merge);
      } else if (!lostIn.has("merge")) {
        await join(last.options);
      }
      incomplete = false;
      rested();
    } catch (error) {
      state = last;
      showError("project", error, { remedy: button(texts.tryAgain, () => recover()) });
    } finally {
      recovering = false;
    }
  });
}

/** @param {import("../polyhead/types.js").Progress} progress of the workshop's module */
function showLoading({ loaded, total }) {
  modelsBar.hidden = total === undefined || loaded >= total;
  modelsBar.max = total ?? 1;
  modelsBar.value = loaded;
}

watchSteps();
watchTake(client);
/** @param {string} words @param {() => Promise<unknown>} edit of one model */
const editing = (words, edit) =>
  run("models", words, async () => {
    await edit();
    await refresh();
    await join();
  });
watchModels({
  onState: (id, stated) => editing(texts.readingModel, () => client.call("editModel", id, stated)),
  onRemove: (id) => editing("", () => client.call("removeModel", id)),
  onFirst: (id) => editing("", () => client.call("moveModel", id, 0)),
  onOptions: join,
  // A worker that was lost in it would be lost again.
  onWays: (options) => (lostIn.has("mergeWays") ? Promise.resolve([]) : client.call("mergeWays", options)),
});
watchIntake({
  models: (files) => addModels(files.map((file) => ({ path: pathOf(file), content: file }))),
  images: (files) => images.add(files),
  evidence: addEvidence,
  project: openProject,
  try: (image) => trial.show(image),
});
byId("sample-project", HTMLButtonElement).addEventListener("click", openSample);
save.addEventListener("click", saveProject);
fitRun.addEventListener("click", () =>
  run("fit", texts.fitting, async () => {
    await client.call("fit");
    await refresh();
  }),
);
evidenceHead.addEventListener("change", () => refresh().catch((error) => showError("evidence", error)));
evidenceSave.addEventListener("click", () =>
  run("evidence", texts.summing, async () => {
    const head = evidenceHead.value || null;
    const file = await client.call("evidence", { head });
    download(`${head ?? "images"}.evidence`, "application/octet-stream", file);
  }),
);
onLanguage(() => {
  images.translate();
  compare.translate();
  if (state) {
    refresh().catch((error) => showError("project", error));
  }
});
for (const act of ["click", "change", "drop", "paste"]) {
  document.addEventListener(act, () => lostIn.clear(), true);
}
addEventListener("beforeunload", (event) => {
  if (state?.unsaved || images.running) {
    event.preventDefault();
    // Older browsers ask only if a value is set.
    event.returnValue = true;
  }
});
