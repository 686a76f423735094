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

test("Holt's method goes on from ever more of the same values, and begins anew with others", () => {
  const wave = Float64Array.from({ length: 60 }, (_, row) => row + 5 * Math.sin(row));
  const extrapolate = HOLT.fit(wave.subarray(0, 30));
  for (const length of [1, 2, 3, 31, 31, 45, 60, 40]) {
    const part = wave.subarray(0, length);
    expect(extrapolate(part, 2)).toEqual(HOLT.fit(wave.subarray(0, 30))(part, 2));
    const other = part.map((value) => -value);
    expect(extrapolate(other, 2)).toEqual(HOLT.fit(wave.subarray(0, 30))(other, 2));
  }
  // Ten thousand forecasts from as many rows each would take a second.
  const long = new Float64Array(30_000).fill(1);
  const start = performance.now();
  const forecast = HOLT.fit(long.subarray(0, 20_000));
  for (let row = 20_000; row < long.length; row++) forecast(long.subarray(0, row), 1);
  expect(performance.now() - start).toBeLessThan(500);
});

test("Holt's method continues a line, and takes a new slope", () => {
  const line = Float64Array.from({ length: 30 }, (_, row) => 5 - 2 * row);
  expect(HOLT.fit(line)(line, 2)).toEqual([-55, -57]);
  const bent = Float64Array.from({ length: 40 }, (_, row) => (row < 20 ? row : 20 + 3 * (row - 20)));
  expect(HOLT.fit(bent)(bent, 1)[0]).toBeCloseTo(80, 0);
});
