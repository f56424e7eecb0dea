/** The workshop: five steps over one project that lives in a worker. */
import { byId, tell } from "../page/dom.js";
import { pathOf } from "../page/files.js";
import { brief } from "../page/display-name.js";
import { download } from "../page/export-results.js";
import { megabytes, percent } from "../page/messages.js";
import { showError } from "./error-banner.js";
import { Compare } from "./compare-step.js";
import { button } from "./form.js";
import { watchIntake } from "./intake.js";
import { refuse, showModels, watchModels } from "./models-step.js";
import { Images } from "./images-step.js";
import { showRules } from "./rules-step.js";
import { sampleProject } from "./sample.js";
import { Shop } from "./project-client.js";
import { markStep, watchSteps } from "./steps.js";
import { showTexts, watchTake } from "./take-step.js";
import { thumbnail } from "./thumbnails.js";
import { Try } from "./try-step.js";

/**
 * @import { Place } from "./error-banner.js"
 * @import { MergeOptions, State, WorkshopFile } from "../pkg/workshop.js"
 */

const project = byId("project-words", HTMLElement);
const save = byId("project-save", HTMLButtonElement);
const evidenceSave = byId("evidence-save", HTMLButtonElement);
const COMPARABLE = byId("comparable-words", HTMLElement).textContent;
const FITTED =
  "The rule in use was fitted to images, perhaps to these: then it looks better here than it is, and the figures of step 4, from images held out, are the ones to trust.";
const SAVE_EVIDENCE = evidenceSave.textContent;
const evidenceHead = byId("evidence-head", HTMLSelectElement);
const fitRun = byId("fit-run", HTMLButtonElement);
const modelsBar = byId("models-bar", HTMLProgressElement);

const shop = new Shop({ onProgress: showLoading, onLost: recover });
const images = new Images(shop, {
  onBusy: () => fresh(),
  onRest: () => rested(),
  onError: (error) => showError("images", error),
});
const compare = new Compare(shop, () => images.items, (error) => showError("comparable", error));
const trial = new Try(shop);

/** The project as it was last told. @type {State | undefined} */
let state;
/** Raised by whatever makes a report on its way an old one. */
let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;
/** What the check last said, in two words. */
let verdict = "";
/** Whether a new worker is being given what the page has, and whether that is still to be done. */
let recovering = false;
let incomplete = false;
/** Calls that a worker was lost in: nothing but a person starts them again. @type {Set<string | undefined>} */
const lostIn = new Set();
/** What the lost worker had made of the images, to be made again once they are looked at. @type {{ fit: boolean, rule?: string } | undefined} */
let owed;

/**
 * Runs something for a step, with its words while it runs and its errors at its place.
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

/** Asks for the state and shows it. */
async function refresh() {
  state = await shop.call("state");
  const { models, merge, stale, images: known, evidence, fit, taken, unsaved } = state;
  showModels(state);
  showRules(state, { onTake: take, onRemove: removeEvidence });
  fitRun.disabled = !merge || stale;
  evidenceSave.disabled = !merge || stale || known.length === 0;
  evidenceSave.textContent = evidenceSave.disabled
    ? SAVE_EVIDENCE
    : `${SAVE_EVIDENCE} (${megabytes(await shop.call("evidenceSize", { head: evidenceHead.value || null }))})`;
  save.disabled = models.length === 0;
  save.classList.toggle("unsaved", unsaved);
  byId("try-body", HTMLElement).hidden = !merge;
  byId("try-words", HTMLElement).textContent = merge
    ? `The rule in use: ${taken?.name ?? "concat"}.`
    : "The model appears here once two models are joined.";
  const joined = merge !== null && !stale;
  markStep("models", models.length ? `${models.length}${joined ? `, ${percent(merge.sharedWork)} shared` : ""}` : "", joined);
  markStep("images", known.length ? String(known.length) : "", known.length > 0);
  byId("comparable-words", HTMLElement).textContent = taken ? `${COMPARABLE} ${FITTED}` : COMPARABLE;
  markStep("comparable", verdict, verdict !== "");
  markStep("fit", fit ? (taken?.name ?? "concat") : evidence.length ? "evidence" : "", fit !== null);
  markStep("try", merge ? "ready" : "", Boolean(merge));
}

/** @param {...WorkshopFile[]} drops one after the other, which is their order */
async function addModels(...drops) {
  await run("models", "Reading the models …", async () => {
    const unused = [];
    for (const parts of drops) {
      unused.push(...(await shop.call("addFiles", parts)).unused);
    }
    await refresh();
    if (unused.length > 0) {
      tell(byId("models-status", HTMLElement), `Not a part of any model: ${unused.map(brief).join(", ")}`);
    }
    await join();
  });
}

/** Joins the models where there are two or more, each of them readable. @param {MergeOptions} [options] */
async function join(options = state?.options ?? {}) {
  const models = state?.models ?? [];
  const broken = models.some(({ error }) => error);
  const heads = models.reduce((sum, { model }) => sum + (model?.heads.length ?? 1), 0);
  if (broken || heads < 2) {
    byId("models-status", HTMLElement).textContent =
      models.length === 0 ? "" : broken ? "A model below cannot be used as it is." : "One more model, on the same backbone, and they are joined.";
    images.unmerged();
    return;
  }
  await run("models", "Joining the models …", async () => {
    fresh();
    // Until `remerged` images wait: what is begun in between would be begun anew, although it was cancelled.
    images.unmerged();
    try {
      await shop.call("merge", options);
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

/** The merged model is another one. */
async function remerged() {
  await refresh();
  if (state?.merge) {
    await Promise.all([trial.renew(), showTexts(shop)]);
  }
}

/** What was said of images is old. */
function fresh() {
  turn += 1;
}

/** Camera frames come one by one; they are spoken of together. */
function rested() {
  clearTimeout(resting);
  resting = setTimeout(() => rest().catch((error) => showError("project", error)), 300);
}

/** Nothing is looked at any more: what can be said of the images is said. */
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
  await run("fit", "Fitting again …", async () => {
    if (fit && !state?.fit) {
      await shop.call("fit");
    }
    if (rule !== undefined && rule !== state?.taken?.name) {
      await shop.call("take", rule);
    }
    await remerged();
  });
}

async function check() {
  const mine = ++turn;
  await run("comparable", "Comparing the heads …", async () => {
    const report = await compare.run();
    if (mine === turn) {
      verdict = report.verdict.advice.replaceAll("-", " ");
      await refresh();
    }
  });
}

/** @param {string} rule */
async function take(rule) {
  await run("fit", `Taking ${rule} …`, async () => {
    const { bytes } = await shop.call("take", rule);
    await remerged();
    byId("fit-status", HTMLElement).textContent = `The model has the rule ${rule} now (${megabytes(bytes)}).`;
  });
  await rest();
}

/** @param {File[]} files */
async function addEvidence(files) {
  await run("evidence", "Adding the evidence …", async () => {
    for (const file of files) {
      await shop.call("addEvidence", file.name, file);
      await refresh();
    }
  });
}

/** @param {number} id */
async function removeEvidence(id) {
  await run("evidence", "", async () => {
    await shop.call("removeEvidence", id);
    await refresh();
  });
}

async function openSample() {
  await run("project", "Opening the sample project …", async () => {
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
  await run("project", "Opening the project …", async () => {
    fresh();
    const extra = await shop.call("open", file);
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
  await run("project", "Saving the project …", async () => {
    /** @type {WorkshopFile[]} */
    const extra = [];
    for (const item of images.items) {
      const small = item.sha256 === undefined ? undefined : await thumbnail(item).catch(() => undefined);
      if (small) {
        extra.push({ path: `thumbnails/${item.sha256}.webp`, content: small.copy });
      }
    }
    const file = await shop.call("save", extra);
    download("project.polyhead", "application/zip", file);
    await refresh();
    project.textContent = `Saved: ${megabytes(file.size)}`;
  });
}

/**
 * The worker is gone: another one gets what the page still has.
 *
 * @param {string} [verb] the call that it was lost in
 */
async function recover(verb) {
  fresh();
  images.lost(verb === "observe");
  lostIn.add(verb);
  const last = state;
  if (!last || recovering) {
    // The call that it was lost in tells.
    return;
  }
  recovering = incomplete = true;
  const again = (last.fit ?? last.taken) !== null && !lostIn.has("fit");
  owed ??= { fit: again, rule: again && !lostIn.has("take") ? last.taken?.name : undefined };
  await run("project", "Starting the workshop anew …", async () => {
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
      showError("project", error, { remedy: button("Try again", () => recover()) });
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
watchTake(shop);
watchModels({
  onState: (id, stated) =>
    run("models", "Reading the model …", async () => {
      await shop.call("editModel", id, stated);
      await refresh();
      await join();
    }),
  onRemove: (id) =>
    run("models", "", async () => {
      await shop.call("removeModel", id);
      await refresh();
      await join();
    }),
  onFirst: (id) =>
    run("models", "", async () => {
      await shop.call("moveModel", id, 0);
      await refresh();
      await join();
    }),
  onOptions: join,
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
  run("fit", "Fitting every rule and comparing them …", async () => {
    await shop.call("fit");
    await refresh();
  }),
);
evidenceHead.addEventListener("change", () => refresh().catch((error) => showError("evidence", error)));
evidenceSave.addEventListener("click", () =>
  run("evidence", "Adding up …", async () => {
    const head = evidenceHead.value || null;
    const file = await shop.call("evidence", { head });
    download(`${head ?? "images"}.evidence`, "application/octet-stream", file);
  }),
);
for (const act of ["click", "change", "drop", "paste"]) {
  document.addEventListener(act, () => lostIn.clear(), true);
}
addEventListener("beforeunload", (event) => {
  if (state?.unsaved || images.running) {
    event.preventDefault();
    // Older browsers ask only where a value is set.
    event.returnValue = true;
  }
});
