import { F32, madd, nmadd } from "./simd";

// Maximal errors, checked by test/assembly/activations.test.ts:
//   exp      2e-7 relative for arguments in [-87.3, 88.3], to which others are clamped
//   sigmoid  3e-7 relative for arguments above -87.3; below, it stays at about 1e-38
//   tanh     4e-7 relative for normal numbers above 1e-35 in magnitude
//   log      2e-7 absolute or relative, whichever allows more; finite, positive, normal arguments

// Constants lie in memory: V8 puts a vector constant together with three instructions wherever it is used, and loads one
// with a single instruction, which leaves the arithmetic units to the polynomials.

/** Constant number i of a table, in all lanes. */
@inline
function constant(table: usize, i: usize): v128 {
  return v128.load_splat<f32>(table + i * F32);
}

const EXP = memory.data<f32>([
  88.3, -87.3, // to which arguments are clamped
  1.44269504088896341, // 1 / ln 2
  12582912, // 1.5 · 2²³
  0.693359375, -2.12194440e-4, // ln 2
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

/**
 * eˣ. The argument is split as x = n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite: ln 2 in two parts, so that the
 * product with n is exact), eʳ is a polynomial of degree 7 (Cephes' `expf`), and 2ⁿ is put together from its bits.
 */
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax hand a NaN argument on: what is not a number must reach the loss, where training stops.
  const clamped = f32x4.pmax(f32x4.pmin(x, constant(EXP, 0)), constant(EXP, 1));
  // Adding 1.5 · 2²³ rounds to the nearest integer and leaves that integer in the low bits of the sum.
  const magic = constant(EXP, 3);
  const shifted = madd(clamped, constant(EXP, 2), magic);
  const n = f32x4.sub(shifted, magic);
  const r = nmadd(n, constant(EXP, 5), nmadd(n, constant(EXP, 4), clamped));
  let p = constant(EXP, 6);
  p = madd(p, r, constant(EXP, 7));
  p = madd(p, r, constant(EXP, 8));
  p = madd(p, r, constant(EXP, 9));
  p = madd(p, r, constant(EXP, 10));
  p = madd(p, r, constant(EXP, 11));
  const one = constant(EXP, 12);
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, one));
  // 1 has the bits of 2⁰.
  const power = i32x4.add(i32x4.shl(shifted, 23), one);
  return f32x4.mul(p, power);
}

/** 1 / (1 + e⁻ˣ). */
@inline
export function sigmoid4(x: v128): v128 {
  const one = constant(EXP, 12);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

const TANH = memory.data<f32>([
  7.90531110763549805, -7.90531110763549805, // to which arguments are clamped
  -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5,
  6.37261928875436e-4, 4.89352455891786e-3, // P
  1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3, // Q
]);

/**
 * tanh x as a quotient of two polynomials, x·P(x²) / Q(x²) of degrees 13 and 6, the rational minimax fit that Eigen
 * uses for float32. Arguments are clamped to ±7.9, where tanh is 1 but for 3e-7.
 */
@inline
export function tanh4(x: v128): v128 {
  const c = f32x4.pmax(f32x4.pmin(x, constant(TANH, 0)), constant(TANH, 1));
  const s = f32x4.mul(c, c);
  let p = constant(TANH, 2);
  p = madd(p, s, constant(TANH, 3));
  p = madd(p, s, constant(TANH, 4));
  p = madd(p, s, constant(TANH, 5));
  p = madd(p, s, constant(TANH, 6));
  p = madd(p, s, constant(TANH, 7));
  p = madd(p, s, constant(TANH, 8));
  let q = constant(TANH, 9);
  q = madd(q, s, constant(TANH, 10));
  q = madd(q, s, constant(TANH, 11));
  q = madd(q, s, constant(TANH, 12));
  return f32x4.div(f32x4.mul(c, p), q);
}

/**
 * ln x for finite, positive, normal x: x = 2ᵉ·m with m in [√½, √2), ln m = 2·artanh(s) with s = (m − 1)/(m + 1),
 * |s| < 0.172, whose odd series is cut after s⁹.
 */
@inline
export function log4(x: v128): v128 {
  // Subtracting the bits of √½ first makes the exponent field switch at √½ instead of at 1.
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const mantissa = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one));
  const s2 = f32x4.mul(s, s);
  let p = f32x4.splat(2.0 / 9.0);
  p = madd(p, s2, f32x4.splat(2.0 / 7.0));
  p = madd(p, s2, f32x4.splat(2.0 / 5.0));
  p = madd(p, s2, f32x4.splat(2.0 / 3.0));
  p = madd(p, s2, f32x4.splat(2.0));
  return madd(exponent, f32x4.splat(0.69314718055994531), f32x4.mul(p, s));
}

/** out = eˣ, element by element. */
export function exp(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, exp4(v128.load(x + i)));
}

/** out = 1 / (1 + e⁻ˣ), element by element. */
export function sigmoid(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, sigmoid4(v128.load(x + i)));
}

/** out = tanh x, element by element. */
export function tanh(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, tanh4(v128.load(x + i)));
}

/** out = ln x, element by element, for finite, positive, normal x. */
export function log(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, log4(v128.load(x + i)));
}
