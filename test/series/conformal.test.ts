import { expect, test } from "vitest";
import { conformalOffsets } from "../internals/series.js";

const range = (count: number, factor = 1) => Array.from({ length: count }, (_, i) => factor * (i + 1));

test("of n residuals, the k-th smallest covers k / (n + 1)", () => {
  const residuals = range(99);
  for (const quantile of [0.1, 0.25, 0.75, 0.9])
    expect(conformalOffsets([[residuals]], quantile)).toEqual([100 * quantile]);
  // There are too few for so far out: the extremes are all that is known.
  expect(conformalOffsets([[range(30)]], 0.999)).toEqual([30]);
  expect(conformalOffsets([[range(30)]], 0.001)).toEqual([1]);
});

test("the widest part counts where each has many residuals; otherwise all do, with steps nearby, and NaN is none", () => {
  const [calm, restless] = [range(200, 0.01), range(200, 0.02)];
  expect(conformalOffsets([[calm], [restless]], 0.9)).toEqual(conformalOffsets([[restless]], 0.9));
  expect(conformalOffsets([[calm.map((x) => -x)], [restless.map((x) => -x)]], 0.1)[0]).toBeLessThan(-3.5);
  expect(conformalOffsets([[calm], [restless]], 0.5)).toEqual(conformalOffsets([[calm]], 0.5));
  expect(conformalOffsets([[range(50)], [range(49, 2)]], 0.9)[0]).toBe(80);
  const steps = [range(15), range(15, 10), [7, Number.NaN], range(15, 1000)];
  expect(conformalOffsets([steps], 0.99)).toEqual([150, 150, 15_000, 15_000]);
  expect(conformalOffsets([steps.slice(0, 2)], 0.01)).toEqual([1, 1]);
});
