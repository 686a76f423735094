import { expect, test } from "vitest";
import { normal, Random } from "../internals/common.js";

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.next());

test("a seed always gives the same numbers", () => {
  expect(draw(new Random(1), 4)).toEqual([2442144158, 3238099751, 3819917871, 2104621829]);
});

test("neighboring seeds give unrelated numbers", () => {
  expect(new Set([0, 1, 2, 3, 2 ** 32 - 1].flatMap((seed) => draw(new Random(seed), 4))).size).toBe(20);
});

test("a generator continues from a copied state", () => {
  const original = new Random(7);
  draw(original, 10);
  const copy = new Random(0);
  copy.state.set(original.state);
  expect(draw(copy, 100)).toEqual(draw(original, 100));
});

test("uniform numbers lie in [0, 1) and fill it evenly", () => {
  const random = new Random(3);
  const bins = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) bins[Math.floor(random.uniform() * 10)]++;
  expect(bins).toHaveLength(10);
  // A bin's count has a standard deviation of 95.
  for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(5 * 95);
});

test("normal numbers have mean 0, variance 1, and tails", () => {
  const random = new Random(4);
  const numbers = Array.from({ length: 100_000 }, () => normal(random));
  const mean = numbers.reduce((a, b) => a + b) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
  const beyond2 = numbers.filter((x) => Math.abs(x) > 2).length / numbers.length;
  // Five standard deviations of each figure.
  expect(Math.abs(mean)).toBeLessThan(0.016);
  expect(Math.abs(variance - 1)).toBeLessThan(0.023);
  expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(0.0033);
});
