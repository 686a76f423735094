// Numbers as users type them.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text is, or undefined where it is none. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : undefined;
}

/**
 * The next number up or down: an integer's neighbor; otherwise one more or less of the leading digit, as in
 * 0.02 → 0.03 and 0.01 → 0.009.
 */
export function step(value: number, direction: 1 | -1, isInteger: boolean): number {
  if (isInteger) return Math.round(value) + direction;
  if (value === 0) return direction / 10;
  const [digits, exponent] = value.toExponential().split("e");
  const leavesPowerOfTen = Math.abs(Number(digits)) === 1 && Math.sign(value) !== direction;
  return Number((value + direction * 10 ** (Number(exponent) - (leavesPowerOfTen ? 1 : 0))).toPrecision(12));
}
