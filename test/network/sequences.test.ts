import { describe, expect, test } from "vitest";
import { type Example, predict } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { ExampleBatches, readExamples } from "../internals/data.js";
import { allocate } from "../internals/engine.js";
import type { Backend } from "../internals/kernels.js";
import type { Model, ModelOptions } from "../internals/model.js";
import { DataParallel } from "../internals/training.js";
import { integers, normals } from "../kernels/tensors.js";
import {
  backward,
  crossEntropy,
  embed,
  embedBackward,
  forward,
  oneHot,
  squaredError,
  type Tensors,
} from "../reference.js";
import { expectAgreement } from "./compare.js";
import { gradientsByName, type Results, randomParameters } from "./passes.js";
import { modelOf, vectorModelOf } from "./subject.js";

// A training step over sequences of any length, in one direction or both, with weights and with targets that are left out,
// against the reference, which is given one sequence at a time.

const H = 5;
const LENGTHS = [[4, 4, 4], [7, 1, 3, 3, 9, 2, 1], [1], [90, 2, 30]];

interface Variant {
  readonly options: ModelOptions;
  readonly vocabularySize: number;
  readonly shards: number;
}

const NETWORKS: Omit<Variant, "shards">[] = [
  { vocabularySize: 0, options: { inputSize: 3, outputSize: 2 } },
  { vocabularySize: 0, options: { inputSize: 4, classes: ["a", "b", "c"] } },
  { vocabularySize: 7, options: { outputSize: 6 } },
  { vocabularySize: 7, options: { outputSize: 6, embeddingSize: 3 } },
];

const VARIANTS: Variant[] = NETWORKS.flatMap(({ options, vocabularySize }) =>
  [1, 2, 3].flatMap((layers) =>
    [false, true].flatMap((bidirectional) =>
      [false, true].map((returnSequences) => ({
        vocabularySize,
        options: { ...options, hiddenSize: H, layers, bidirectional, returnSequences },
        shards: layers === 2 ? 3 : 1,
      })),
    ),
  ),
);

const shapeOf = ({ options, vocabularySize }: Variant) => ({
  vocabularySize,
  hiddenSize: H,
  inputSize: options.inputSize ?? 0,
  embeddingSize: options.embeddingSize ?? 0,
  layers: options.layers!,
  bidirectional: options.bidirectional!,
  outputSize: options.outputSize ?? options.classes!.length,
});

function makeModel(backend: Backend, { options, vocabularySize }: Variant, parameters: Tensors): Promise<Model> {
  if (vocabularySize > 0) return modelOf(backend, { vocabularySize, ...options } as never, parameters);
  return vectorModelOf(backend, options, parameters);
}

function randomExamples(random: Random, variant: Variant, lengths: readonly number[]): Example[] {
  const { inputSize, vocabularySize, outputSize } = shapeOf(variant);
  const { returnSequences, classes } = variant.options;
  return lengths.map((T, i) => {
    const rows = returnSequences ? T : 1;
    const isIgnored = () => rows > 1 && random.uniform() < 0.3;
    const isValues = inputSize > 0 && !classes;
    const targets = isValues
      ? normals(random, rows * outputSize).map((value) => (isIgnored() ? Number.NaN : value))
      : integers(random, rows, 0, outputSize - 1).map((target) => (isIgnored() ? -1 : target));
    const inputs = inputSize > 0 ? normals(random, T * inputSize) : integers(random, T, 0, vocabularySize - 1);
    return { inputs, targets, ...(i % 2 === 1 ? { weight: 0.5 } : {}) };
  });
}

/** The sums over all examples of their losses and gradients, and the outputs of each. */
function reference(p: Tensors, variant: Variant, examples: readonly Example[], scale: number) {
  const { inputSize, embeddingSize: E, vocabularySize, layers, outputSize: V, bidirectional } = shapeOf(variant);
  const directions = bidirectional ? 2 : 1;
  const totals: Results = { loss: new Float64Array(1) };
  for (const name of Object.keys(p)) totals[`gradient ${name}`] = new Float64Array(p[name]!.length);
  const outputs = examples.map(({ inputs, targets, weight = 1 }) => {
    const tokens = Array.from(inputs as ArrayLike<number>);
    const x = inputSize
      ? Float64Array.from(new Float32Array(tokens))
      : E > 0
        ? embed(tokens, p["embedding.weight"]!, E)
        : oneHot(tokens, vocabularySize);
    const I = inputSize || E || vocabularySize;
    const sizes = { T: x.length / I, B: 1, I, H, V, layers, directions };
    const state = new Float64Array(layers * directions * H);
    const summary = variant.options.returnSequences ? undefined : lastOf(p, sizes, x);
    const pass = forward(p, sizes, x, state, state);
    const scores = summary?.scores ?? pass.scores;
    const all = Array.from(targets as ArrayLike<number>);
    const weights = all.map(() => weight);
    const isValues = inputSize > 0 && !variant.options.classes;
    const { loss, gradient } = isValues
      ? squaredError(scores, Float32Array.from(all), V, 0, weights)
      : crossEntropy(scores, all, V, weights);
    totals["loss"]![0]! += loss;
    const dScores = gradient.map((d) => d * scale);
    const d = summary ? summary.backward(dScores) : backward(p, sizes, pass, dScores);
    if (E > 0) d.parameters["embedding.weight"] = embedBackward(d.x, tokens, vocabularySize, E);
    for (const [name, values] of Object.entries(gradientsByName(d.parameters)))
      totals[name] = totals[name]!.map((value, i) => value + values[i]!);
    return { scores, isValues };
  });
  return { totals, outputs };
}

/**
 * The output after the last step: that of the head over the final state of each direction. As a network whose head does
 * nothing but hand the states on, with the head on top.
 */
function lastOf(p: Tensors, sizes: Parameters<typeof forward>[1], x: Float64Array) {
  const { T, layers, directions = 1 } = sizes;
  const width = directions * H;
  const identity = Float64Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0));
  const body = { ...p, "linear.weight": identity, "linear.bias": new Float64Array(width) };
  const state = new Float64Array(layers * directions * H);
  const pass = forward(body, { ...sizes, V: width }, x, state, state);
  // The reverse direction ends at the first step.
  const rowOf = (u: number) => (u < H ? T - 1 : 0);
  const summary = Float64Array.from({ length: width }, (_, u) => pass.scores[rowOf(u) * width + u]!);
  const weight = p["linear.weight"]!;
  const scores = p["linear.bias"]!.map((bias, v) => summary.reduce((y, h, u) => y + weight[v * width + u]! * h, bias));
  return {
    scores,
    backward(dy: Float64Array) {
      const dOut = new Float64Array(T * width);
      for (let u = 0; u < width; u++)
        dOut[rowOf(u) * width + u] = dy.reduce((d, value, v) => d + value * weight[v * width + u]!, 0);
      const d = backward(body, { ...sizes, V: width }, pass, dOut);
      d.parameters["linear.bias"] = dy;
      d.parameters["linear.weight"] = weight.map((_, i) => dy[Math.floor(i / width)]! * summary[i % width]!);
      return d;
    },
  };
}

describe.each(VARIANTS)("$vocabularySize tokens, $options, $shards shards", (variant) => {
  const random = new Random(1);
  const parameters = randomParameters(random, shapeOf(variant));
  const scale = 0.5;
  const cases = LENGTHS.map((lengths) => {
    const examples = randomExamples(random, variant, lengths);
    return { lengths, examples, ...reference(parameters, variant, examples, scale) };
  });

  test.each(BACKENDS)("%s computes what the reference does", async (backend) => {
    for (const { examples, totals, lengths, outputs } of cases) {
      const model = await makeModel(backend, variant, parameters);
      const { engine, input, output, config } = model;
      const spec = { input, output, returnSequences: config.returnSequences };
      const batches = new ExampleBatches(readExamples(examples, spec), examples.length, spec);
      const shards = Math.min(variant.shards, examples.length);
      const { buffers, passes } = allocate(engine, shards, DataParallel.bytesFor(engine, batches, 0, shards, 1));
      const options = { batches, dropout: 0, shards, gradients: buffers, passes, threads: 1 };
      engine.floats.fill(Number.NaN, passes / 4);
      const loss = await new DataParallel(model, options).step(engine.createState(batches.batchSize), scale);
      const gradients = Object.fromEntries(
        model.tensors.map(({ name }) => [name, Float64Array.from(model.read(name, buffers[0]!))]),
      );
      expectAgreement({ loss: Float64Array.of(loss), ...gradientsByName(gradients) }, totals, `lengths ${lengths}`);
      for (const [i, { inputs }] of examples.entries()) {
        const { scores, isValues } = outputs[i]!;
        const expected = isValues ? scores : softmax(scores, output.size);
        expectAgreement({ outputs: Float64Array.from(predict(model, inputs)) }, { outputs: expected }, `example ${i}`);
      }
    }
  });
});

function softmax(scores: Float64Array, V: number): Float64Array {
  return scores.map((x, i) => {
    const row = scores.subarray(i - (i % V), i - (i % V) + V);
    return Math.exp(x) / row.reduce((sum, y) => sum + Math.exp(y), 0);
  });
}

test("without a head, the outputs are the hidden states", async () => {
  const options = { inputSize: 2, hiddenSize: 3, layers: 2, bidirectional: true } as const;
  const headed = await vectorModelOf("simd", { ...options, outputSize: 6 }, {});
  const bare = await vectorModelOf("simd", { ...options, head: "none" }, {});
  expect(bare.tensors.map(({ name }) => name)).toEqual(
    headed.tensors.map(({ name }) => name).filter((name) => !name.startsWith("linear")),
  );
  for (const { name } of bare.tensors) bare.setTensor(name, headed.tensor(name));
  headed.setTensor(
    "linear.weight",
    Float32Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0)),
  );
  headed.setTensor("linear.bias", new Float32Array(6));
  const x = normals(new Random(1), 14);
  expect(predict(bare, x)).toEqual(predict(headed, x));
});
