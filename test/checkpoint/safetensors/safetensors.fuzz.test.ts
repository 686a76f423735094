import { expect, inject, test } from "vitest";
import { fixture } from "../../bytes.js";
import { survive } from "../../fuzz/survive.js";
import { wrongFiles } from "../../fuzz/wrong-files.js";
import { CheckpointError, read, write } from "../../internals/checkpoint.js";
import { Random } from "../../internals/common.js";
import { mutate } from "../mutate.js";

/** Mutated files; npm run fuzz makes more. */
const RUNS = inject("fuzzRuns") || 3000;
const FROM = inject("fuzzFrom");

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

/** Reads bytes, writes what was read, and reads it again. */
function readTwice(bytes: Uint8Array): void {
  const contents = read(bytes);
  const again = read(write(contents.tensors, contents.metadata));
  expect(again, "other contents when written and read again").toStrictEqual(contents);
}

test(`${RUNS} damaged files are each read or rejected, in time and memory`, {
  timeout: 30_000 + 10 * RUNS,
}, async () => {
  const trial = {
    ...{ files, damage: mutate, read: readTwice },
    corpus: await wrongFiles("safetensors"),
    isRefusal: (error: unknown) => error instanceof CheckpointError,
  };
  const share = await survive(trial, FROM, RUNS);
  // Otherwise the damage is too great, or too small, to test anything.
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.5);
});

test("a seed always does the same damage", () => {
  expect(mutate(files[0]!, new Random(1))).toEqual(mutate(files[0]!, new Random(1)));
});
