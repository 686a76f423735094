import { expect, test } from "vitest";
import { mape, naiveError, score, smape } from "../internals/series.js";

test("percentage errors, where 0 / 0 is none", () => {
  expect(mape([2, 4, 0], [1, 5, 0])).toBeCloseTo((0.5 + 0.25) / 3);
  expect(mape([0], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(smape([2, 0, 0], [1, 0, 5])).toBeCloseTo((2 / 3 + 2) / 3);
});

test("the scaled error's unit is the mean change from season to season", () => {
  expect(naiveError([1, 2, 4])).toBe(1.5);
  expect(naiveError([1, 2, 4, 8], 2)).toBe((3 + 6) / 2);
  expect(naiveError([3], 1)).toBe(0);
});

test("series count alike in the scaled error, rows in the others", () => {
  const values = new Map([
    ["a", Float64Array.of(0, 1, 2, 3, 4)],
    ["b", Float64Array.of(0, 100, 200, 300)],
  ]);
  const forecasts = [
    { id: "a", from: 3, mean: [2, 2] },
    { id: "b", from: 3, mean: [350] },
  ];
  const scores = score(forecasts, values, { season: 1, quantiles: [] });
  expect(scores).toMatchObject({ rows: 3, mae: 53 / 3, mase: (1.5 + 0.5) / 2 });
  expect(scores.steps.map(({ mae }) => mae)).toEqual([25.5, 2]);
  expect(scores.series.map(({ id, scores }) => [id, scores.mase])).toEqual([
    ["a", 1.5],
    ["b", 0.5],
  ]);
  expect(scores.naive.map(({ name, mase }) => [name, mase])).toEqual([
    ["persistence", 1.25],
    ["drift", 0],
    ["Holt's linear trend", 0],
  ]);
  expect(scores.advice).toMatch(/^the drift forecast is better here: .*set `season`/);
});

test("advice is given where only the squared error is larger than a naive one", () => {
  const values = Float64Array.from({ length: 14 }, (_, row) => (row < 10 ? row % 2 : 0));
  const scoresOf = (...mean: number[]) =>
    score([{ id: undefined, from: 10, mean }], new Map([[undefined, values]]), { season: 2, quantiles: [] });
  // The season before is off by 1 in two of four rows.
  const { mae, naive, advice } = scoresOf(0, 0, 0, 1.6);
  expect(Math.min(...naive.map((one) => one.mae))).toBeGreaterThan(mae);
  expect(advice).toMatch(
    /has a smaller root mean squared error here, in which large errors count most: try `loss: "mse"`/,
  );
  expect(scoresOf(0, 0, 0, 1).advice).toBeUndefined();
});

test("a good forecast needs no advice, and a constant series no unit", () => {
  const values = new Map([[undefined, Float64Array.of(2, 2, 2, 2)]]);
  const scores = score([{ id: undefined, from: 2, mean: [2, 2] }], values, { season: 1, quantiles: [] });
  expect(scores).toMatchObject({ rmse: 0, mase: Number.NaN, advice: undefined });
});

test("intervals: how many rows lie within, how wide they are, and what their quantiles cost", () => {
  const values = new Map([["a", Float64Array.of(1, 2, 3, 4)]]);
  const quantiles = { 0.1: [2, 5], 0.5: [3, 6], 0.9: [4, 7] };
  const forecast = { id: "a", from: 2, mean: [3, 6], quantiles };
  const scores = score([forecast], values, { season: 1, quantiles: [0.1, 0.5, 0.9] });
  const { intervals, steps, series } = scores;
  expect(intervals).toMatchObject({ coverage: { 0.8: 0.5 }, width: { 0.8: 2 } });
  expect(intervals!.pinball).toBeCloseTo(((0.1 * 1 + 0.9 * 1) / 2 + (0 + 0.5 * 2) / 2 + (0.1 * 1 + 0.1 * 3) / 2) / 3);
  expect(steps.map(({ rows, intervals }) => [rows, intervals!.coverage["0.8"]])).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect(steps[0]!.intervals!.pinball + steps[1]!.intervals!.pinball).toBeCloseTo(2 * intervals!.pinball);
  expect(series[0]!.intervals).toEqual(intervals);
});
