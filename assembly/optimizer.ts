import { isPadded, isVector } from "./check";
import { cut4, leastGradient4 } from "./cut";
import { F32, madd, nmadd } from "./simd";

// Flat loops over the flat layout that parameters, gradients and moments share. `previous` receives the
// parameters as they were: where the next loss is not finite, training goes back to them. `gradientScale` is what
// clipping by norm multiplies the gradients with. Moments that decay and parameters that weight decay shrinks become 0
// before they become subnormal: see cut.ts.

/** The sum of the squares, added up in float64. */
export function sumOfSquares(
  x: usize, // [n]
  n: i32, // a multiple of four
): f64 {
  assert(isPadded(n), "sumOfSquares: size n");
  assert(isVector(x, n), "sumOfSquares: address of x [n]");
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  const end = x + <usize>n * F32;
  for (; x + 32 <= end; x += 32) {
    s0 = addSquares2(s0, x);
    s1 = addSquares2(s1, x + 8);
    s2 = addSquares2(s2, x + 16);
    s3 = addSquares2(s3, x + 24);
  }
  if (x < end) {
    s0 = addSquares2(s0, x);
    s1 = addSquares2(s1, x + 8);
  }
  const sum = f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** sum + x² for two floats, in float64, where the square of a float is exact: fusing changes no bit. */
@inline
function addSquares2(sum: v128, x: usize): v128 {
  const two = f64x2.promote_low_f32x4(v128.load_zero<f64>(x));
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(two, two, sum) : f64x2.add(sum, f64x2.mul(two, two));
}

/** Clips every element to [−limit, limit]. */
export function clipByValue(
  x: usize, // [n]
  n: i32, // a multiple of four
  limit: f32,
): void {
  assert(isPadded(n), "clipByValue: size n");
  assert(isVector(x, n), "clipByValue: address of x [n]");
  const high = f32x4.splat(limit);
  const low = f32x4.neg(high);
  for (const end = x + <usize>n * F32; x < end; x += 16) v128.store(x, f32x4.pmax(f32x4.pmin(v128.load(x), high), low));
}

/** Sets parameters to 0 that weight decay has made too small to matter: without a gradient they shrink forever. */
function cutParameters(
  p: usize, // [n]
  n: i32, // a multiple of four
): void {
  for (const end = p + <usize>n * F32; p < end; p += 16) v128.store(p, cut4(v128.load(p), leastGradient4()));
}

/**
 * Gradient descent as in torch.optim.SGD: g' = gradientScale · g + weightDecay · p, v = momentum · v + g',
 * p −= learningRate · v. Where v is 0, there is no momentum and g' takes v's place.
 */
export function sgd(
  p: usize, // [n]
  previous: usize, // [n]
  g: usize, // [n]
  v: usize, // [n], or 0
  n: i32, // a multiple of four
  learningRate: f64,
  momentum: f64,
  weightDecay: f64,
  gradientScale: f64,
): void {
  assert(isPadded(n), "sgd: size n");
  assert(isVector(p, n) && isVector(previous, n), "sgd: address of p, previous [n]");
  assert(isVector(g, n), "sgd: address of g [n]");
  assert(v == 0 || isVector(v, n), "sgd: address of v [n]");
  const rate = f32x4.splat(<f32>learningRate);
  const keep = f32x4.splat(<f32>momentum);
  const decay = f32x4.splat(<f32>weightDecay);
  const scale = f32x4.splat(<f32>gradientScale);
  const parameters = p;
  const end = p + <usize>n * F32;
  if (!v) {
    for (; p < end; p += 16, previous += 16, g += 16) {
      const before = v128.load(p);
      v128.store(previous, before);
      v128.store(p, nmadd(rate, madd(decay, before, f32x4.mul(scale, v128.load(g))), before));
    }
  } else {
    for (; p < end; p += 16, previous += 16, g += 16, v += 16) {
      const before = v128.load(p);
      v128.store(previous, before);
      const gradient = madd(decay, before, f32x4.mul(scale, v128.load(g)));
      const step = cut4(madd(keep, v128.load(v), gradient), leastGradient4());
      v128.store(v, step);
      v128.store(p, nmadd(rate, step, before));
    }
  }
  if (weightDecay != 0) cutParameters(parameters, n);
}

/**
 * The smallest gradient whose square counts. With smaller ones, the root of the mean square, corrected or not, is less
 * than half a unit in the last place of ε, to which it is added.
 */
@inline
function leastRoot4(epsilon: f64): v128 {
  return f32x4.splat(<f32>(epsilon / 33554432)); // 2²⁵
}

/**
 * What the square of leastRoot4 adds to a mean square; smaller mean squares become 0. It is a normal number for ε down
 * to 1e-10. With a smaller ε, subnormal mean squares count, and stay.
 */
@inline
function leastSquare4(epsilon: f64, keep: f64): v128 {
  const root = epsilon / 33554432;
  return f32x4.splat(<f32>((1 - keep) * root * root));
}

/** The running mean square: keep · v + take · g². */
@inline
function meanSquare4(keep: v128, v: v128, take: v128, g: v128, leastRoot: v128, leastSquare: v128): v128 {
  const root = cut4(g, leastRoot);
  const square = madd(keep, v, f32x4.mul(take, f32x4.mul(root, root)));
  return v128.andnot(square, f32x4.lt(square, leastSquare));
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019) as in torch.optim: with
 * g' = gradientScale · g + l2 · p, m and v are the running means of g' and g'², and
 * p = shrink · p − learningRate · m̂ / (√v̂ + ε). The bias corrections 1 − β₁ᵗ and 1 − β₂ᵗ come from the caller; Adam's
 * weight decay is l2 with shrink 1, AdamW's is shrink = 1 − learningRate · weightDecay with l2 0.
 */
export function adam(
  p: usize, // [n]
  previous: usize, // [n]
  g: usize, // [n]
  m: usize, // [n]
  v: usize, // [n]
  n: i32, // a multiple of four
  learningRate: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
  l2: f64,
  shrink: f64,
  gradientScale: f64,
): void {
  assert(isPadded(n), "adam: size n");
  assert(isVector(p, n) && isVector(previous, n), "adam: address of p, previous [n]");
  assert(isVector(g, n), "adam: address of g [n]");
  assert(isVector(m, n) && isVector(v, n), "adam: address of m, v [n]");
  const scale = f32x4.splat(<f32>gradientScale);
  const decay = f32x4.splat(<f32>l2);
  const factor = f32x4.splat(<f32>shrink);
  const keepM = f32x4.splat(<f32>beta1);
  const takeM = f32x4.splat(<f32>(1 - beta1));
  const keepV = f32x4.splat(<f32>beta2);
  const takeV = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(<f32>(learningRate / correction1));
  const root = f32x4.splat(<f32>(1 / sqrt<f64>(correction2)));
  const smallest = f32x4.splat(<f32>epsilon);
  const leastRoot = leastRoot4(epsilon);
  const leastSquare = leastSquare4(epsilon, beta2);
  const parameters = p;
  for (const end = p + <usize>n * F32; p < end; p += 16, previous += 16, g += 16, m += 16, v += 16) {
    const before = v128.load(p);
    v128.store(previous, before);
    const gradient = madd(decay, before, f32x4.mul(v128.load(g), scale));
    const mean = cut4(madd(keepM, v128.load(m), f32x4.mul(takeM, gradient)), leastGradient4());
    const square = meanSquare4(keepV, v128.load(v), takeV, gradient, leastRoot, leastSquare);
    v128.store(m, mean);
    v128.store(v, square);
    const step = f32x4.div(f32x4.mul(rate, mean), madd(f32x4.sqrt(square), root, smallest));
    v128.store(p, f32x4.sub(f32x4.mul(factor, before), step));
  }
  if (shrink != 1) cutParameters(parameters, n);
}

/**
 * RMSprop (Tieleman and Hinton 2012) as in torch.optim.RMSprop: with g' = gradientScale · g + weightDecay · p, v is the
 * running mean of g'², and p −= learningRate · g' / (√v + ε).
 */
export function rmsprop(
  p: usize, // [n]
  previous: usize, // [n]
  g: usize, // [n]
  v: usize, // [n]
  n: i32, // a multiple of four
  learningRate: f64,
  alpha: f64,
  epsilon: f64,
  weightDecay: f64,
  gradientScale: f64,
): void {
  assert(isPadded(n), "rmsprop: size n");
  assert(isVector(p, n) && isVector(previous, n), "rmsprop: address of p, previous [n]");
  assert(isVector(g, n) && isVector(v, n), "rmsprop: address of g, v [n]");
  const scale = f32x4.splat(<f32>gradientScale);
  const decay = f32x4.splat(<f32>weightDecay);
  const keep = f32x4.splat(<f32>alpha);
  const take = f32x4.splat(<f32>(1 - alpha));
  const rate = f32x4.splat(<f32>learningRate);
  const smallest = f32x4.splat(<f32>epsilon);
  const leastRoot = leastRoot4(epsilon);
  const leastSquare = leastSquare4(epsilon, alpha);
  for (const end = p + <usize>n * F32; p < end; p += 16, previous += 16, g += 16, v += 16) {
    const before = v128.load(p);
    v128.store(previous, before);
    const gradient = madd(decay, before, f32x4.mul(v128.load(g), scale));
    const square = meanSquare4(keep, v128.load(v), take, gradient, leastRoot, leastSquare);
    v128.store(v, square);
    const step = f32x4.div(f32x4.mul(rate, gradient), f32x4.add(f32x4.sqrt(square), smallest));
    v128.store(p, f32x4.sub(before, step));
  }
}
