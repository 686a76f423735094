import { expect, inject, test } from "vitest";
import { CheckpointError, characters, createModel, load, save, train } from "../../src/index.js";
import { read } from "../internals/checkpoint.js";
import { Random } from "../internals/common.js";
import { mutate } from "./mutate.js";

// npm run fuzz -- --runs 1000000 checkpoint
const RUNS = inject("fuzzRuns") || 1000;
const FROM = inject("fuzzFrom");
/** A file of some kilobytes takes a millisecond. */
const MOST_MILLISECONDS = 2000;

const text = "the quick brown fox jumps over the lazy dog. ".repeat(4);

async function checkpoint(layers: number, embeddingSize: number): Promise<Uint8Array> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 3, layers, embeddingSize });
  const options = { epochs: 2, batchSize: 2, validationFraction: 0.2, dropout: 0.1 };
  for await (const _ of train(model, text, options));
  return save(model);
}

/** Whether the file is a model, which then writes its parameters as they came. Any error but a CheckpointError goes on. */
async function loads(bytes: Uint8Array): Promise<boolean> {
  try {
    const model = await load(bytes, { backend: "javascript" });
    const [before, after] = [read(bytes).tensors, read(save(model)).tensors];
    for (const { name } of model.tensors)
      if (!name.includes("bias_ih")) expect(after.get(name)!.data).toEqual(before.get(name)!.data);
    return true;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}

test(`${RUNS} damaged checkpoints are each loaded faithfully or rejected, in time`, {
  timeout: 30_000 + 20 * RUNS,
}, async () => {
  const files = [await checkpoint(1, 0), await checkpoint(2, 3)];
  let loaded = 0;
  for (let seed = FROM; seed < FROM + RUNS; seed++) {
    const bytes = mutate(files[seed % files.length]!, new Random(seed));
    const start = performance.now();
    try {
      if (await loads(bytes)) loaded++;
    } catch (error) {
      throw new Error(`damaged with seed ${seed}`, { cause: error });
    }
    expect(performance.now() - start, `seed ${seed}`).toBeLessThan(MOST_MILLISECONDS);
  }
  // Otherwise the damage is too great, or too small, to test anything.
  expect(loaded / RUNS).toBeGreaterThan(0.01);
  expect(loaded / RUNS).toBeLessThan(0.9);
});
