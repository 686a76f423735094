import { isPadded, isVector } from "./check";
import {
  BLOCK_ROWS,
  multiply,
  multiplyPacked,
  multiplyTransposedLeft,
  multiplyTransposedRight,
  ROW_COLUMNS,
  TILE_COLUMNS,
} from "./matmul";
import { add, clear, F32 } from "./simd";
import { multiplyColumn, multiplyColumns, multiplyRow, multiplyRowPacked, outerProduct } from "./vector";

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
  multiply(y, x, w, b, scratch, M, N, K);
}

/** {@link linearForward} with weights that are packed already. */
export function linearForwardPacked(
  y: usize, // [M, N]
  x: usize, // [M, K]
  w: usize, // [K, N], as packWeights has it
  b: usize, // [N]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
  columns: i32, // as w has been packed: 8 or, if M is 1, 48
): void {
  assert(M > 0 && isPadded(N) && isPadded(K), "linearForwardPacked: sizes M, N, K");
  assert(columns == TILE_COLUMNS || (M == 1 && columns == ROW_COLUMNS), "linearForwardPacked: columns");
  assert(isVector(y, M, N) && isVector(x, M, K), "linearForwardPacked: address of y [M, N], x [M, K]");
  assert(isVector(w, K, N) && isVector(b, N), "linearForwardPacked: address of w [K, N], b [N]");
  assert(M == 1 || isVector(scratch, min<i32>(M, BLOCK_ROWS), K), "linearForwardPacked: address of scratch");
  if (M == 1) multiplyRowPacked(y, x, w, b, N, K, columns);
  else multiplyPacked(y, x, w, b, 0, scratch, M, N, K);
}

/** {@link linearForward} of one row, for n of its columns. */
export function linearColumns(
  y: usize, // [n]
  x: usize, // [K]
  w: usize, // [K, n] within [K, N]
  b: usize, // [n], may be y
  scratch: usize, // [n]
  n: i32, // a multiple of four
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  assert(isPadded(n) && n <= N && isPadded(N) && isPadded(K), "linearColumns: sizes n, N, K");
  assert(isVector(y, n) && isVector(x, K) && isVector(b, n), "linearColumns: address of y [n], x [K], b [n]");
  assert(isVector(w, (K - 1) * N + n), "linearColumns: address of w [K, n] within [K, N]");
  assert(isVector(scratch, n), "linearColumns: address of scratch");
  multiplyColumns(y, x, w, b, scratch, n, <usize>N * F32, K);
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
  sumRows(db, dy, 0, scratch, M, N);
  multiplyTransposedLeft(dw, x, dy, scratch, K, N, M);
  if (dx) multiplyTransposedRight(dx, dy, w, scratch, M, K, N);
}

/** Rows, or sums of rows, that are added up before they are added to the rest. */
export const SUM_ROWS: i32 = 256;

/**
 * out = the sum of the rows of x. In one running sum over a million rows, rounding can destroy five digits of seven. So
 * 256 rows are added up at a time, then 256 of these sums.
 */
export function sumRows(
  out: usize, // [N]
  x: usize, // [M, N]; unused if rows are listed
  list: usize, // [M], the addresses of the rows, or 0 for those of x
  scratch: usize, // [2, N]
  M: i32,
  N: i32, // a multiple of four
): void {
  const stride = <usize>N * F32;
  if (M <= SUM_ROWS) {
    sumFewRows(out, x, list, 0, M, stride);
    return;
  }
  const sums = scratch + stride;
  clear(out, N);
  for (let m = 0; m < M; ) {
    clear(sums, N);
    for (const end = min<i32>(M - m, SUM_ROWS * SUM_ROWS) + m; m < end; m += SUM_ROWS) {
      sumFewRows(scratch, x, list, m, min<i32>(end, m + SUM_ROWS), stride);
      add(sums, scratch, N);
    }
    add(out, sums, N);
  }
}

@inline
function rowOf(x: usize, list: usize, m: i32, stride: usize): usize {
  return list ? load<usize>(list + ((<usize>m) << 2)) : x + <usize>m * stride;
}

/** The sum of the rows from `m` to `end`, four at a time. */
function sumFewRows(
  out: usize, // [N]
  x: usize, // [end, N]
  list: usize, // [end], or 0
  m: i32,
  end: i32,
  stride: usize, // bytes of a row
): void {
  memory.fill(out, 0, stride);
  for (; m + 4 <= end; m += 4) {
    const x0 = rowOf(x, list, m, stride);
    const x1 = rowOf(x, list, m + 1, stride);
    const x2 = rowOf(x, list, m + 2, stride);
    const x3 = rowOf(x, list, m + 3, stride);
    for (let at: usize = 0; at < stride; at += 16) {
      const low = f32x4.add(v128.load(x0 + at), v128.load(x1 + at));
      const high = f32x4.add(v128.load(x2 + at), v128.load(x3 + at));
      v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.add(low, high)));
    }
  }
  for (; m < end; m++) {
    const row = rowOf(x, list, m, stride);
    for (let at: usize = 0; at < stride; at += 16)
      v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(row + at)));
  }
}
