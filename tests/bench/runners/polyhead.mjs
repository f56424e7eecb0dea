/** Polyhead, loaded as its library's worker loads it. */
import { startEngine } from "/www/polyhead/engine.js";
import { answer } from "../page/answer.mjs";

answer(async ({ threads }, model) => {
  const bytes = model.then((found) => new Blob([found]));
  const engine = await startEngine(
    {
      verb: "load",
      moduleUrl: new URL("/pkg/polyhead.js", location.href).href,
      wasmUrl: new URL("/pkg/polyhead_bg.wasm", location.href).href,
      model: await bytes,
      cache: false,
      threads,
    },
    () => {},
  );
  const { classifier } = engine;
  const labels = classifier.labels().map(({ label }) => label);
  return {
    run: classifier.classifyTensor ? (tensor) => classifier.classifyTensor(tensor) : (_, pixels) => scores(pixels),
    classify: (bitmap) => classifier.classify(bitmap, {}),
    profile: classifier.profile && (() => classifier.profile()),
    facts: { threads: engine.threads, preprocesses: !classifier.classifyTensor },
  };

  /** In the model's order, as other runners give them. */
  async function scores(pixels) {
    const { labels: ranking } = await classifier.classify(pixels, {});
    const found = new Map(ranking.map(({ label, probability }) => [label, probability]));
    return labels.map((label) => found.get(label));
  }
});
