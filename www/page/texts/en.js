/** The page's texts in English. */

/**
 * @import { Caution, Validation } from "../../pkg/workshop.js"
 * @import { FactTexts } from "../facts.js"
 *
 * @typedef {typeof en} Texts
 */

export const en = {
  // The page itself.
  title: "Recycling or donation? A Polyhead demo",
  workshopLink: "Workshop: merge your own models",
  privacyLink: "Nothing is uploaded",
  heading: "Recycling or donation?",
  lede: "Two image classifiers, trained separately on one backbone, merged into one model. It runs on your own machine: no image leaves it.",
  privacyTitle: "Nothing leaves this machine",
  privacyCompute: "Your browser decodes the image; resizing and the neural network run in WebAssembly, in a worker of this page.",
  privacyPolicy: "The page's own policy (`connect-src 'self'`) forbids connections to any other site, and the page sends nothing to its own. Tests check both.",
  privacyStorage: "No cookies, no counters, no fonts or scripts from elsewhere. Images are not stored: closing the page discards them.",
  offlineLater: "After the first visit the page works without a network, if the browser allows it to store files.",
  offlineNow: "The page and its model are stored in this browser: it works without a network now.",

  // Inputs.
  dropHere: "Drop images or a folder anywhere",
  choose: "Choose images",
  chooseFolder: "Choose a folder",
  imageFolder: "Folder of images",
  dropNote: "Or drop them anywhere, or paste an image.",
  addressTitle: "Open an image by its address",
  address: "Address of an image",
  open: "Open",
  addressNote: "Nothing is downloaded before you press Open.",
  addressOffered: "This is an address, not an image. Nothing was downloaded yet: press Open to download it.",
  sharedImage: "shared image",

  // The camera.
  otherSide: "Switch between front and rear",
  smooth: "Smooth the ranking over time",

  // Labels.
  modelLabels: "Labels of the model",
  noLabel: "No label",
  noName: "(no name)",
  noneOfThese: "None of these",

  // Scores.
  scale: "Scores shown as",
  probabilities: "Probabilities",
  rawScores: "Raw scores",
  aboutRawScores:
    "Raw scores (logits): each head's outputs before the rule. They have no unit and are not probabilities: compare them within one head only.",
  unnamedRule: "unnamed",
  /** @param {string} rule @param {string} eighty */
  calibrated: (rule, eighty) =>
    `Calibrated: the rule “${rule}” was fitted to images or to evidence from them. Of the labels shown with ${eighty}, about eight in ten should be right on similar images.`,
  /** @param {string} rule */
  separateScores: (rule) =>
    `Not calibrated: the rule “${rule}” scores every label separately and was not fitted. Use the order of the labels; the values do not predict how often they are right.`,
  /** @param {string} rule @param {string} hundred */
  uncalibrated: (rule, hundred) =>
    `Not calibrated: the rule “${rule}” scales all heads' scores to a sum of ${hundred}, but scores of different heads are not comparable. Use the order of the labels; the values do not predict how often they are right.`,
  /** @param {string} source */
  figuresFrom: (source) => ` Its figures: ${source}.`,
  validations: /** @satisfies {Record<Validation, string>} */ ({
    "held-out": "cross-validated on images that the heads have not seen",
    seen: "cross-validated on images that the heads may have been trained on",
    folds: "estimated from fold-wise evidence, without images",
    estimate: "estimated from evidence, without images",
    weights: "not measured: from the heads' weights alone",
  }),
  cautions: /** @satisfies {FactTexts<Caution>} */ ({
    "labels-not-held-out": ({ missing, labels }, { count }) => `${count(missing)} of ${count(labels)} labels have no held-out image`,
    "few-held-out": ({ images }, { count }) => `a label has only ${count(images)} held-out ${images === 1 ? "image" : "images"}: the figures are rough`,
    "seen-images":
      "the heads may have been trained on these images and be overconfident on them: temperatures are not fitted and the figures are too good; give unseen images, or say that these are",
    "estimated-figures":
      "the figures are estimates from sums, as if heads were as sure of unseen images as of those they were trained on, and are too good; give unseen images",
    "nothing-measured": "nothing was measured: the heads' weights were made alike, no more; give images or evidence",
    "no-shared-features": "the heads share no features: only rules that need none were tried",
    "no-evidence": ({ labels }, { list }) => `no evidence of ${list(labels)}: only rules that need none were tried`,
  }),

  // The activation map.
  explain: "Why this label?",
  mapLabel: "Label of the activation map",
  computingMap: "Computing the activation map …",
  /** @param {string} label @param {string} head */
  labelOfHead: (label, head) => `${label}, by ${head}`,
  /** @param {string} label @param {string} head @param {string} place */
  mapShows: (label, head, place) =>
    `Highlighted: the regions that raise the score of ${label} in the head ${head}, most strongly ${place}. A class activation map, computed from the model's own values.`,
  /** @param {string} label */
  mapEmpty: (label) => `No region raises the score of ${label}: all of them lower it.`,
  /** @param {string} heads @param {number} count */
  noMap: (heads, count) =>
    `There is no map for ${heads}: a map needs a head that is one linear layer on pooled features, and ${count > 1 ? "these heads have" : "this head has"} more layers.`,
  mapPlaces: [
    ["in the upper left", "in the upper middle", "in the upper right"],
    ["on the left", "in the middle", "on the right"],
    ["in the lower left", "in the lower middle", "in the lower right"],
  ],

  // The list of many images.
  yourImages: "Your images",
  cancel: "Cancel",
  resume: "Continue",
  order: "Order",
  byLabel: "by label",
  byProbability: "least certain first",
  byFile: "by file name",
  downloadCsv: "Download CSV",
  downloadJson: "Download JSON",
  clearList: "Clear the list",
  allImages: "All images",
  notRanked: "Not ranked",
  retry: "Try these again",
  /** @param {string} ranked @param {string} all */
  rankedOf: (ranked, all) => `${ranked} of ${all} ranked`,
  /** @param {string} count */
  failedCount: (count) => `${count} could not be ranked`,
  /** @param {string} count */
  waitingCount: (count) => `${count} still to do`,
  /** @param {number} count */
  othersCount: (count) => `${count} other ${count === 1 ? "file" : "files"} left out`,

  // Samples.
  samples: "Or try one of these",
  samplesFrom: "Sources of these images",

  // The model card.
  card: "Model card",
  cardWhat: "Description",
  /** @param {string} labels @param {string} heads @param {number} count @param {string} size */
  cardSummary: (labels, heads, count, size) =>
    `An image classifier with ${labels} labels. It takes one image, which is scaled to ${size}. ${count > 1 ? `It combines the heads ${heads}, which were trained separately on one backbone.` : `It has one head, ${heads}.`}`,
  cardQuality: "Accuracy and calibration",
  /** @param {string} accuracy @param {string} images @param {string} error */
  cardFigures: (accuracy, images, error) =>
    `The first label is right for ${accuracy} of ${images} images; stated probabilities are off by ${error} on average.`,
  /** @param {string} accuracy */
  cardComparison: (accuracy) => `Without a fitted rule (scores of all heads concatenated): ${accuracy}.`,
  cardMeasured: "How this was measured:",
  cardNoFigures: "The file contains no figures. Check it on images of your own, with polyhead check or in the workshop.",
  cardReading: "Meaning of the probabilities",
  cardBackbone: "One backbone for all",
  /** @param {boolean} first */
  cardShared: (first) =>
    `The models' backbones were nearly equal. One backbone replaces them: ${first ? "that of the first model" : "the mean of all"}. When they were merged, this changed the answers of the heads:`,
  /** @param {string} head @param {string} top @param {string} images @param {boolean} synthetic */
  cardChange: (head, top, images, synthetic) => `${head}: another first label on ${top} of ${images} ${synthetic ? "synthetic images" : "images"}`,
  cardOrigin: "Sources",
  cardOriginSums: "Merged from these files, each with its SHA-256:",
  cardParameters: "Rule: all parameters and figures",
  preprocessing: "Preprocessing",
  otherMetadata: "Other metadata of the sources",
  /** @param {string} labels @param {number} count @param {boolean} exclusive @param {boolean} linear */
  headFacts: (labels, count, exclusive, linear) =>
    `${labels} (${count} labels, ${exclusive ? "exactly one is right" : "each on its own"}${linear ? ", linear" : ""})`,
  /** @param {string} heads */
  ruleNotFitted: (heads) => `The scores of ${heads} are concatenated. No rule was fitted to images, so there are no figures.`,
  /** @param {string} heads */
  ruleFitted: (heads) => `The rule combines the scores of ${heads} into one ranking. Its entries in the file:`,
  /** @param {string} heads */
  ruleWithoutFigures: (heads) => `The rule combines the scores of ${heads} into one ranking. The file contains no figures about it.`,
  /** @param {string} count */
  values: (count) => `${count} values`,
  nothing: "none",
};
