// Trains small models of all kinds, in each rank of an MPI job or, with the argument "alone", in this process. Each writes a
// file of JSON: what came out, by case. usage: node program.mjs FOLDER alone|FILE of the MPI library|"" [threads of each rank, …]
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createForecaster, prepareSeries } from "../../dist/forecast.js";
import { characters, createModel, evaluate, generateSamples, predictBatch, save, train } from "../../dist/index.js";
import { predictNextTokens } from "../../dist/inspect.js";
import { initMpi } from "../../dist/mpi.js";

const [folder, where = "alone", threads = "1"] = process.argv.slice(2);
const group =
  where === "alone" ? undefined : await initMpi({ mpiTimeout: 20, ...(where ? { mpiLibrary: where } : {}) });
const rank = group?.rank ?? 0;
const threadCounts = threads.split(",").map(Number);
const shared = { processGroup: group, threads: threadCounts[rank % threadCounts.length] };

const text = Array.from({ length: 700 }, (_, i) => "abcdefg hij\n"[(i * i + (i % 7)) % 12]).join("");
const vocabulary = characters(text);
const wave = (length, shift) => Array.from({ length }, (_, t) => [Math.sin(t / 3 + shift), Math.cos(t / 2)]);
const numbers = Array.from({ length: 23 }, (_, i) => {
  const inputs = wave(3 + ((i * 5) % 11), i);
  return { inputs, targets: inputs.map(([a, b]) => [a * b]), weight: 1 + (i % 3) };
});
const labeled = Array.from({ length: 21 }, (_, i) => ({ inputs: wave(2 + (i % 6), i), targets: [i % 3] }));

const small = { hiddenSize: 9, seed: 3, backend: "simd" };
const CASES = {
  "streams of a text, held-out part": [
    { ...small, vocabulary, layers: 2 },
    text,
    {
      epochs: 2,
      batchSize: 13,
      sequenceLength: 8,
      gradientShards: 8,
      dropout: 0.3,
      optimizer: "adam",
      clipNorm: 1,
      validationFraction: 0.2,
    },
  ],
  "one shard": [
    { ...small, vocabulary },
    text,
    { epochs: 1, batchSize: 4, gradientShards: 1, optimizer: "sgd", momentum: 0.9 },
  ],
  "windows, fewer in the last batch": [
    { ...small, vocabulary, window: 5, embeddingSize: 6 },
    text,
    {
      epochs: 1,
      batchSize: 36,
      gradientShards: 7,
      optimizer: "rmsprop",
      lossReduction: "sum",
      clipValue: 0.5,
      learningRate: 0.001,
    },
  ],
  "unequal sequences of vectors, several batches an update": [
    { ...small, inputSize: 2, outputSize: 1, layers: 2 },
    numbers,
    { epochs: 3, batchSize: 7, gradientShards: 5, dropout: 0.2, optimizer: "adamw", weightDecay: 0.1, accumulate: 2 },
  ],
  // In three parts.
  "classes, many of them held out": [
    { ...small, inputSize: 2, classes: ["a", "b", "c"], returnSequences: false },
    Array.from({ length: 60 }, (_, i) => ({ inputs: wave(2 + (i % 9), i), targets: [i % 3] })),
    { epochs: 2, batchSize: 24, gradientShards: 4, validationFraction: 0.4 },
  ],
  "classes, both directions": [
    { ...small, inputSize: 2, classes: ["a", "b", "c"], bidirectional: true, returnSequences: false },
    labeled,
    { epochs: 2, batchSize: 10, gradientShards: 6, validationFraction: 0.3, patience: 5 },
  ],
};

const results = {};
const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
const hashOf = async (model) => hash(await save(model));
const errorOf = async (promise) => {
  try {
    await promise;
    return "none";
  } catch (error) {
    const { name, rank, kind, message } = error;
    return { name, rank, kind, message };
  }
};

for (const [name, [model, data, options]] of Object.entries(CASES)) {
  const trained = await createModel(model);
  const { trainLoss, validationLoss } = await train(trained, data, { ...options, ...shared });
  results[name] = [rank === 0 ? await hashOf(trained) : undefined, [trainLoss, validationLoss]];
}

// Windows of a series, which are made when a batch is written.
const x = Array.from({ length: 120 }, (_, t) => Math.sin(t / 4) + ((t * 7) % 5) / 9);
const series = prepareSeries({ x }, { columns: ["x"], target: "x", window: 6 });
const forecaster = await createForecaster(series, { ...small, layers: 2 });
const fitting = { epochs: 2, batchSize: 20, gradientShards: 7, dropout: 0.1, shuffle: true, validationFraction: 0.2 };
const fitted = await train(forecaster, series.examples, { ...fitting, ...shared });
results.series = [rank === 0 ? await hashOf(forecaster) : undefined, [fitted.trainLoss, fitted.validationLoss]];

// Whatever can be shared besides.
const classifier = await createModel(CASES["classes, both directions"][0]);
const sequences = Array.from({ length: 90 }, (_, i) => wave(1 + ((i * 7) % 300), i));
const examples = sequences.map((inputs, i) => ({ inputs, targets: [i % 3], weight: 1 + (i % 4) }));
const writer = await createModel({ ...small, vocabulary, window: 5 });
results.evaluated = [rank, await evaluate(classifier, examples, shared)];
results["evaluated windows"] = [rank, await evaluate(writer, text, shared)];
const predictions = await predictBatch(classifier, sequences, { ...shared, batchSize: 8 });
results.predicted = [rank, predictions.length, hash(Float32Array.of(...predictions.flatMap((each) => [...each])))];
for (const [name, reader] of [
  ["next tokens", await createModel({ ...small, vocabulary })],
  ["next tokens by windows", writer],
]) {
  results[name] = [rank, await predictNextTokens(reader, text, { ...shared, batchSize: 21, seed: 4 })];
}
const sampling = { prompt: "ab", maxTokens: 20, seed: 5, processGroup: group };
const language = await createModel({ ...small, vocabulary });
results.generated = [rank, await generateSamples(language, { ...sampling, samples: 7, threads: rank + 1 })];
results["generated once"] = [rank, await generateSamples(language, { ...sampling, samples: 1 })];

const [model, , options] = CASES["streams of a text, held-out part"];
const run = async (others, data = text) => {
  const fresh = await createModel(model);
  return { fresh, training: train(fresh, data, { ...options, ...shared, ...others }) };
};

// Rank 0 leaves after an epoch; all go on from there.
const { fresh, training } = await run();
const ending = await errorOf(
  (async () => {
    for await (const _ of training) if (rank === 0) break;
  })(),
);
results["left by rank 0"] = ending;
await train(fresh, text, { ...shared, resume: true });
results.resumed = rank === 0 ? await hashOf(fresh) : undefined;

if (group) {
  results.options = await errorOf((await run(rank === 1 ? { learningRate: 0.5 } : {})).training);
  results.data = await errorOf((await run({}, rank === 1 ? text.replace("a", "b") : text)).training);
  results.evaluation = await errorOf(evaluate(classifier, examples.slice(0, rank === 1 ? 5 : 6), shared));
  results.prediction = await errorOf(predictBatch(classifier, rank === 1 ? [[[1]]] : sequences, shared));
  results.invalid = await errorOf((await run(rank === 1 ? { epochs: -1 } : {})).training);
  // Aborted before its first step, in one rank only.
  const early = { signal: rank === 1 ? AbortSignal.abort() : undefined };
  results.early = await errorOf((await run(early)).training);
  let checks = 0;
  const late = {
    aborted: false,
    throwIfAborted: () => {
      if (++checks === 2 && rank === 1) throw new Error("late");
    },
  };
  results.late = await errorOf((await run({ signal: late })).training);
  results.aborted = await errorOf(
    (await run({ epochs: 1000, signal: rank === 1 ? AbortSignal.timeout(50) : undefined })).training,
  );
}
results.divergence = await errorOf((await run({ learningRate: 1e38, clipNorm: 0, optimizer: "sgd" })).training);

writeFileSync(join(folder, `${rank}.json`), JSON.stringify(results));
await group?.end();
