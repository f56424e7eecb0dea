/** Polyhead, loaded as its library's worker loads it. */
import { startEngine } from "/www/polyhead/wasm-loader.js";
import { answer } from "../page/answer.mjs";

const absolute = (address) => new URL(address, location.href).href;

/** As the library tries them: with threads, with relaxed SIMD, for every browser. */
const BUILDS = [
  ["polyhead_threads.js", "polyhead_threads_bg.wasm"],
  ["polyhead.js", "polyhead_relaxed_bg.wasm"],
  ["polyhead.js", "polyhead_bg.wasm"],
];

/** Of which a profile tells the least time a node. */
const RUNS = 20;

answer(async ({ threads, model }) => {
  let arrived;
  const engine = await startEngine(
    {
      verb: "load",
      builds: BUILDS.slice(threads > 1 ? 0 : 1).map((build) => build.map((file) => absolute(`/pkg/${file}`))),
      model: absolute(model),
      cache: false,
      threads,
    },
    ({ stage }) => (arrived ??= stage === "prepare" ? performance.now() : undefined),
  );
  const { classifier } = engine;
  const labels = classifier.labels().map(({ label }) => label);
  return {
    run: classifier.classifyTensor ? (tensor) => classifier.classifyTensor(tensor) : (_, pixels) => scores(pixels),
    classify: (bitmap) => classifier.classify(bitmap, {}),
    profile,
    arrived,
    facts: { threads: engine.threads, preprocesses: !classifier.classifyTensor },
  };

  /** The least time that each node took. */
  function profile() {
    const runs = Array.from({ length: RUNS }, () => classifier.profile());
    return runs[0].map((node, place) => ({ ...node, milliseconds: Math.min(...runs.map((nodes) => nodes[place].milliseconds)) }));
  }

  /** In the model's order, as other runners give them. */
  async function scores(pixels) {
    const { labels: ranking } = await classifier.classify(pixels, {});
    const found = new Map(ranking.map(({ label, probability }) => [label, probability]));
    return labels.map((label) => found.get(label));
  }
});
