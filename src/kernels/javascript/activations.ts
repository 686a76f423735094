import { cutState } from "./cut.js";

const SMALLEST_NORMAL = 1.1754943508222875e-38;

/** Below, float32 has nothing but 0; above, nothing but infinity. */
const LOW = -104;
const HIGH = 89;
/** 2ⁿ for whole n from LOW / ln 2 to HIGH / ln 2, by n − FIRST. */
const FIRST = -151;
const POWERS = powersOfTwo();
/** Adding it to a float64 and taking it away again rounds to the nearest integer. */
const MAGIC = 6755399441055744; // 1.5 · 2⁵²

/**
 * eˣ, with a relative error of at most 2.5e-10. Math.exp is free to round as it likes, and so may differ from engine to
 * engine; this is the same to the bit on all of them, and faster. x = n · ln 2 + r with |r| ≤ ln 2 / 2, and eʳ is its
 * series up to r⁸, even and odd powers by themselves.
 */
export function exp(x: number): number {
  const clamped = x < LOW ? LOW : x > HIGH ? HIGH : x;
  const n = clamped * Math.LOG2E + MAGIC - MAGIC;
  const r = clamped - n * Math.LN2;
  const r2 = r * r;
  const even = 1 + r2 * (1 / 2 + r2 * (1 / 24 + r2 * (1 / 720 + r2 * (1 / 40320))));
  const odd = 1 + r2 * (1 / 6 + r2 * (1 / 120 + r2 * (1 / 5040)));
  return (even + r * odd) * POWERS[n - FIRST]!;
}

/** 1 / (1 + e⁻ˣ), and 0 where that is subnormal in float32 */
export function sigmoid(x: number): number {
  const s = 1 / (1 + exp(-x));
  return s < SMALLEST_NORMAL ? 0 : s;
}

/** 1 / (1 + e⁻ˣ) in place, or 0 where that is below 2⁻⁴⁶. A loop of its own, since V8 inlines but so much in one. */
export function gatesOf(f: Float32Array, from: number, end: number): void {
  for (let at = from; at < end; at++) f[at] = cutState(1 / (1 + exp(-f[at]!)));
}

export function tanhOf(f: Float32Array, from: number, end: number): void {
  for (let at = from; at < end; at++) f[at] = tanh(f[at]!);
}

/** Through one exponential; small arguments by the series. Rounded to float32, ±1 is the nearest wherever it comes out. */
export function tanh(x: number): number {
  if (x > -0.01 && x < 0.01) return x - (x * x * x) / 3;
  return 1 - 2 / (exp(2 * x) + 1);
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(281).fill(1);
  for (let i = 1; i <= -FIRST; i++) powers[-FIRST - i] = powers[-FIRST - i + 1]! / 2;
  for (let i = 1 - FIRST; i < powers.length; i++) powers[i] = powers[i - 1]! * 2;
  return powers;
}
