// What each consumer runs: "LIBRARY" and "PRESETS" stand for the entries that it imports. It prints one line of JSON.
import { characters, createModel, train } from "LIBRARY";
import { presets } from "PRESETS";

const warnings = [];
console.warn = (message) => warnings.push(String(message));

const { text, model: options, training } = presets.hamlet;

async function lossAfter(changes) {
  const model = await createModel({ ...options, vocabulary: characters(text), backend: "simd" });
  let loss = Number.NaN;
  for await (const { trainLoss } of train(model, text, { ...training, ...changes })) loss = trainLoss;
  model.free();
  return loss;
}

async function main() {
  const hamlet = await lossAfter({ epochs: 20 });
  const onTwoThreads = await lossAfter({ epochs: 2, batchSize: 4, sequenceLength: 20, gradientShards: 2, threads: 2 });
  console.log(JSON.stringify({ hamlet, onTwoThreads, warnings }));
}

main().catch((error) => console.log(JSON.stringify({ error: String(error) })));
