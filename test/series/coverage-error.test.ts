import { expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { coverageError } from "../internals/series.js";

const held = (id: string, from: number, ...isHeld: boolean[]) => ({ id, from, isHeld });

test("of independent forecasts it is that of a share", () => {
  const forecasts = Array.from({ length: 50 }, (_, i) => held(`s${i}`, 3, i % 5 > 0));
  expect(coverageError(forecasts, 1)).toBeCloseTo(Math.sqrt((0.8 * 0.2) / 49));
  expect(coverageError(forecasts.slice(0, 9), 1)).toBeUndefined();
});

test("forecasts that overlap say less than as many that do not", () => {
  // Rows in a row are held or missed four at a time, so each origin says what its neighbors say.
  const random = new Random(3);
  const shares: number[] = [];
  const errors: number[] = [];
  for (let draw = 0; draw < 300; draw++) {
    const rows = Array.from({ length: 51 }, () => random.uniform() < 0.8).flatMap((hit) => [hit, hit, hit, hit]);
    const forecasts = Array.from({ length: 200 }, (_, i) => held("a", i, ...rows.slice(i, i + 4)));
    shares.push(forecasts.flatMap(({ isHeld }) => isHeld).filter(Boolean).length / 800);
    errors.push(coverageError(forecasts, 4)!);
  }
  const mean = (all: number[]) => all.reduce((a, b) => a + b) / all.length;
  const deviation = Math.sqrt(mean(shares.map((share) => (share - mean(shares)) ** 2)));
  expect(mean(errors) / deviation).toBeGreaterThan(0.8);
  expect(mean(errors) / deviation).toBeLessThan(1.1);
  // As if each row were one of its own.
  expect(Math.sqrt((0.8 * 0.2) / 800) / deviation).toBeLessThan(0.55);
});
