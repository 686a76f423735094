import { describe, expect, test } from "vitest";
import { characters, createModel, type Model, predict, predictBatch } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import type { Backend } from "../internals/kernels.js";
import type { ModelOptions } from "../internals/model.js";
import { integers, normals, relativeError } from "../kernels/tensors.js";

const LENGTHS = [3, 700, 1, 256, 40, 40, 257, 512, 5, 1];
const VARIANTS: ModelOptions[] = [false, true].flatMap((bidirectional) =>
  [false, true].map((returnSequences) => ({ bidirectional, returnSequences, layers: 2, hiddenSize: 6, outputSize: 3 })),
);
const random = new Random(1);
const vectors = LENGTHS.map((T) => normals(random, 2 * T));
const tokens = LENGTHS.map((T) => integers(random, T, 0, 4));

describe.each(VARIANTS)("%j", (options) => {
  test.each(BACKENDS)("%s gives for each sequence what predict does", async (backend) => {
    const kinds: [Promise<Model>, ArrayLike<number>[]][] = [
      [createModel({ ...options, inputSize: 2, backend }), vectors],
      [createModel({ ...options, vocabulary: characters("abcde"), backend }), tokens],
    ];
    for (const [made, sequences] of kinds) {
      const model = await made;
      const alone = sequences.map((sequence) => predict(model, sequence));
      for (const batchSize of [1, 4, 64]) {
        const together = await predictBatch(model, sequences, { batchSize });
        if (backend === "simd") expect(together).toEqual(alone);
        else for (const [i, one] of alone.entries()) expect(relativeError(together[i]!, one)).toBeLessThan(1e-6);
      }
    }
  });
});

const small = (backend: Backend = "simd") => createModel({ inputSize: 2, hiddenSize: 6, outputSize: 1, backend });

test("tells how far it is, and nothing of no sequences", async () => {
  const calls: [number, number][] = [];
  const onProgress = (completed: number, total: number) => calls.push([completed, total]);
  await predictBatch(await small(), vectors, { batchSize: 4, onProgress });
  expect(calls).toEqual([
    [4, 10],
    [8, 10],
    [10, 10],
  ]);
  expect(await predictBatch(await small(), [])).toEqual([]);
});

test("stops where its signal is aborted", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(predictBatch(await small(), vectors, { signal })).rejects.toThrow("enough");
});

test.each([
  [[[1, 2], [1]], "sequences[1]: expected a multiple of 2 inputs, got 1 numbers"],
  [
    [
      [1, 2],
      [1, Number.NaN],
    ],
    "sequences[1][1]: expected a finite number, got NaN",
  ],
  [[[1, 2], "12"], 'sequences[1]: expected an array of numbers, got "12"'],
])("%j is refused", async (sequences, message) => {
  await expect(predictBatch(await small(), sequences as never)).rejects.toThrow(message);
});
