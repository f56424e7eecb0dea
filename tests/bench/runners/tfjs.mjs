/**
 * TensorFlow.js with its wasm backend, on a Teachable Machine export: `model.json` and `weights.bin` in a zip. A classic
 * worker that loads the published scripts: the backend's threads are started from the text of one of its functions,
 * which does not survive a bundler.
 */
import { unzipSync } from "fflate";
import { answer } from "../page/answer.mjs";

const FOLDER = "/npm/@tensorflow";

answer(async ({ threads, preprocessing: { width, height } }, fetchModel) => {
  const zip = fetchModel();
  importScripts(...["tfjs-core/dist/tf-core", "tfjs-layers/dist/tf-layers", "tfjs-backend-wasm/dist/tf-backend-wasm"].map(
    (name) => `${FOLDER}/${name}.min.js`,
  ));
  const { tf } = self;
  // The backend's pool has half as many threads as the machine has cores, whatever is set.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: 2 * threads });
  tf.wasm.setWasmPaths(`${FOLDER}/tfjs-backend-wasm/dist/`);
  tf.wasm.setThreadsCount(threads);
  // With one thread the module without threads.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", threads > 1);
  await tf.setBackend("wasm");
  await tf.ready();
  const files = unzipSync(await zip);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files["model.json"]));
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = await tf.loadLayersModel({
    load: async () => ({ modelTopology, weightSpecs, weightData: files["weights.bin"].slice().buffer }),
  });
  return {
    async run(values) {
      const output = tf.tidy(() => model.predict(tf.tensor4d(values, [1, height, width, 3])));
      const scores = await output.data();
      output.dispose();
      return scores;
    },
    layout: "nhwc",
    facts: {
      threads: threads > 1 ? tf.wasm.getThreadsCount() : 1,
      simd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"),
    },
  };
});
