import { expect, test } from "vitest";
import type { Example } from "../internals/data.js";
import { characters, type Vocabulary } from "../internals/data.js";
import { evaluate, generateSamples, predict } from "../internals/inference.js";
import type { Data } from "../internals/model.js";
import { createModel, initialize, LstmCell, Model, type ModelOptions, settleModel } from "../internals/model.js";
import { HAMLET } from "../internals/presets.js";
import type { TrainOptions } from "../internals/training.js";
import { copyOf, train } from "../internals/training.js";
import { instanceOf } from "../kernels/instances.js";
import { DEBUG } from "../kernels/read-build.js";

// Whole runs on kernels that check their arguments: TypeScript plans what they demand. Their results are those of simd.

const text = HAMLET.slice(0, 200);
const vocabulary = characters(text);

const debugModel = async (options: ModelOptions, words?: Vocabulary) =>
  initialize(new Model(words, settleModel(options), await instanceOf(DEBUG)));

/** Sequences of vectors, of all lengths from 1 to 9, with targets at each step or at the last. */
const vectors = (outputs: number, every: boolean): Example[] =>
  Array.from({ length: 18 }, (_, i) => {
    const T = 1 + (i % 9);
    return {
      inputs: Float32Array.from({ length: T * 3 }, (_, j) => Math.sin(i + j)),
      targets: Float32Array.from({ length: (every ? T : 1) * outputs }, (_, j) => Math.cos(i - j)),
    };
  });

const CASES: [name: string, model: ModelOptions, data: Data, training: TrainOptions][] = [
  ["characters", { hiddenSize: 5 }, text, { batchSize: 1, sequenceLength: 0, optimizer: "sgd", clipValue: 1 }],
  [
    "layers, dropout",
    { hiddenSize: 6, layers: 3 },
    text,
    { batchSize: 7, sequenceLength: 9, dropout: 0.3, gradientShards: 3 },
  ],
  ["an embedding", { hiddenSize: 7, embeddingSize: 3 }, text, { batchSize: 2, optimizer: "rmsprop", clipNorm: 1 }],
  ["windows", { hiddenSize: 4, window: 3 }, text, { batchSize: 8, optimizer: "sgd", momentum: 0.9, gradientShards: 2 }],
  ["a held-out part", { hiddenSize: 4 }, text, { batchSize: 3, sequenceLength: 8, validationFraction: 0.3 }],
  ["vectors", { inputSize: 3, outputSize: 5, hiddenSize: 6 }, vectors(5, true), { batchSize: 4, optimizer: "adamw" }],
  [
    "huber",
    { inputSize: 3, outputSize: 1, returnSequences: false, loss: "huber" },
    vectors(1, false),
    { batchSize: 5 },
  ],
];

test.each(CASES)("%s", async (_, options, data, training) => {
  const words = typeof data === "string" ? vocabulary : undefined;
  const config = { hiddenSize: 8, ...options };
  const results = [];
  for (const model of [
    await debugModel(config, words),
    await createModel({ ...config, backend: "simd", ...(words ? { vocabulary: words } : {}) }),
  ]) {
    for await (const _ of train(model, data, { epochs: 2, threads: 1, ...training }));
    const examples = data as readonly Example[];
    const read = words
      ? [
          await evaluate(model, data),
          await generateSamples(model, { prompt: text.slice(0, 9), samples: 3, maxTokens: 20 }),
        ]
      : [await evaluate(model, data), examples.map(({ inputs }) => predict(model, inputs))];
    results.push({ parameters: copyOf(model.engine, model.engine.parameters), read });
    model.free();
  }
  expect(results[0]).toEqual(results[1]);
});

test("a cell", async () => {
  const cell = new LstmCell(await debugModel({ inputSize: 3, outputSize: 2, hiddenSize: 5 }));
  const { h, c } = cell.forward([1, 2, 3], new Float32Array(5), new Float32Array(5));
  cell.forward([3, 2, 1], h, c);
  const { dH, dC } = cell.backward([1, -1], new Float32Array(5), new Float32Array(5));
  expect(cell.backward([0, 0], dH, dC).dX.every(Number.isFinite)).toBe(true);
  cell.updateParameters(0.1);
  cell.free();
});
