/** LiteRT.js on the CPU, which is XNNPACK: a classic worker, for its loader imports scripts. */
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { answer } from "../page/answer.mjs";

const FOLDER = "/npm/@litertjs/core/wasm/";

answer(async ({ threads }, fetchModel) => {
  const model = fetchModel();
  // In a worker the loader looks for its files, and for the script of its threads, beside the worker's own script.
  self.Module = {
    locateFile: (file) => FOLDER + file,
    mainScriptUrlOrBlob: `${FOLDER}litert_wasm_threaded_internal.js`,
  };
  // With one thread the module without threads, as the library has it by default.
  const runtime = await loadLiteRt(FOLDER, { threads: threads > 1 });
  const compiled = await loadAndCompile(await model, { accelerator: "wasm", cpuOptions: { numThreads: threads } });
  const [{ shape }] = compiled.getInputDetails();
  return {
    async run(values) {
      const input = new Tensor(values, [...shape]);
      const [output] = await compiled.run(input);
      const scores = output.toTypedArray().slice();
      input.delete();
      output.delete();
      return scores;
    },
    layout: shape[1] === 3 ? "nchw" : "nhwc",
    facts: { threads: compiled.options.cpuOptions.numThreads, pool: runtime.liteRtWasm.getThreadCount() },
  };
});
