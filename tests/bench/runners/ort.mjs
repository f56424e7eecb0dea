/** onnxruntime-web, its wasm execution provider, on the very file that Polyhead runs; all its builds have SIMD. */
import * as ort from "/npm/onnxruntime-web/dist/ort.wasm.min.mjs";
import { answer } from "../page/answer.mjs";

answer(async ({ threads, preprocessing: { width, height, layout } }, fetchModel) => {
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = "/npm/onnxruntime-web/dist/";
  const session = await ort.InferenceSession.create(await fetchModel(), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const shape = layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
  return {
    async run(tensor) {
      const { [output]: scores } = await session.run({ [input]: new ort.Tensor("float32", tensor, shape) }, [output]);
      return scores.data;
    },
    facts: { threads: ort.env.wasm.numThreads },
  };
});
