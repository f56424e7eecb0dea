/** The page: one classifier; one image with its ranking, or many in a list. */
import { addressInQuery, offerAddress, watchAddress } from "./page/url-input.js";
import { clearAnswer, setWorking, showError, showKnowledge, showRanking } from "./page/answer.js";
import { watchBatch } from "./page/batch-view.js";
import { showCard } from "./page/model-card.js";
import { watchCamera } from "./page/camera.js";
import { byId } from "./page/dom.js";
import { watchIntake } from "./page/intake.js";
import { hideProgress, showProgress } from "./page/loading.js";
import { keepForOffline } from "./page/service-worker.js";
import { showPreview } from "./page/preview.js";
import { markSample, showSamples } from "./page/samples.js";
import { explainScale, watchScale } from "./page/score-mode.js";
import { takeShared } from "./page/share-target.js";
import { texts } from "./page/texts.js";
import { explainWith, hideMap, showWhy, watchWhy } from "./page/explanation.js";
import { PolyheadError, loadClassifier } from "./polyhead/index.js";

/**
 * @import { Classifier } from "./polyhead/index.js"
 * @import { Ranking } from "./polyhead/types.js"
 * @import { Found } from "./page/files.js"
 */

const stage = byId("stage", HTMLElement);
const invitation = byId("invitation", HTMLElement);

/** @type {Promise<Classifier> | undefined} */
let loading;
/** Gives up the image before the newest. */
let newest = new AbortController();

/** The classifier; what failed to load is loaded again. */
function ready() {
  loading ??= load();
  return loading;
}

async function load() {
  try {
    // The service worker keeps the page's files, these among them.
    const classifier = await loadClassifier({ onProgress: showProgress, cache: false });
    showKnowledge(classifier.labels, classifier.heads);
    const card = await classifier.card().catch((error) => {
      classifier.close();
      throw error;
    });
    showCard(card);
    explainScale(card);
    explainWith(card);
    return classifier;
  } catch (error) {
    loading = undefined;
    throw error;
  } finally {
    hideProgress();
  }
}

function start() {
  ready().then(keepForOffline, (error) => showError(error, startAgain));
}

function startAgain() {
  clearAnswer();
  start();
}

/**
 * @param {Promise<Blob>} arriving
 * @param {{ sample?: string, ranking?: Ranking }} [known] the file name where it is one of the page's own; what was said of
 *   it before
 */
async function classify(arriving, { sample, ranking: known } = {}) {
  stopCamera();
  const { signal } = takeOver(sample);
  setWorking(true);
  invite("ranking");
  try {
    const [image, classifier] = await Promise.all([arriving, ready()]);
    const ranking = known ?? (await classifier.classify(image, { logits: true, signal }));
    if (signal.aborted) {
      return;
    }
    await putOnStage(image);
    if (signal.aborted) {
      return;
    }
    showRanking(ranking);
    showWhy(image, ranking.labels[0]?.label);
    setWorking(false);
    reveal();
  } catch (error) {
    if (!signal.aborted) {
      putOnStage(undefined);
      showWhy(undefined);
      showError(error);
      setWorking(false);
    }
  }
}

/**
 * For something new on the stage: what was there or on its way is given up.
 *
 * @param {string} [sample] the file name where it is one of the page's own
 */
function takeOver(sample) {
  newest.abort();
  newest = new AbortController();
  markSample(sample);
  return newest;
}

/** @param {Blob | undefined} image one that the classifier took */
async function putOnStage(image) {
  hideMap();
  if (!image) {
    invite("dropHere");
  }
  await showPreview(image);
}

/** @param {"dropHere" | "ranking"} text */
function invite(text) {
  invitation.setAttribute("data-text", text);
  invitation.textContent = texts[text];
}

/** On a phone a sample is clicked far below its answer. */
function reveal() {
  const { top, bottom } = stage.getBoundingClientRect();
  if (bottom < innerHeight / 4 || top > innerHeight / 2) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    stage.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }
}

/** One image goes on the stage, several into the list. @param {Found} found */
function take({ images, others }) {
  const [first, second] = images;
  if (first && (second || others > 0)) {
    addToBatch({ images, others });
  } else if (first) {
    classify(Promise.resolve(first));
  } else {
    const none = new PolyheadError("no-image", "expected an image file, found none; drop or paste an image");
    classify(Promise.reject(none));
  }
}

const addToBatch = watchBatch(ready, ({ image, ranking }) => classify(Promise.resolve(image), { ranking }));
const stopCamera = watchCamera({
  onStart() {
    takeOver();
    putOnStage(undefined);
    showWhy(undefined);
    clearAnswer();
    setWorking(false);
  },
  async rank(video) {
    const { signal } = newest;
    return (await ready()).classify(video, { logits: true, latest: true, signal });
  },
  onRanking: showRanking,
  onStop(image) {
    if (image) {
      classify(image);
    } else {
      takeOver();
      putOnStage(undefined);
      clearAnswer();
    }
  },
  onError(error, again) {
    newest.abort();
    putOnStage(undefined);
    showError(error, again);
  },
});
watchScale();
watchWhy(ready);
watchIntake({
  onFiles: (found) => Promise.resolve(found).then(take, (error) => showError(error)),
  onAddress: offerAddress,
});
watchAddress((image) => classify(image));
showSamples((sample, image) => classify(image, { sample }));
start();
takeShared().then((shared) => {
  const address = shared?.address ?? addressInQuery();
  if (shared?.images.length) {
    take({ images: shared.images, others: 0 });
  } else if (address) {
    offerAddress(address);
  } else if (shared) {
    take({ images: [], others: 0 });
  }
});
