import { describe, expect, test, vi } from "vitest";

import { characters, createModel, evaluate, load, type Model, predict, predictBatch, train } from "../../src/index.js";
import { predictNextTokens } from "../../src/inspect.js";
import { createStream } from "../../src/stream.js";
import { Random } from "../internals/common.js";
import { toSafetensors } from "../internals/convert.js";
import { workerPool } from "../internals/engine.js";
import { sample } from "../internals/inference.js";
import type { ModelOptions } from "../internals/model.js";
import { HAMLET } from "../internals/presets.js";
import { integers, normals } from "../kernels/tensors.js";

// What several threads compute is what one computes, to the last bit.

const random = new Random(1);
const LENGTHS = Array.from({ length: 40 }, (_, i) => [3, 300, 1, 256, 40, 17, 257, 512][i % 8]! + i);
const vectors = LENGTHS.map((T) => normals(random, 2 * T));

const VARIANTS: ModelOptions[] = [false, true].flatMap((bidirectional) =>
  [false, true].map((returnSequences) => ({ bidirectional, returnSequences, layers: 2, hiddenSize: 6, outputSize: 3 })),
);

describe.each(VARIANTS)("%j", (options) => {
  const made = () => createModel({ ...options, inputSize: 2, backend: "simd" });

  test("predictBatch", async () => {
    const model = await made();
    const alone = vectors.map((sequence) => predict(model, sequence));
    for (const [threads, batchSize] of [
      [2, 64],
      [3, 4],
    ])
      expect(await predictBatch(model, vectors, { threads, batchSize })).toEqual(alone);
    model.free();
  });

  test("evaluate, and validation while a model trains", async () => {
    const examples = vectors.map((inputs, i) => ({
      inputs,
      targets: normals(random, 3 * (options.returnSequences ? LENGTHS[i]! : 1)),
    }));
    const results = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const model = await made();
        const settings = {
          threads,
          epochs: 2,
          batchSize: 20,
          gradientShards: 3,
          validationData: examples,
          dropout: 0.1,
        };
        const { validationLoss } = await train(model, examples.slice(0, 20), settings);
        const { loss } = await evaluate(model, examples, { threads });
        model.free();
        return { validationLoss, loss };
      }),
    );
    expect(results[0]!.validationLoss).toBeGreaterThan(0);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

test("a classifier's figures", async () => {
  const model = await createModel({
    vocabulary: characters("abcd"),
    classes: ["x", "y"],
    returnSequences: false,
    hiddenSize: 8,
  });
  const examples = LENGTHS.map((T, i) => ({ inputs: integers(random, T, 0, 3), targets: [i % 2] }));
  const one = await evaluate(model, examples, { threads: 1 });
  expect(one.confusion!.flat().reduce((a, b) => a + b)).toBe(examples.length);
  expect(await evaluate(model, examples, { threads: 3 })).toEqual(one);
  model.free();
});

test("the predictions of a text's next tokens, sampled step by step", async () => {
  const model = await languageModel();
  const [tokens, batchSize, seed] = [model.vocabulary.encode(HAMLET), 20, 2];
  const options = { batchSize, seed };
  const one = await predictNextTokens(model, tokens, { ...options, threads: 1 });
  for (const threads of [2, 3]) expect(await predictNextTokens(model, tokens, { ...options, threads })).toEqual(one);
  const length = Math.floor((tokens.length - 1) / batchSize);
  const stream = createStream(model, { batch: batchSize });
  const random = new Random(seed);
  const sampled = new Int32Array(length * batchSize);
  for (let t = 0; t < length; t++) {
    const outputs = stream.step(Int32Array.from({ length: batchSize }, (_, b) => tokens[b * length + t]!));
    for (const [b, probabilities] of outputs.entries())
      sampled[b * length + t] = sample(probabilities, 0, probabilities.length, random);
  }
  expect(one.sampledText).toBe(model.vocabulary.decode(sampled));
  expect(one.sampledAccuracy).toBeCloseTo(
    sampled.filter((token, i) => token === tokens[i + 1]).length / sampled.length,
    12,
  );
  model.free();
});

const languageModel = () => createModel({ vocabulary: characters(HAMLET), hiddenSize: 16, backend: "simd" });
const tokensOf = (model: Model) => Array.from({ length: 32 }, () => model.vocabulary.encode(HAMLET.slice(0, 90)));

test("while others use the model, and it trains on the same threads", async () => {
  const model = await languageModel();
  const sequences = tokensOf(model);
  const options = { batchSize: 16, gradientShards: 4, threads: 2, sequenceLength: 20, learningRate: 1e-30, epochs: 3 };
  async function lossesOf(trained: Model): Promise<number[]> {
    const losses: number[] = [];
    for await (const { trainLoss } of train(trained, HAMLET, options)) losses.push(trainLoss);
    return losses;
  }
  const losses = await lossesOf(await languageModel());
  const expected = await predictBatch(model, sequences, { threads: 1 });
  const once = predict(model, sequences[0]!);
  const [beside, ...found] = await Promise.all([
    lossesOf(model),
    ...[2, 3, 2].map((threads) => predictBatch(model, sequences, { threads, batchSize: 8 })),
    (async () => [predict(model, sequences[0]!)])(),
  ]);
  expect(beside).toEqual(losses);
  for (const results of found.slice(0, -1)) expect(results).toEqual(expected);
  expect(found.at(-1)).toEqual([once]);
  model.free();
});

test("weights of int8", async () => {
  const model = await load(toSafetensors(await languageModel(), { dtype: "int8" }), { backend: "simd" });
  const sequences = tokensOf(model);
  const expected = await predictBatch(model, sequences, { threads: 1 });
  expect(await predictBatch(model, sequences, { threads: 2 })).toEqual(expected);
  model.free();
});

test("memory is as it was, however often", async () => {
  const model = await languageModel();
  await predictBatch(model, tokensOf(model), { threads: 2 });
  const before = model.memoryBytes;
  for (let i = 0; i < 5; i++) await predictBatch(model, tokensOf(model), { threads: 2 });
  expect(model.memoryBytes).toBe(before);
  model.free();
});

test("stops where the signal is aborted, and goes on afterwards", async () => {
  const model = await languageModel();
  const sequences = tokensOf(model);
  const expected = await predictBatch(model, sequences, { threads: 1 });
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error("enough"));
  const stopped = predictBatch(model, sequences, { threads: 2, batchSize: 4, signal: controller.signal, onProgress });
  await expect(stopped).rejects.toThrow("enough");
  expect(await predictBatch(model, sequences, { threads: 2 })).toEqual(expected);
  model.free();
});

test("a failing thread is an error, after which others start", async () => {
  const model = await languageModel();
  const sequences = tokensOf(model);
  const expected = await predictBatch(model, sequences, { threads: 2 });
  const pool = await workerPool(model.engine, 1);
  const submit = vi.spyOn(pool, "submit").mockImplementation(function (this: typeof pool, worker, tasks) {
    // No shape has a pass there: the kernels trap.
    submit.mockRestore();
    pool.submit(
      worker,
      tasks.map((task) => ({ ...task, pass: 2 ** 32 - 64 })),
    );
  });
  await expect(predictBatch(model, sequences, { threads: 2 })).rejects.toThrow("thread");
  expect(await predictBatch(model, sequences, { threads: 2 })).toEqual(expected);
  model.free();
});

test("a model that was freed says so", async () => {
  const model = await languageModel();
  const running = predictBatch(model, tokensOf(model), { threads: 2, batchSize: 2 });
  model.free();
  await expect(running).rejects.toThrow("freed");
});
