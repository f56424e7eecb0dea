/** The page: an image or the camera in the element, or many images in a list. */
import { watchBatch } from "./page/batch-view.js";
import { watchCameraControls } from "./page/camera-controls.js";
import { defineElement, listen } from "./page/classifier-element.js";
import { explainImage, explainWith, watchExplanation } from "./page/explanation.js";
import { watchIntake } from "./page/intake.js";
import { onLanguage } from "./page/language.js";
import { showLabels } from "./page/labels.js";
import { showCard } from "./page/model-card.js";
import { markSample, showSamples } from "./page/samples.js";
import { explainScale, showScores, watchScale } from "./page/score-mode.js";
import { keepForOffline } from "./page/service-worker.js";
import { takeShared } from "./page/share-target.js";
import { texts } from "./page/texts.js";
import { addressInQuery, offerAddress, watchAddress } from "./page/url-input.js";
import { PolyheadError } from "./polyhead/index.js";

/**
 * @import { Details } from "./page/classifier-element.js"
 * @import { Found } from "./page/files.js"
 */

const element = defineElement();
const load = () => element.load();

/**
 * @param {Promise<Blob> | Blob} image
 * @param {string} [sample] the file name of one of the page's own images
 */
function classify(image, sample) {
  markSample(sample);
  element.classify(image).catch(() => {});
}

async function describeModel() {
  try {
    const classifier = await load();
    showLabels(classifier.labels, classifier.heads);
    const card = await classifier.card();
    showCard(card);
    explainScale(card);
    explainWith(card);
    await keepForOffline();
  } catch (error) {
    classify(Promise.reject(error));
  }
}

/** @param {Details["ranking"]} detail */
function describeRanking({ ranking, live, source, size }) {
  const [first] = ranking.labels;
  showScores(ranking);
  explainImage(live || !first ? undefined : { image: source, label: first.label, size });
  if (!live) {
    reveal();
  }
}

/** On a phone a sample is far below its ranking. */
function reveal() {
  const { top } = element.getBoundingClientRect();
  if (top < -innerHeight / 3 || top > innerHeight / 2) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }
}

/** One image is shown in the element, several in the list. @param {Found} found */
function take({ images, others }) {
  const [first, second] = images;
  if (first && (second || others > 0)) {
    addToBatch({ images, others });
  } else if (first) {
    classify(first);
  } else {
    classify(Promise.reject(new PolyheadError("no-image", "expected an image file, found none; drop or paste an image")));
  }
}

const addToBatch = watchBatch(load, ({ image }) => classify(image));
listen(element, "ready", describeModel);
listen(element, "ranking", describeRanking);
listen(element, "error", () => explainImage());
listen(element, "camera", ({ state }) => {
  if (state === "starting") {
    explainImage();
    markSample();
  }
});
listen(element, "files", ({ files }, event) => {
  event.preventDefault();
  take({ images: files, others: 0 });
});
const nameButton = () => (element.texts = { choose: texts.choose });
nameButton();
onLanguage(nameButton);
watchCameraControls(element);
watchScale();
watchExplanation(load);
watchIntake({
  onFiles: (found) => Promise.resolve(found).then(take, (error) => classify(Promise.reject(error))),
  onAddress: offerAddress,
});
watchAddress(classify);
showSamples((sample, image) => classify(image, sample));
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
