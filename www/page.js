/** The page: one classifier, one picture at a time, one answer. */
import { clearError, showError, showKnowledge, showRanking, setWorking } from "./page/answer.js";
import { byId } from "./page/elements.js";
import { watchIntake } from "./page/intake.js";
import { hideProgress, showProgress } from "./page/loading.js";
import { markSample, showSamples } from "./page/samples.js";
import { PolyheadError, loadClassifier } from "./polyhead/index.js";

/** @import { Classifier } from "./polyhead/index.js" */

const stage = byId("stage", HTMLElement);
const preview = byId("preview", HTMLImageElement);
const invitation = byId("invitation", HTMLElement);
const INVITING = invitation.textContent;
const WAITING = "Your picture is next";

/** @type {Promise<Classifier> | undefined} */
let loading;
/** Gives up the picture before the newest. */
let newest = new AbortController();

/** The classifier; what failed to load is loaded again. */
function ready() {
  loading ??= load();
  return loading;
}

async function load() {
  try {
    const classifier = await loadClassifier({ onProgress: showProgress });
    showKnowledge(classifier.labels, classifier.heads);
    return classifier;
  } catch (error) {
    loading = undefined;
    throw error;
  } finally {
    hideProgress();
  }
}

function start() {
  ready().then(clearError, (error) => showError(error, start));
}

/**
 * @param {Promise<Blob>} arriving
 * @param {string} [sample] its file name, where it is one of the page's own
 */
async function classify(arriving, sample) {
  newest.abort();
  newest = new AbortController();
  const { signal } = newest;
  markSample(sample);
  setWorking(true);
  invitation.textContent = WAITING;
  try {
    const [picture, classifier] = await Promise.all([arriving, ready()]);
    const ranking = await classifier.classify(picture, { signal });
    showPreview(picture);
    showRanking(ranking);
    setWorking(false);
    reveal();
  } catch (error) {
    if (!signal.aborted) {
      showPreview(undefined);
      showError(error);
      setWorking(false);
    }
  }
}

/**
 * Only of pictures that the classifier took: it checks their size before anything decodes them.
 *
 * @param {Blob | undefined} picture
 */
function showPreview(picture) {
  URL.revokeObjectURL(preview.src);
  preview.hidden = !picture;
  stage.classList.toggle("filled", Boolean(picture));
  if (picture) {
    preview.src = URL.createObjectURL(picture);
    preview.alt = picture instanceof File ? `The picture ${picture.name}` : "The picture";
  } else {
    preview.removeAttribute("src");
    invitation.textContent = INVITING;
  }
}

/** On a phone a sample is clicked far below its answer. */
function reveal() {
  const { top, bottom } = stage.getBoundingClientRect();
  if (bottom < innerHeight / 4 || top > innerHeight / 2) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    stage.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }
}

start();
watchIntake((picture) => {
  if (picture) {
    classify(Promise.resolve(picture));
  } else {
    const none = new PolyheadError("no-picture", "expected a picture file, found none; drop or paste a picture");
    classify(Promise.reject(none));
  }
});
showSamples((name, picture) => classify(picture, name));
