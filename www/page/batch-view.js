/** The list of many images: progress, buttons, rows. */
import { BatchList } from "./batch-list.js";
import { byId } from "./dom.js";
import { download, toCsv, toJson } from "./export-results.js";
import { pathOf } from "./files.js";
import { onLanguage } from "./language.js";
import { number } from "./messages.js";
import { texts } from "./texts.js";
import { WorkQueue } from "./work-queue.js";

/**
 * @import { Classifier } from "../polyhead/index.js"
 * @import { Ranking } from "../polyhead/types.js"
 * @import { Order } from "./batch-list.js"
 * @import { Found } from "./files.js"
 * @import { Queued } from "./work-queue.js"
 *
 * @typedef {Queued & { image: File, path: string, ranking?: Ranking }} Item
 */

const section = byId("batch", HTMLElement);
const bar = byId("batch-bar", HTMLProgressElement);
const cancel = byId("batch-cancel", HTMLButtonElement);
const resume = byId("batch-resume", HTMLButtonElement);
const order = byId("batch-order", HTMLSelectElement);
const status = byId("batch-status", HTMLElement);

/**
 * @param {() => Promise<Classifier>} ready
 * @param {(item: Item) => void} onShow called when a row is clicked
 * @returns {(found: Found) => void} adds images to the list
 */
export function watchBatch(ready, onShow) {
  const list = new BatchList(onShow, () => {
    batch.retry();
    batch.run();
  });
  /** @type {Classifier} */
  let classifier;
  /** @type {WorkQueue<Item>} */
  const batch = new WorkQueue({
    ready: async () => (classifier = await ready()),
    work: async (item, signal) => {
      item.ranking = await classifier.classify(item.image, { logits: true, signal });
    },
    onItem: (item) => {
      list.put(item);
      showState();
    },
    onState: showState,
  });
  /** The number of files in chosen folders that are not images. */
  let others = 0;

  function showState() {
    const [all, failed, waiting] = [batch.items.length, batch.count("failed"), batch.count("waiting")];
    const ranked = all - failed - waiting;
    section.hidden = all === 0;
    bar.max = all || 1;
    bar.value = all - waiting;
    bar.hidden = !batch.running;
    cancel.hidden = !batch.running;
    resume.hidden = batch.running || waiting === 0;
    const left = [
      failed && texts.failedCount(number(failed)),
      waiting && !batch.running && texts.waitingCount(number(waiting)),
      others && texts.othersCount(others),
    ];
    const words = [texts.rankedOf(number(ranked), number(all)), ...left.filter(Boolean)].join(", ");
    byId("batch-count", HTMLElement).textContent = words;
    // Screen readers announce every tenth image only.
    if (!batch.running || (all - waiting) % 10 === 0) {
      status.textContent = all ? words : "";
    }
  }

  cancel.addEventListener("click", () => {
    batch.cancel();
    resume.focus();
  });
  resume.addEventListener("click", () => {
    batch.run();
    cancel.focus();
  });
  const rearrange = () => list.rearrange(batch.items, /** @type {Order} */ (order.value));
  order.addEventListener("change", rearrange);
  onLanguage(() => {
    list.clear();
    rearrange();
    showState();
  });
  byId("batch-clear", HTMLButtonElement).addEventListener("click", () => {
    others = 0;
    batch.clear();
    list.clear();
    byId("classifier", HTMLElement).focus();
  });
  byId("batch-csv", HTMLButtonElement).addEventListener("click", async () => {
    const labels = (await ready()).labels.map(({ label }) => label);
    download("polyhead.csv", "text/csv", toCsv(batch.items, labels));
  });
  byId("batch-json", HTMLButtonElement).addEventListener("click", async () => {
    download("polyhead.json", "application/json", toJson(batch.items, await ready()));
  });
  return (found) => {
    others += found.others;
    batch.items.push(...found.images.map((image) => ({ image, path: pathOf(image), state: /** @type {const} */ ("waiting") })));
    batch.run();
    section.scrollIntoView({ block: "nearest" });
  };
}
