import { isPadded, isVector } from "./check";
import { BLOCK_ROWS, multiplyPacked, multiplyTransposedLeft, packWeights, packWeightsTransposed } from "./matmul";
import { F32 } from "./simd";
import { multiplyColumn, multiplyRow, outerProduct } from "./vector";

/** y = x·W + b. */
export function linearForward(
  y: usize, // [M, N]
  x: usize, // [M, K]
  w: usize, // [K, N]
  b: usize, // [N]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  assert(M > 0 && isPadded(N) && isPadded(K), "linearForward: sizes M, N, K");
  assert(isVector(y, M, N) && isVector(x, M, K), "linearForward: address of y [M, N], x [M, K]");
  assert(isVector(w, K, N) && isVector(b, N), "linearForward: address of w [K, N], b [N]");
  assert(isVector(scratch, 0), "linearForward: address of scratch");
  if (M == 1) {
    multiplyRow(y, x, w, b, scratch, N, K);
    return;
  }
  const packed = scratch + <usize>(BLOCK_ROWS * K) * F32;
  packWeights(packed, w, K, N);
  multiplyPacked(y, x, packed, b, 0, scratch, M, N, K);
}

/** dx = dy·Wᵀ (left out where dx is 0), dW = xᵀ·dy, db = the column sums of dy. */
export function linearBackward(
  dx: usize, // [M, K], or 0
  dw: usize, // [K, N]
  db: usize, // [N]
  dy: usize, // [M, N]
  x: usize, // [M, K]
  w: usize, // [K, N]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  assert(M > 0 && isPadded(N) && isPadded(K), "linearBackward: sizes M, N, K");
  assert(dx == 0 || isVector(dx, M, K), "linearBackward: address of dx [M, K]");
  assert(isVector(dw, K, N) && isVector(db, N), "linearBackward: address of dw [K, N], db [N]");
  assert(isVector(dy, M, N) && isVector(x, M, K), "linearBackward: address of dy [M, N], x [M, K]");
  assert(isVector(w, K, N) && isVector(scratch, 0), "linearBackward: address of w [K, N], scratch");
  if (M == 1) {
    memory.copy(db, dy, <usize>N * F32);
    outerProduct(dw, x, dy, K, N);
    if (dx) multiplyColumn(dx, w, dy, K, N);
    return;
  }
  sumRows(db, dy, M, N);
  multiplyTransposedLeft(dw, x, dy, false, scratch, K, N, M);
  if (dx) {
    const packed = scratch + <usize>(BLOCK_ROWS * N) * F32;
    packWeightsTransposed(packed, w, K, N);
    multiplyPacked(dx, dy, packed, 0, 0, scratch, M, K, N);
  }
}

/** out = the sum of all rows of x, which is read from end to end. */
export function sumRows(
  out: usize, // [N]
  x: usize, // [M, N]
  M: i32,
  N: i32, // a multiple of four
): void {
  const stride = <usize>N * F32;
  memory.fill(out, 0, stride);
  let m = 0;
  for (; m + 4 <= M; m += 4) {
    for (let at: usize = 0; at < stride; at += 16) {
      const row = x + at;
      const two = f32x4.add(f32x4.add(v128.load(out + at), v128.load(row)), v128.load(row + stride));
      v128.store(out + at, f32x4.add(f32x4.add(two, v128.load(row + 2 * stride)), v128.load(row + 3 * stride)));
    }
    x += 4 * stride;
  }
  for (; m < M; m++, x += stride)
    for (let at: usize = 0; at < stride; at += 16) v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(x + at)));
}
