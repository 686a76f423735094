import { describe, expect, test } from "vitest";
import { withMore } from "../full.js";
import { save } from "../internals/checkpoint.js";
import type { Example } from "../internals/data.js";
import { characters } from "../internals/data.js";
import { availableBackends, BACKENDS, type Backend } from "../internals/kernels.js";
import type { Data } from "../internals/model.js";
import { createModel, type Model } from "../internals/model.js";
import { HAMLET as hamlet } from "../internals/presets.js";
import type { TrainOptions } from "../internals/training.js";
import { copyOf, train } from "../internals/training.js";

const WASM = availableBackends().filter((backend) => backend !== "javascript");
/** A page starts a thread by a dozen requests. */
const OPTIONS: TrainOptions = { epochs: 2, batchSize: 7, sequenceLength: 11, clipNorm: 5 };

const textModel = (backend: Backend, layers = 2) =>
  createModel({ vocabulary: characters(hamlet), hiddenSize: 9, layers, backend });

async function trained(model: Model, data: Data, options: TrainOptions): Promise<Uint8Array> {
  for await (const _ of train(model, data, options));
  const bytes = save(model);
  model.free();
  return bytes;
}

describe.each(WASM)("%s", (backend) => {
  test.each(withMore([3], [1, 4]))("%i shards give the same bits on any number of threads", async (gradientShards) => {
    const options = { ...OPTIONS, dropout: 0.2, gradientShards };
    const first = await trained(await textModel(backend), hamlet, options);
    for (const threads of [1, 2, 3])
      expect(await trained(await textModel(backend), hamlet, { ...options, threads })).toEqual(first);
  });

  test("there are no more shards than sequences", async () => {
    const run = trained(await textModel(backend), hamlet, { ...OPTIONS, gradientShards: 12 });
    await expect(run).rejects.toThrow("gradientShards: expected at most 7, the sequences of a batch, got 12");
  });

  test("windows, whose last batch is smaller than the number of shards, train with any number", async () => {
    const text = hamlet.slice(0, 60); // 57 windows of 3: batches of 8, the last of one
    for (const gradientShards of [2, 5]) {
      const model = () => createModel({ vocabulary: characters(text), hiddenSize: 6, window: 3, backend });
      const options = { epochs: 3, batchSize: 8, gradientShards };
      const first = await trained(await model(), text, options);
      expect(await trained(await model(), text, options)).toEqual(first);
    }
  });
});

test.each(BACKENDS.filter((backend) => availableBackends().includes(backend)))(
  "%s: the gradient of a batch in shards is that of the whole, but for rounding",
  async (backend) => {
    const parameters = async (gradientShards: number) => {
      const model = await textModel(backend);
      const options: TrainOptions = { ...OPTIONS, epochs: 1, optimizer: "sgd", learningRate: 1, gradientShards };
      for await (const _ of train(model, hamlet, { ...options, sequenceLength: 0 }));
      const values = copyOf(model.engine, model.engine.parameters);
      model.free();
      return values;
    };
    const whole = await parameters(1);
    for (const gradientShards of [2, 3, 7]) {
      const sharded = await parameters(gradientShards);
      const largest = sharded.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i]!)), 0);
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThan(2e-6);
    }
  },
);

test.each([
  [1, [3.4461098232335745, 3.394359645666284]],
  [2, [3.4486314234140996, 3.390555343007654]],
  [3, [3.4494347417257667, 3.393683440178529]],
])("simd, %i shards: the same bits on every machine and any number of threads", async (gradientShards, golden) => {
  const model = await textModel("simd");
  const losses: number[] = [];
  const options = { ...OPTIONS, dropout: 0.2, gradientShards };
  for await (const { trainLoss } of train(model, hamlet, options)) losses.push(trainLoss);
  // Golden values of this compiler version and these kernels: a change of either may change the last digits.
  expect(losses).toEqual(golden);
  model.free();
});

test("examples of vectors are scattered with their targets", async () => {
  // Each example has its own answer, so that one mixed up with another shows in the loss.
  const examples: Example[] = Array.from({ length: 24 }, (_, i) => ({
    inputs: Float32Array.from({ length: 4 * 3 }, (_, j) => Math.sin(i * 12 + j)),
    targets: Float32Array.from({ length: 4 * 2 }, (_, j) => Math.cos(i * 8 + j)),
  }));
  const losses = async (gradientShards: number) => {
    const model = await createModel({ inputSize: 3, outputSize: 2, hiddenSize: 5, backend: "simd" });
    const all: number[] = [];
    for await (const { trainLoss } of train(model, examples, { epochs: 5, batchSize: 9, gradientShards }))
      all.push(trainLoss);
    model.free();
    return all;
  };
  const whole = await losses(1);
  for (const gradientShards of [2, 4])
    for (const [i, loss] of (await losses(gradientShards)).entries()) expect(loss).toBeCloseTo(whole[i]!, 5);
});
