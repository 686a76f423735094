import { expect, test } from "vitest";
import { availableThreads } from "#platform";
import { indexOf } from "../bytes.js";
import { CheckpointError, load, save } from "../internals/checkpoint.js";
import { characters } from "../internals/data.js";
import { usefulInferenceThreads, usefulThreadCount } from "../internals/engine.js";
import { createModel } from "../internals/model.js";
import { train } from "../internals/training.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

const CORES = availableThreads();

test("one sequence, a tiny update or few sequences use one thread", () => {
  expect(usefulThreadCount(865, 1, 6632)).toBe(1);
  expect(usefulThreadCount(5, 32, 1000)).toBe(1);
  expect(usefulThreadCount(50, 7, 240_000)).toBe(1);
});

test("a large batch uses all cores", () => {
  expect(usefulThreadCount(50, 4 * CORES, 1e6)).toBe(CORES);
});

test("processes on one host share its cores", () => {
  const large = { table: { length: 1e6 } };
  expect(usefulInferenceThreads(1e6, large)).toBe(CORES);
  expect(usefulInferenceThreads(1e6, large, CORES)).toBe(1);
  expect(usefulInferenceThreads(1e6, large, CORES + 1)).toBe(1);
  expect(usefulInferenceThreads(10, large)).toBe(1);
});

test("a checkpoint of a run on no shards is rejected", async () => {
  const text = "to be or not to be";
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 4 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2, gradientShards: 2 }));
  const bytes = save(model);
  model.free();
  const at = indexOf(bytes, utf8('\\"gradientShards\\":2'));
  expect(at).toBeGreaterThan(0);
  bytes.set(utf8('\\"gradientShards\\":0'), at);
  await expect(load(bytes)).rejects.toThrow(CheckpointError);
  await expect(load(bytes)).rejects.toThrow(/gradientShards.*expected a number of shards, got 0/);
});
