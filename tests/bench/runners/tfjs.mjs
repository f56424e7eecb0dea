/** TensorFlow.js with its wasm backend, on a Teachable Machine export: `model.json` and `weights.bin` in a zip. */
import { setThreadsCount, setWasmPaths, getThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { unzipSync } from "fflate";
import { answer } from "../page/answer.mjs";

answer(async ({ threads, preprocessing: { width, height } }, zip) => {
  setWasmPaths("/npm/@tensorflow/tfjs-backend-wasm/dist/");
  setThreadsCount(threads);
  await tf.setBackend("wasm");
  await tf.ready();
  const files = unzipSync(await zip);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files["model.json"]));
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = await loadLayersModel({
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
    facts: { threads: getThreadsCount(), simd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT") },
  };
});
