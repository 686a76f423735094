import { describe, expect, test } from "vitest";
import { type Example, predict, train } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { jsonFixture } from "../bytes.js";
import { ExampleBatches, readExamples } from "../internals/data.js";
import { allocate } from "../internals/engine.js";
import { DataParallel } from "../internals/training.js";
import { FLOAT32_TOLERANCE, relativeError } from "../kernels/tensors.js";
import { modelOf } from "./subject.js";

/** An entry of the file made by test/fixtures/pytorch_sequences.py; its docstring tells the shapes. */
interface Fixture {
  sizes: { V: number; H: number; layers: number; bidirectional: boolean; returnSequences: boolean };
  parameters: Record<string, number[]>;
  tokens: number[][];
  targets: number[][];
  classWeights: number[];
  expected: Record<string, number[]> & { logits: number[][] };
  losses: number[];
}

const GRADIENT_TOLERANCE = 1e-4;
/** Each of twenty steps starts from the parameters that the rounding of those before has moved a little. */
const TRAINING_TOLERANCE = 1e-4;

const fixtures = await jsonFixture<Fixture[]>("pytorch-sequences.json");

describe.each(fixtures)("PyTorch's packed sequences, $sizes", (fixture) => {
  const { sizes, parameters, tokens, targets, classWeights, expected, losses } = fixture;
  const { V, H, layers, bidirectional, returnSequences } = sizes;
  const examples: Example[] = tokens.map((inputs, i) => ({ inputs, targets: targets[i]! }));
  const make = (backend: (typeof BACKENDS)[number]) => {
    const shape = { vocabularySize: V, hiddenSize: H, layers, bidirectional, outputSize: classWeights.length };
    return modelOf(backend, { ...shape, returnSequences } as never, parameters);
  };

  test.each(BACKENDS)("%s gives the probabilities, loss and gradients", async (backend) => {
    const model = await make(backend);
    const { engine, input, output } = model;
    for (const [i, inputs] of tokens.entries())
      expect(relativeError(predict(model, inputs), softmax(expected.logits[i]!, output.size))).toBeLessThan(1e-5);
    const spec = { input, output, returnSequences };
    const batches = new ExampleBatches(readExamples(examples, spec), 5, spec, classWeights);
    const { buffers, passes } = allocate(engine, 1);
    const run = new DataParallel(model, { batches, dropout: 0, shards: 1, gradients: buffers, passes, threads: 1 });
    const { predictionsPerEpoch } = batches;
    const loss = await run.step(engine.createState(5), 1 / predictionsPerEpoch);
    expect(relativeError([loss / predictionsPerEpoch], expected["loss"]!)).toBeLessThan(FLOAT32_TOLERANCE);
    for (const { name } of model.tensors)
      expect(relativeError(model.read(name, buffers[0]!), expected[`gradient ${name}`]!), name).toBeLessThan(
        GRADIENT_TOLERANCE,
      );
  });

  test.each(BACKENDS)("%s gives the losses of twenty steps of Adam", async (backend) => {
    const model = await make(backend);
    const options = { epochs: losses.length, batchSize: 5, learningRate: 0.01, classWeights } as const;
    const ours: number[] = [];
    for await (const { trainLoss } of train(model, examples, options)) ours.push(trainLoss);
    expect(relativeError(ours, losses)).toBeLessThan(TRAINING_TOLERANCE);
  });
});

function softmax(logits: readonly number[], V: number): number[] {
  return logits.map((x, i) => {
    const row = logits.slice(i - (i % V), i - (i % V) + V);
    return Math.exp(x) / row.reduce((sum, y) => sum + Math.exp(y), 0);
  });
}
