import { expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { OutOfMemoryError } from "../internals/common.js";
import { allocate, Engine } from "../internals/engine.js";
import { ADDRESSABLE, createKernels, type KernelInstance, wasmScratch } from "../internals/kernels.js";
import type { NetworkShape } from "../internals/network.js";
import {
  CROSS_ENTROPY,
  type LossFunction,
  type PassOptions,
  planParameters,
  planPass,
  targetWidth,
} from "../internals/network.js";

const plan = (shape: NetworkShape, loss: LossFunction, T: number, B: number, options: PassOptions = {}) =>
  planPass(shape, wasmScratch, T, B, { ...options, targetWidth: targetWidth(shape, loss) }, 0);

test("the targets of tokens are one integer each, whatever the size of the vocabulary", () => {
  const shape = { vocabularySize: 10_000, hiddenSize: 4, layers: 1 };
  const { targets, dh } = plan(shape, CROSS_ENTROPY, 32, 20, { training: true });
  expect(dh - targets).toBe(4 * 32 * 20);
});

test.each(["mse", "huber"] as const)("the targets of %s are one float per value", (name) => {
  const shape = { vocabularySize: 0, inputSize: 3, outputSize: 5, hiddenSize: 4, layers: 1 };
  const { targets, dh } = plan(shape, { name, delta: 1, quantiles: [] }, 10, 2, { training: true });
  expect(dh - targets).toBe(4 * 10 * 2 * 8);
});

test("one token of a vocabulary of 50 000 has a row of logits, and at most 300 KB besides", () => {
  const shape = { vocabularySize: 50_000, hiddenSize: 512, layers: 2, embeddingSize: 512 };
  expect(plan(shape, CROSS_ENTROPY, 1, 1).end).toBeLessThanOrEqual(200_000 + 300_000);
});

test("what trains 10 000 words takes three times the memory of parameters, gradients and moments at most", () => {
  // The benchmark's case `words`: 20 sequences of 35 steps in two shards, sgd without moments.
  const shape = { vocabularySize: 10_000, embeddingSize: 200, hiddenSize: 200, layers: 2 };
  const parameters = 4 * planParameters(shape).length;
  // The parameters, those before the last update, the best ones, and the gradients of each shard.
  const buffers = 5 * parameters;
  expect(buffers + plan(shape, CROSS_ENTROPY, 35, 10, { training: true }).end).toBeLessThan(3 * (2 * parameters));
});

/** Kernels on a memory that takes any size for granted. */
async function boundless(): Promise<KernelInstance> {
  const instance = await createKernels(BACKENDS[0]!);
  return { ...instance, memory: { base: 64, buffer: instance.memory.buffer, reserve: () => {} } };
}

test("a plan that exceeds 32-bit addresses is an OutOfMemoryError with the bytes requested", async () => {
  const shape = { vocabularySize: 65, hiddenSize: 128, layers: 2 };
  const engine = new Engine(await boundless(), shape);
  expect(engine.plan(50, 50, { training: true }).end).toBeLessThan(ADDRESSABLE);
  for (const [T, B] of [
    [100_000, 100],
    [1e6, 1000],
    [1e9, 65_536], // 32 bits wrap some thousand times over
  ] as const) {
    const bytes = engine.planAt(engine.plan(1, 1).start, T, B, { training: true }).end;
    expect(bytes).toBeGreaterThan(4 * T * B * 4 * 128 * 2);
    expect(() => engine.plan(T, B, { training: true })).toThrow(new OutOfMemoryError(bytes));
  }
  expect(() => allocate(engine, 1, 2 ** 33)).toThrow(OutOfMemoryError);
  expect(() => allocate(engine, 30_000)).toThrow(OutOfMemoryError);
});

test("so are parameters that do not fit, with exactly their bytes", async () => {
  const shape = { vocabularySize: 2_000_000, hiddenSize: 1024, layers: 1 };
  const instance = await boundless();
  const floats = 2_000_000 * 4 * 1024 + 1024 * 4 * 1024 + 4 * 1024 + 1024 * 2_000_000 + 2_000_000;
  expect(() => new Engine(instance, shape)).toThrow(new OutOfMemoryError(64 + 4 * floats));
});
