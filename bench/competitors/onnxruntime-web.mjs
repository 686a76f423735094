// Our own models in onnxruntime-web, from ONNX, on its wasm backend. usage: node onnxruntime-web.mjs [CASE_JSON MILLISECONDS]
//
// The case names the file. Its outputs are logits, and predictions leave the softmax out.
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { draw, random } from "./random.mjs";
import { serve, THREADS } from "./serve.mjs";

ort.env.wasm.numThreads = THREADS;
await serve(ort.env.versions.web, process.argv.slice(2), async (spec) => {
  const session = await ort.InferenceSession.create(await readFile(spec.onnx), { executionProviders: ["wasm"] });
  return spec.prediction ? prediction(spec, session) : generation(spec, session);
});

function prediction({ batchSize: B, vocabularySize: V, prediction: { sequenceLength: T } }, session) {
  const tokens = BigInt64Array.from({ length: B * T }, () => BigInt(Math.floor(random() * V)));
  const input = new ort.Tensor("int64", tokens, [B, T]);
  return { tokens: B * T, run: () => session.run({ input }) };
}

function generation({ layers, hiddenSize }, session) {
  const zeros = () => new ort.Tensor("float32", new Float32Array(layers * hiddenSize), [layers, 1, hiddenSize]);
  let [h0, c0, token] = [zeros(), zeros(), 0];

  async function run() {
    const input = new ort.Tensor("int64", BigInt64Array.of(BigInt(token)), [1, 1]);
    const { output, hn, cn } = await session.run({ input, h0, c0 });
    token = draw(softmax(output.data));
    [h0, c0] = [hn, cn];
  }
  return { tokens: 1, run };
}

/** In place. */
function softmax(logits) {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > max) max = logit;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += logits[i] = Math.exp(logits[i] - max);
  for (let i = 0; i < logits.length; i++) logits[i] /= sum;
  return logits;
}
