import { expect, test } from "vitest";
import { DRIFT, HOLT, naiveForecasts, PERSISTENCE, seasonalNaiveOf } from "../internals/series.js";

const values = Float64Array.of(1, 2, 4, 3, 5, 7);

test("naive forecasts", () => {
  expect(PERSISTENCE.fit(values)(values, 3)).toEqual([7, 7, 7]);
  expect(seasonalNaiveOf(2).fit(values)(values, 5)).toEqual([5, 7, 5, 7, 5]);
  expect(seasonalNaiveOf(12).fit(values)(values, 2)).toEqual([7, 7]);
  expect(DRIFT.fit(values)(values, 2)).toEqual([8.2, 9.4]);
  expect(naiveForecasts(1).map(({ name }) => name)).not.toContain("seasonal naive");
});

test("of a single value, it is all there is", () => {
  const one = Float64Array.of(3);
  for (const naive of naiveForecasts(1)) expect(naive.fit(one)(one, 2)).toEqual([3, 3]);
});

test("Holt's method continues a line, and takes a new slope", () => {
  const line = Float64Array.from({ length: 30 }, (_, row) => 5 - 2 * row);
  expect(HOLT.fit(line)(line, 2)).toEqual([-55, -57]);
  const bent = Float64Array.from({ length: 40 }, (_, row) => (row < 20 ? row : 20 + 3 * (row - 20)));
  expect(HOLT.fit(bent)(bent, 1)[0]).toBeCloseTo(80, 0);
});
