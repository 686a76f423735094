import { cutState } from "./cut.js";

const SMALLEST_NORMAL = 1.1754943508222875e-38;

/** Beyond these, eˣ is 0 or infinite in float32. */
const LOW = -104;
const HIGH = 89;
/** The powers of two from 2^FIRST on: from e^LOW to e^HIGH and a little more. */
const FIRST = -151;
const POWERS = powersOfTwo();
/** Adding and subtracting it rounds a float64 to the nearest integer. */
const MAGIC = 6755399441055744; // 1.5 · 2⁵²

/**
 * eˣ, with a relative error of at most 2.5e-10. Unlike Math.exp, it gives the same bits in all engines, and it is
 * faster. x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ is computed by its series up to r⁸, even and odd powers separately.
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

/** 1 / (1 + e⁻ˣ), or 0 if that is subnormal in float32 */
export function sigmoid(x: number): number {
  const s = 1 / (1 + exp(-x));
  return s < SMALLEST_NORMAL ? 0 : s;
}

/** The activation of gates, in place: 1 / (1 + e⁻ˣ), or 0 if that is below 2⁻⁴⁶. A short loop, into which V8 inlines all. */
export function gatesOf(f: Float32Array, from: number, end: number): void {
  for (let at = from; at < end; at++) f[at] = cutState(1 / (1 + exp(-f[at]!)));
}

export function tanhOf(f: Float32Array, from: number, end: number): void {
  for (let at = from; at < end; at++) f[at] = tanh(f[at]!);
}

/** With one exponential; small arguments by the series. Rounded to float32, the result is ±1 only where that is nearest. */
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
