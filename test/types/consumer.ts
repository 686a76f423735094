// What the published types let through, and what they do not: compiled by types.node.test.ts, without the types of any host.
import {
  type AbortSignalLike,
  characters,
  createModel,
  evaluate,
  generate,
  generateSamples,
  load,
  type Model,
  type ModelOptions,
  predict,
  save,
  saveChunks,
  type TrainOptions,
  type TrainReport,
  train,
} from "lstm-wasm";
import { createForecaster, prepareSeries } from "lstm-wasm/forecast";

declare const some: { epochs?: number; signal?: AbortSignalLike; patience?: number };
const vocabulary = characters("ab");
const reader = await createModel({ vocabulary, hiddenSize: 4 });
const vectors = await createModel({ inputSize: 2, hiddenSize: 4, outputSize: 1 });
const unknown = await load(save(reader));
const [piece] = saveChunks(reader);
await load({ size: 8, read: (offset, length) => piece!.subarray(offset, offset + length) });
const examples = [{ inputs: [[1, 2]], targets: [3] }];

// A model is one of both kinds, which inference and training tell apart.
const one: Model<"tokens"> = reader;
const other: Model<"vectors"> = vectors;
const either: Model[] = [one, other, unknown];
if (either.length === 3 && unknown.reads === "tokens")
  for await (const text of generate(unknown, { prompt: "a" })) text.at(0);
const reported: TrainReport = await train(reader, "abab", { epochs: 1, patience: 2, validationData: "ab" });
for await (const { stopReason } of train(vectors, examples)) stopReason === "patience";
await train(unknown, "abab", some);
await train(unknown, examples);
await train(reader, Int32Array.of(0, 1));
await train(reader, [{ inputs: [1], targets: ["a class"] }]);
predict(vectors, [[1, 2], Float32Array.of(3, 4)]).at(0);
const forecaster: Model<"vectors"> = await createForecaster(
  prepareSeries({ y: [1, 2] }, { columns: ["y"], target: "y", window: 1 }),
);
const options: ModelOptions = { hiddenSize: 4 };
declare const training: TrainOptions;
await train(vectors, examples, training);
await createModel({ ...options, inputSize: 1 });
reported.bestEpoch?.toFixed();
forecaster.config.window.toFixed();
(await evaluate(reader, "ab")).known?.perplexity.toFixed();

// @ts-expect-error: an option that does not exist
createModel({ vocabulary, hidenSize: 4 });
// @ts-expect-error: neither a vocabulary nor an inputSize
createModel({ hiddenSize: 4 });
// @ts-expect-error: both
createModel({ vocabulary, inputSize: 3 });
// @ts-expect-error: no options
createModel();
// @ts-expect-error: a text for a model that reads vectors
train(vectors, "text");
// @ts-expect-error: its tokens
train(vectors, Int32Array.of(1, 2));
// @ts-expect-error: a text to evaluate with
evaluate(vectors, "text");
// @ts-expect-error: it writes no text
generate(vectors, { prompt: "a" });
// @ts-expect-error: it writes no texts
generateSamples(vectors, { prompt: "a" });
// @ts-expect-error: it has no vocabulary
vectors.vocabulary.size;
// @ts-expect-error: a model that was not awaited
train(createModel({ vocabulary }), "text");
// @ts-expect-error: texts are no numbers
predict(vectors, ["1", "2"]);
// @ts-expect-error: nor is a text
predict(reader, "ab");
// @ts-expect-error: nor are bigints
predict(vectors, BigInt64Array.of(1n));
// @ts-expect-error: an option of training that does not exist
train(reader, "ab", { epoch: 3 });
// @ts-expect-error: internals are not there
reader.engine;
// @ts-expect-error: nor is the generator of random numbers
reader.random;
// @ts-expect-error: what a model was made with does not change
reader.config.hiddenSize = 5;

const kept: TrainOptions = { schedule: "cosine" };
kept.epochs?.toFixed();
