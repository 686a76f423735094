import { expect, test } from "vitest";
import { conformalOffsets, spreadsOf, widenings } from "../internals/series.js";

const range = (count: number, factor = 1) => Array.from({ length: count }, (_, i) => factor * (i + 1));
/** A validation part with so many forecasts that do not overlap. */
const part = (apart: number, ...steps: number[][]) => ({ steps, apart });

test("of n residuals, the k-th smallest covers k / (n + 1)", () => {
  const residuals = range(99);
  for (const quantile of [0.1, 0.25, 0.75, 0.9])
    expect(conformalOffsets([part(99, residuals)], quantile)[0]).toBeCloseTo(100 * quantile);
  // There are too few for so far out: the extremes are all that is known.
  expect(conformalOffsets([part(30, range(30))], 0.999)[0]).toBeCloseTo(30);
  expect(conformalOffsets([part(30, range(30))], 0.001)[0]).toBeCloseTo(1);
});

test("the widest part counts where each has many forecasts apart", () => {
  const [calm, restless] = [part(200, range(200, 0.01)), part(200, range(200, 0.02))];
  const minus = ({ steps, apart }: typeof calm) => part(apart, ...steps.map((of) => of.map((x) => -x)));
  expect(conformalOffsets([calm, restless], 0.9)).toEqual(conformalOffsets([restless], 0.9));
  expect(conformalOffsets([minus(calm), minus(restless)], 0.1)[0]).toBeLessThan(-3.5);
  expect(conformalOffsets([calm, restless], 0.5)).toEqual(conformalOffsets([calm], 0.5));
  // Forecasts that overlap are few, however many there are.
  const few = [calm, restless].map((one) => ({ ...one, apart: 20 }));
  expect(conformalOffsets(few, 0.9)[0]).toBeLessThan(conformalOffsets([restless], 0.9)[0]!);
});

test("steps of few residuals share their shape, each scaled by its spread, which does not shrink; NaN is none", () => {
  const steps = [range(20), range(20, 10), [7, Number.NaN], range(20, 1000)];
  const [first, second, third, last] = conformalOffsets([part(5, ...steps)], 0.9);
  // All 61 of them together, with one more for every 20: rank 0.945 of 61.
  expect(first).toBeCloseTo(19.57, 2);
  expect(last! / first!).toBeCloseTo(1000);
  expect(second! / first!).toBeCloseTo(third! / first!);
  expect(second! / first!).toBeCloseTo((2100 + 7) / 21 / 10.5);
  expect(conformalOffsets([part(5, [0, 0, 0], [0, 0, 0])], 0.9)).toEqual([0, 0]);
});

test("later residuals take the place of the oldest: the newest count, as many as there were", () => {
  const spreads = spreadsOf([part(5, [1, -1, Number.NaN], [2, 2]), part(5, [-3, 3], [-6, 6])]);
  expect(spreads).toEqual([
    [
      { mean: 1, rows: 2 },
      { mean: 2, rows: 2 },
    ],
    [
      { mean: 3, rows: 2 },
      { mean: 6, rows: 2 },
    ],
  ]);
  expect(widenings(spreads, [[], []])).toEqual([1, 1]);
  // 1 + 1 + 3 + 5 in place of 1 + 1 + 3 + 3, then 1 + 1 + 5 + 5.
  expect(widenings(spreads, [[5], [-6]])).toEqual([10 / 8, 1]);
  expect(
    widenings(spreads, [
      [5, -5],
      [-6, 6],
    ]),
  ).toEqual([12 / 8, 1]);
  expect(
    widenings(spreads, [
      [9, 9, 1, -1, 1, 1],
      [2, 2, 2, 2],
    ]),
  ).toEqual([0.5, 0.5]);
  // Farther ahead, it does not shrink: both steps are off by 5 on average.
  expect(
    widenings(spreads, [
      [6, 6, 6, 6],
      [4, 4, 4, 4],
    ]),
  ).toEqual([5 / 2, 5 / 4]);
  expect(widenings([[{ mean: 0, rows: 2 }]], [[1]])).toEqual([1]);
  expect(spreadsOf([part(100, range(200)), part(100, range(200))])).toEqual([]);
});
