import { expect, inject, test } from "vitest";
import { fixture } from "../../bytes.js";
import { CheckpointError, read, write } from "../../internals/checkpoint.js";
import { Random } from "../../internals/common.js";
import { mutate } from "../mutate.js";

/** Mutated files; npm run fuzz makes more. */
const RUNS = inject("fuzzRuns") || 3000;
const FROM = inject("fuzzFrom");

/** For one file of some kilobytes, which takes less than a millisecond when the machine is not busy. */
const MOST_MILLISECONDS = 1000;

const files = [
  await fixture("foreign.safetensors"),
  write(
    new Map([
      ["a", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
      ["b", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ]),
    new Map([["k", "v"]]),
  ),
];

/** Whether the bytes can be read. If so, they can be written and read again. Any error but a CheckpointError is thrown on. */
function readable(bytes: Uint8Array): boolean {
  let contents: ReturnType<typeof read>;
  try {
    contents = read(bytes);
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
  const again = read(write(contents.tensors, contents.metadata));
  expect(again, "other contents when written and read again").toStrictEqual(contents);
  return true;
}

test(`${RUNS} damaged files are each read or rejected, in time`, { timeout: 30_000 + 10 * RUNS }, () => {
  let read = 0;
  for (let seed = FROM; seed < FROM + RUNS; seed++) {
    const bytes = mutate(files[seed % files.length]!, new Random(seed));
    const start = performance.now();
    try {
      if (readable(bytes)) read++;
    } catch (error) {
      throw new Error(`damaged with seed ${seed}`, { cause: error });
    }
    const milliseconds = performance.now() - start;
    if (milliseconds > MOST_MILLISECONDS) throw new Error(`seed ${seed}: ${milliseconds} ms`);
  }
  // Otherwise the damage is too great, or too small, to test anything.
  expect(read / RUNS).toBeGreaterThan(0.05);
  expect(read / RUNS).toBeLessThan(0.5);
});

test("a seed always does the same damage", () => {
  expect(mutate(files[0]!, new Random(1))).toEqual(mutate(files[0]!, new Random(1)));
});
