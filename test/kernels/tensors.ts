import { normal, type Random } from "../internals/common.js";

/**
 * What float32 may differ from float64, relative to the largest number of a tensor: an operation rounds at 6e-8, and
 * over chains of some hundred of them that becomes up to 5e-6 in these tests. A wrong term is off by far more.
 */
export const FLOAT32_TOLERANCE = 1e-5;

/** Normally distributed float32 numbers. */
export function normals(random: Random, length: number, deviation = 1): Float64Array {
  return Float64Array.from({ length }, () => Math.fround(normal(random) * deviation));
}

/** Whole numbers from `low` to `high`, both included. */
export function integers(random: Random, length: number, low: number, high: number): Int32Array {
  return Int32Array.from({ length }, () => low + (random.next() % (high - low + 1)));
}

/**
 * The largest difference, relative to the largest expected magnitude, or to `least` where that is larger. NaN where a
 * number is NaN or the lengths differ.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, least = 0): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let magnitude = least;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return difference === 0 ? 0 : difference / magnitude;
}

/** [rows, n] → [rows, width], every row filled up. */
export function widen(values: ArrayLike<number>, n: number, width: number, filling = 0): Float64Array {
  const wide = new Float64Array((values.length / n) * width).fill(filling);
  for (let i = 0; i < values.length; i++) wide[Math.floor(i / n) * width + (i % n)] = values[i]!;
  return wide;
}

/** [rows, width] → [rows, n], the first n of every row. */
export function narrow(values: ArrayLike<number>, width: number, n: number): Float64Array {
  return Float64Array.from(
    { length: (values.length / width) * n },
    (_, i) => values[Math.floor(i / n) * width + (i % n)]!,
  );
}

/** How many float32 numbers are subnormal, with which many processors are slow. */
export function countSubnormal(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0 && Math.abs(values[i]!) < 2 ** -126) count++;
  return count;
}
