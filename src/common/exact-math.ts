// JavaScript engines may round Math.log, Math.exp, Math.cos and ** differently: 1 − 0.9 ** 4 is 0.3438999999999999 on
// Node 20 and 0.3439 on Node 26. Whatever affects parameters uses these functions instead, which are computed with +,
// −, ·, / and square roots only: IEEE 754 defines every bit of these.

/** ln 2 in two parts. The first has so few digits that its products with the exponents of float64 are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SQRT2 = Math.sqrt(2);

/** To access the bits of a float64. */
const bits = new DataView(new ArrayBuffer(8));

/**
 * ln x for x above 0, within 2 units in the last place: x = m · 2ᵉ with m in (√½, √2],
 * ln m = 2 artanh((m − 1) / (m + 1)). NaN and ∞ are returned as they are.
 */
export function naturalLogarithm(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY)) return x;
  // Subnormal numbers are first multiplied by 2⁵⁴, as their bits have no exponent.
  const isSmall = x < 2.2250738585072014e-308;
  bits.setFloat64(0, isSmall ? x * 18014398509481984 : x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023 - (isSmall ? 54 : 0);
  bits.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > SQRT2) {
    m /= 2;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  const s4 = s2 * s2;
  // The series 2s + 2s³/3 + 2s⁵/5 + … up to s²³. Two interleaved sums take half the time of one.
  const a = 2 / 3 + s4 * (2 / 7 + s4 * (2 / 11 + s4 * (2 / 15 + s4 * (2 / 19 + s4 * (2 / 23)))));
  const b = 2 / 5 + s4 * (2 / 9 + s4 * (2 / 13 + s4 * (2 / 17 + s4 * (2 / 21))));
  return exponent * LN2_HIGH + (exponent * LN2_LOW + (s * s2 * (a + s2 * b) + 2 * s));
}

/** baseⁿ for an integer n ≥ 0, by repeated squaring. */
export function integerPower(base: number, n: number): number {
  let result = 1;
  for (let square = base, left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** eˣ within 2 units in the last place, x = k · ln 2 + r with |r| ≤ ½ ln 2; subnormal results are 0. */
export function exponential(x: number): number {
  if (!(x > -708)) return x <= -708 ? 0 : x;
  if (x >= 709.8) return Number.POSITIVE_INFINITY;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n > 0; n--) sum = 1 + (r * sum) / n;
  // Two factors: 2¹⁰²⁴ is infinite.
  const half = Math.floor(k / 2);
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 2ᵏ for k from −1022 to 1023. */
function powerOfTwo(k: number): number {
  bits.setBigUint64(0, BigInt(k + 1023) << 52n);
  return bits.getFloat64(0);
}
