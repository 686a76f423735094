import { isPadded, isVector } from "./check";
import { F32, madd, nmadd } from "./simd";

// Maximal errors, checked by test/assembly/activations.test.ts:
//   exp      2e-7 relative for arguments in [-87.3, 88.3]; constant above, 0 below -87.7
//   sigmoid  3e-7 relative for arguments above -87.3; exactly 1 from 17.4, 0 instead of subnormal numbers
//   tanh     4e-7 relative for normal numbers above 1e-35 in magnitude; exactly ±1 from ±9.011
//   log      2e-7 absolute or relative, whichever allows more; finite, positive, normal arguments
// and of the derivatives computed from these results, checked by the same test:
//   s(1 - s) 2e-7 absolute, 5e-7 relative for arguments in [-87.3, 0]; exactly 0 from 17.4
//   1 - t²   8e-7 absolute, 1e-6 relative for arguments in [-1, 1]; exactly 0 from ±9.011

// Constants lie in memory: V8 assembles a vector constant with three instructions wherever it is used, and loads one
// with a single instruction, which leaves the arithmetic units to the polynomials.

/** Constant number i of a table, in all lanes. */
@inline
function constant(table: usize, i: usize): v128 {
  return v128.load_splat<f32>(table + i * F32);
}

/** The constants of eˣ. */
export const EXP = memory.data<f32>([
  -88.3, 88.3, // arguments are clamped to this range; 2ⁿ becomes 0 at its lower end
  1.44269504088896341, // 1 / ln 2
  12583039, // 1.5 · 2²³ + 127
  0.693359375, -2.12194440e-4, // ln 2
  8.31250325983e-3, 4.18901533629e-2, 1.66671148558e-1, 4.99992315399e-1, 1, 1, // the polynomial, highest power first
]);

/** eˣ as 2⁴⁶eʳ · 2ⁿ⁻⁴⁶, whose second factor is 0 from n = -81 down: eˣ, or 0 if that is below about LEAST_GRADIENT. */
export const EXP_CUT = memory.data<f32>([
  -56.1, 88.3,
  1.44269504088896341,
  12582993, // 1.5 · 2²³ + 127 - 46
  0.693359375, -2.12194440e-4,
  5.849404e+11, 2.9477574e+12, 1.1728439e+13, 3.518383e+13, 7.0368744e+13, 7.0368744e+13,
]);

/** The same for 4e⁻ˣ: coefficients of odd powers change their sign. */
const SIGMOID = memory.data<f32>([
  -88.3, 87.3,
  -1.44269504088896341,
  12583039,
  -0.693359375, 2.12194440e-4,
  -0.03325001, 0.1675606, -0.66668457, 1.9999692, -4, 4,
]);

/** The same for 2⁸²e⁻ˣ. */
const GATE = memory.data<f32>([
  -88.3, 87.3,
  -1.44269504088896341,
  12583039,
  -0.693359375, 2.12194440e-4,
  -4.0196797e+22, 2.0256834e+23, -8.059722e+23, 2.4178145e+24, -4.8357033e24, 4.8357033e24,
]);

/**
 * eˣ, or a multiple of e⁻ˣ. The argument is split as x = n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite: ln 2 in two
 * parts, so that the product with n is exact), eʳ is the polynomial of degree 5 whose largest relative error, 1.05e-7,
 * is the smallest, and 2ⁿ is assembled from its bits.
 */
@inline
export function power4(x: v128, table: usize): v128 {
  // pmin and pmax pass a NaN argument on: it must reach the loss, where training stops.
  const clamped = f32x4.pmin(f32x4.pmax(x, constant(table, 0)), constant(table, 1));
  // Adding 1.5 · 2²³ rounds to the nearest integer and leaves that integer in the low bits of the sum; 127 is the bias of
  // a float's exponent.
  const magic = constant(table, 3);
  const shifted = madd(clamped, constant(table, 2), magic);
  const n = f32x4.sub(shifted, magic);
  const r = nmadd(n, constant(table, 5), nmadd(n, constant(table, 4), clamped));
  let p = constant(table, 6);
  p = madd(p, r, constant(table, 7));
  p = madd(p, r, constant(table, 8));
  p = madd(p, r, constant(table, 9));
  p = madd(p, r, constant(table, 10));
  p = madd(p, r, constant(table, 11));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/**
 * {@link power4} of (x − largest) · scale, of two vectors in place: step by step for both, so that each constant is loaded once.
 * No x is above the largest, so none is clamped there. Returns a sum to which both are added.
 */
@inline
export function powers2(
  x: usize, // [8]
  largest: v128,
  scale: v128,
  table: usize,
  sum: v128,
): v128 {
  let k = constant(table, 0);
  const xa = f32x4.pmax(f32x4.mul(f32x4.sub(v128.load(x), largest), scale), k);
  const xb = f32x4.pmax(f32x4.mul(f32x4.sub(v128.load(x, 16), largest), scale), k);
  k = constant(table, 2);
  const magic = constant(table, 3);
  const shiftedA = madd(xa, k, magic);
  const shiftedB = madd(xb, k, magic);
  const nA = f32x4.sub(shiftedA, magic);
  const nB = f32x4.sub(shiftedB, magic);
  const high = constant(table, 4);
  const low = constant(table, 5);
  const ra = nmadd(nA, low, nmadd(nA, high, xa));
  const rb = nmadd(nB, low, nmadd(nB, high, xb));
  const first = constant(table, 6);
  k = constant(table, 7);
  let pa = madd(first, ra, k);
  let pb = madd(first, rb, k);
  k = constant(table, 8);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  k = constant(table, 9);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  k = constant(table, 10);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  k = constant(table, 11);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  const ea = f32x4.mul(pa, i32x4.shl(shiftedA, 23));
  const eb = f32x4.mul(pb, i32x4.shl(shiftedB, 23));
  v128.store(x, ea);
  v128.store(x, eb, 16);
  return f32x4.add(f32x4.add(sum, ea), eb);
}

/** eˣ. */
@inline
export function exp4(x: v128): v128 {
  return power4(x, EXP);
}

/** 1 / (1 + e⁻ˣ). */
@inline
export function sigmoid4(x: v128): v128 {
  return logistic4(x, SIGMOID);
}

/**
 * The activation of gates, of three vectors in place: 1 / (1 + e⁻ˣ), or 0 if that is below LEAST_STATE. This is logistic4,
 * step by step for all three, because it is limited by loads: so each constant is loaded once.
 */
@inline
export function gates3(
  a: usize, // [4]
  b: usize, // [4]
  c: usize, // [4]
): void {
  const least = constant(GATE, 0);
  const most = constant(GATE, 1);
  const xa = f32x4.pmin(f32x4.pmax(v128.load(a), least), most);
  const xb = f32x4.pmin(f32x4.pmax(v128.load(b), least), most);
  const xc = f32x4.pmin(f32x4.pmax(v128.load(c), least), most);
  let k = constant(GATE, 2);
  const magic = constant(GATE, 3);
  const shiftedA = madd(xa, k, magic);
  const shiftedB = madd(xb, k, magic);
  const shiftedC = madd(xc, k, magic);
  const nA = f32x4.sub(shiftedA, magic);
  const nB = f32x4.sub(shiftedB, magic);
  const nC = f32x4.sub(shiftedC, magic);
  const high = constant(GATE, 4);
  const low = constant(GATE, 5);
  const ra = nmadd(nA, low, nmadd(nA, high, xa));
  const rb = nmadd(nB, low, nmadd(nB, high, xb));
  const rc = nmadd(nC, low, nmadd(nC, high, xc));
  const first = constant(GATE, 6);
  k = constant(GATE, 7);
  let pa = madd(first, ra, k);
  let pb = madd(first, rb, k);
  let pc = madd(first, rc, k);
  k = constant(GATE, 8);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  pc = madd(pc, rc, k);
  k = constant(GATE, 9);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  pc = madd(pc, rc, k);
  k = constant(GATE, 10);
  pa = madd(pa, ra, k);
  pb = madd(pb, rb, k);
  pc = madd(pc, rc, k);
  const scale = constant(GATE, 11);
  pa = madd(pa, ra, scale);
  pb = madd(pb, rb, scale);
  pc = madd(pc, rc, scale);
  v128.store(a, f32x4.div(scale, f32x4.add(scale, f32x4.mul(pa, i32x4.shl(shiftedA, 23)))));
  v128.store(b, f32x4.div(scale, f32x4.add(scale, f32x4.mul(pb, i32x4.shl(shiftedB, 23)))));
  v128.store(c, f32x4.div(scale, f32x4.add(scale, f32x4.mul(pc, i32x4.shl(shiftedC, 23)))));
}

/**
 * s / (s + s·e⁻ˣ) for a power of two s: bit for bit 1 / (1 + e⁻ˣ) until s·e⁻ˣ overflows. So the quotient becomes 0
 * below about s · 2⁻¹²⁸, without a comparison.
 */
@inline
function logistic4(x: v128, table: usize): v128 {
  const scale = constant(table, 11);
  return f32x4.div(scale, f32x4.add(scale, power4(x, table)));
}

const TANH = memory.data<f32>([
  81, // upper limit of x²
  1.3354639538e-8, 2.0609064136e-5, 3.4955869055e-3, 0.133810245648, 0.99999997944850, // P, highest power first
  7.7765486492e-7, 3.2856329062e-4, 2.5876977413e-2, 0.467143401552, 1, // Q
  -1,
]);

/** tanh x, given x². */
@inline
export function tanhBySquare4(x: v128, square: v128): v128 {
  const s = f32x4.pmin(square, constant(TANH, 0));
  let p = constant(TANH, 1);
  p = madd(p, s, constant(TANH, 2));
  p = madd(p, s, constant(TANH, 3));
  p = madd(p, s, constant(TANH, 4));
  p = madd(p, s, constant(TANH, 5));
  let q = constant(TANH, 6);
  q = madd(q, s, constant(TANH, 7));
  q = madd(q, s, constant(TANH, 8));
  q = madd(q, s, constant(TANH, 9));
  const one = constant(TANH, 10);
  q = madd(q, s, one);
  return f32x4.pmax(f32x4.pmin(f32x4.div(f32x4.mul(x, p), q), one), constant(TANH, 11));
}

/**
 * tanh x as a quotient of two polynomials in x², x·P(x²) / Q(x²), both of degree 4: the one with the smallest maximal
 * relative error up to 9, 2.1e-8. Beyond 9, P / Q stays constant, so the quotient grows with x until it is clamped to
 * ±1: 1 - tanh 9 is 3.1e-8, half the distance from 1 to the next smaller float32.
 */
@inline
export function tanh4(x: v128): v128 {
  return tanhBySquare4(x, f32x4.mul(x, x));
}

/**
 * ln x for finite, positive, normal x: x = 2ᵉ·m with m in [√½, √2), ln m = 2·artanh(s) with s = (m − 1)/(m + 1),
 * |s| < 0.172, whose odd series is cut after s⁹. NaN stays NaN.
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
  const zero = f32x4.sub(x, x);
  return madd(exponent, f32x4.splat(0.69314718055994531), madd(p, s, zero));
}

/** out = eˣ, element by element. */
export function exp(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  assert(isPadded(n), "exp: size n");
  assert(isVector(out, n) && isVector(x, n), "exp: address of out, x [n]");
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, exp4(v128.load(x + i)));
}

/** out = 1 / (1 + e⁻ˣ), element by element. */
export function sigmoid(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  assert(isPadded(n), "sigmoid: size n");
  assert(isVector(out, n) && isVector(x, n), "sigmoid: address of out, x [n]");
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, sigmoid4(v128.load(x + i)));
}

/** out = tanh x, element by element. */
export function tanh(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  assert(isPadded(n), "tanh: size n");
  assert(isVector(out, n) && isVector(x, n), "tanh: address of out, x [n]");
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, tanh4(v128.load(x + i)));
}

/** out = ln x, element by element, for finite, positive, normal x. */
export function log(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  assert(isPadded(n), "log: size n");
  assert(isVector(out, n) && isVector(x, n), "log: address of out, x [n]");
  for (let i: usize = 0, end = <usize>n * F32; i < end; i += 16) v128.store(out + i, log4(v128.load(x + i)));
}
