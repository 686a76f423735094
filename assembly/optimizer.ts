import { F32, madd, nmadd } from "./simd";

// Flat loops over the one run of floats that all parameters, gradients and moments share. `previous` receives the
// parameters as they were: where the next loss is not finite, training goes back to them. `gradientScale` is what
// clipping by norm multiplies the gradients with.

/** The sum of the squares, added up in float64. */
export function sumOfSquares(
  x: usize, // [n]
  n: i32, // a multiple of four
): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (const end = x + <usize>n * F32; x < end; x += 16) {
    const four = v128.load(x);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Clips every element to [−limit, limit]. */
export function clipByValue(
  x: usize, // [n]
  n: i32, // a multiple of four
  limit: f32,
): void {
  const high = f32x4.splat(limit);
  const low = f32x4.neg(high);
  for (const end = x + <usize>n * F32; x < end; x += 16) v128.store(x, f32x4.pmax(f32x4.pmin(v128.load(x), high), low));
}

/** p −= learningRate · g. */
export function sgd(
  p: usize, // [n]
  previous: usize, // [n]
  g: usize, // [n]
  n: i32, // a multiple of four
  learningRate: f64,
  gradientScale: f64,
): void {
  const rate = f32x4.splat(<f32>(learningRate * gradientScale));
  for (const end = p + <usize>n * F32; p < end; p += 16, previous += 16, g += 16) {
    const before = v128.load(p);
    v128.store(previous, before);
    v128.store(p, nmadd(rate, v128.load(g), before));
  }
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1, as in torch.optim.Adam): m and v are the running means of g and g²,
 * p −= learningRate · m̂ / (√v̂ + ε). The bias corrections 1 − β₁ᵗ and 1 − β₂ᵗ come from the caller.
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
  gradientScale: f64,
): void {
  const scale = f32x4.splat(<f32>gradientScale);
  const keepM = f32x4.splat(<f32>beta1);
  const takeM = f32x4.splat(<f32>(1 - beta1));
  const keepV = f32x4.splat(<f32>beta2);
  const takeV = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(<f32>(learningRate / correction1));
  const root = f32x4.splat(<f32>(1 / sqrt<f64>(correction2)));
  const smallest = f32x4.splat(<f32>epsilon);
  for (const end = p + <usize>n * F32; p < end; p += 16, previous += 16, g += 16, m += 16, v += 16) {
    const gradient = f32x4.mul(v128.load(g), scale);
    const mean = madd(keepM, v128.load(m), f32x4.mul(takeM, gradient));
    const square = madd(keepV, v128.load(v), f32x4.mul(takeV, f32x4.mul(gradient, gradient)));
    v128.store(m, mean);
    v128.store(v, square);
    const before = v128.load(p);
    v128.store(previous, before);
    const step = f32x4.div(f32x4.mul(rate, mean), madd(f32x4.sqrt(square), root, smallest));
    v128.store(p, f32x4.sub(before, step));
  }
}
