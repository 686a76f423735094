import { expect, test } from "vitest";
import { DRIFT, HOLT, naiveForecasts, PERSISTENCE, seasonalNaiveOf } from "../internals/series.js";

const values = Float64Array.of(1, 2, 4, 3, 5, 7);

test("naive forecasts", () => {
  expect(PERSISTENCE.forecast(values, 3)).toEqual([7, 7, 7]);
  expect(seasonalNaiveOf(2).forecast(values, 5)).toEqual([5, 7, 5, 7, 5]);
  expect(seasonalNaiveOf(12).forecast(values, 2)).toEqual([7, 7]);
  expect(DRIFT.forecast(values, 2)).toEqual([8.2, 9.4]);
  expect(naiveForecasts(1).map(({ name }) => name)).not.toContain("seasonal naive");
});

test("of a single value, it is all there is", () => {
  for (const { forecast } of naiveForecasts(1)) expect(forecast(Float64Array.of(3), 2)).toEqual([3, 3]);
});

test("Holt's method continues a line, and takes a new slope", () => {
  const line = Float64Array.from({ length: 30 }, (_, row) => 5 - 2 * row);
  expect(HOLT.forecast(line, 2)).toEqual([-55, -57]);
  const bent = Float64Array.from({ length: 40 }, (_, row) => (row < 20 ? row : 20 + 3 * (row - 20)));
  expect(HOLT.forecast(bent, 1)[0]).toBeCloseTo(80, 0);
});
