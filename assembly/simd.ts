/** Four float32 lanes a vector; every padded size is a multiple of this. */
export const LANES: i32 = 4;
/** Bytes of one float32. */
export const F32: usize = 4;

/** a · b + c. The relaxed build may round once instead of twice, where the processor fuses the two. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a · b, rounded like {@link madd}. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** The sum of the four lanes, pairwise: (0 + 2) + (1 + 3). */
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of the four lanes. */
@inline
export function maxLanes(x: v128): f32 {
  const low = max<f32>(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1));
  const high = max<f32>(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3));
  return max<f32>(low, high);
}

/** Lane r of the result is the sum of the lanes of argument r: four row sums at the price of one transposition. */
@inline
export function sumLanes4(r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const a = f32x4.add(v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), v128.shuffle<f32>(r0, r1, 2, 6, 3, 7));
  const b = f32x4.add(v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), v128.shuffle<f32>(r2, r3, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
}

/** out = 0. */
export function clear(
  out: usize, // [n]
  n: i32,
): void {
  memory.fill(out, 0, <usize>n * F32);
}
