import { isPadded, isVector } from "./check";
import { F32 } from "./simd";

// Which elements are dropped is a function of a key and of their place, so that the backward pass finds the same ones
// again and no mask is kept. The function is lowbias32 (Wellons 2018), a full-avalanche hash of 32-bit integers.

@inline
function hash4(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * out[i] = 0 with probability p, else x[i] / (1 − p) (Srivastava et al. 2014, scaled while training). Forward on
 * activations, and backward, with the same key, on their gradients.
 */
export function dropout(
  out: usize, // [n], may be x
  x: usize, // [n]
  n: i32, // a multiple of four
  p: f64, // in [0, 1)
  key: i32,
): void {
  assert(isPadded(n), "dropout: size n");
  assert(p >= 0 && p < 1, "dropout: p in [0, 1)");
  assert(isVector(out, n) && isVector(x, n), "dropout: address of out, x [n]");
  const scale = f32x4.splat(<f32>(1 / (1 - p)));
  // A place is kept where its hash, unsigned, is at least p · 2³². Comparing signed: both sides less 2³¹.
  const threshold = i32x4.splat(<i32>(max<i64>(1, <i64>(p * 4294967296)) - 2147483649));
  const flip = i32x4.splat(i32.MIN_VALUE);
  let place = i32x4.add(i32x4.splat(key), i32x4(0, 1, 2, 3));
  const four = i32x4.splat(4);
  for (const end = x + <usize>n * F32; x < end; x += 16, out += 16) {
    const keep = i32x4.gt_s(v128.xor(hash4(place), flip), threshold);
    v128.store(out, v128.and(f32x4.mul(v128.load(x), scale), keep));
    place = i32x4.add(place, four);
  }
}
