import { expect, test } from "vitest";
import { train } from "../../src/index.js";
import { Random } from "../internals/common.js";
import { prepareForecaster } from "../internals/series.js";

const walks = (count: number) => {
  const random = new Random(1);
  return Array.from({ length: count }, (_, s) => {
    const y = new Float64Array(200).fill(100);
    for (let row = 1; row < y.length; row++) y[row] = y[row - 1]! + random.uniform() - 0.45;
    return { id: `s${s}`, columns: { y } };
  });
};

/** The heap and the buffers beside it after a full collection, in bytes. */
function bytesUsed(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a window costs little more than its place in a list, and an epoch nothing", async () => {
  expect(globalThis.gc, "this test needs node --expose-gc").toBeTypeOf("function");
  const series = walks(150);
  const settled = { difference: "first", transform: "none", scaling: "window" } as const;
  const options = {
    target: "y",
    ...settled,
    model: { hiddenSize: 4, backend: "simd" },
    training: { epochs: 4 },
  } as const;
  const before = bytesUsed();
  const { forecaster, examples, training } = await prepareForecaster(series, options);
  expect(examples.length).toBeGreaterThan(20_000);
  const used: number[] = [];
  for await (const _ of train(forecaster.model, examples, training)) used.push(bytesUsed() - before);
  // A copy of a window of 12 rows and of its target, as arrays, is twice 500 bytes.
  expect(used[1]! / examples.length).toBeLessThan(350);
  expect((used.at(-1)! - used[1]!) / examples.length).toBeLessThan(20);
});
