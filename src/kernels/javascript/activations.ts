/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Through one exponential, which V8 computes several times faster than Math.tanh; small arguments by the series. */
export function tanh(x: number): number {
  if (x > -0.01 && x < 0.01) return x - (x * x * x) / 3;
  return 1 - 2 / (Math.exp(2 * x) + 1);
}
