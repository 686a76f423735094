import { expect, inject, test } from "vitest";
import { CheckpointError, characters, createModel, load, save, train } from "../../src/index.js";
import { survive } from "../fuzz/survive.js";
import { wrongFiles } from "../fuzz/wrong-files.js";
import { read } from "../internals/checkpoint.js";
import { mutate } from "./mutate.js";

// npm run fuzz -- --runs 1000000 checkpoint
const RUNS = inject("fuzzRuns") || 1000;
const FROM = inject("fuzzFrom");

const text = "the quick brown fox jumps over the lazy dog. ".repeat(4);

async function checkpoint(layers: number, embeddingSize: number): Promise<Uint8Array> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 3, layers, embeddingSize });
  const options = { epochs: 2, batchSize: 2, validationFraction: 0.2, dropout: 0.1 };
  for await (const _ of train(model, text, options));
  return save(model);
}

/** Reads a file, which then writes its parameters as they came. */
async function reads(bytes: Uint8Array): Promise<void> {
  const model = await load(bytes, { backend: "javascript" });
  const [before, after] = [read(bytes).tensors, read(save(model)).tensors];
  for (const { name } of model.tensors)
    if (!name.includes("bias_ih")) expect(after.get(name)!.data).toEqual(before.get(name)!.data);
}

test(`${RUNS} damaged checkpoints are each loaded faithfully or rejected, in time and memory`, {
  timeout: 30_000 + 20 * RUNS,
}, async () => {
  const trial = {
    files: [await checkpoint(1, 0), await checkpoint(2, 3)],
    damage: mutate,
    corpus: await wrongFiles("checkpoints"),
    read: reads,
    isRefusal: (error: unknown) => error instanceof CheckpointError,
  };
  const share = await survive(trial, FROM, RUNS);
  // Otherwise the damage is too great, or too small, to test anything.
  expect(share).toBeGreaterThan(0.01);
  expect(share).toBeLessThan(0.9);
});
