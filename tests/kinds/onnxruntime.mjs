/**
 * onnxruntime's output: `node onnxruntime.mjs MODEL INPUT DIM…` runs a model on the 32-bit floats in the file INPUT,
 * of the shape DIM…, and prints its outputs as JSON. Needs `npm install` in tests/.
 */

import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";

const [model, input, ...dims] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
const session = await ort.InferenceSession.create(await readFile(model), { graphOptimizationLevel: "all" });
const bytes = await readFile(input);
const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", floats, dims.map(Number)) });
console.log(JSON.stringify(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]))));
