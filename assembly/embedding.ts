import { areBelow, isArray, isPadded, isVector, rowsFrom } from "./check";
import { sumRows } from "./linear";
import { F32 } from "./simd";

// A token as input is a one-hot vector; its product with W [V, N] is one row of W. Forward takes that row, backward adds
// the gradient to it. Tokens lie in [0, V): TypeScript has checked that.

/** y[r] = W[tokens[r]] + b, or W[tokens[r]] alone where b is 0. */
export function gatherForward(
  y: usize, // [rows, N]
  tokens: usize, // [rows] i32
  w: usize, // [V, N]
  b: usize, // [N], or 0
  rows: i32,
  N: i32, // a multiple of four
): void {
  assert(rows > 0 && isPadded(N), "gatherForward: sizes rows, N");
  assert(isVector(y, rows, N), "gatherForward: address of y [rows, N]");
  assert(isArray(tokens, rows), "gatherForward: address of tokens [rows]");
  assert(isVector(w, N), "gatherForward: address of w [V, N]");
  assert(b == 0 || isVector(b, N), "gatherForward: address of b [N]");
  assert(areBelow(tokens, rows, rowsFrom(w, N)), "gatherForward: tokens whose rows lie in memory");
  const stride = <usize>N * F32;
  for (let r = 0; r < rows; r++) {
    const row = w + <usize>load<i32>(tokens + ((<usize>r) << 2)) * stride;
    if (b) {
      for (let i: usize = 0; i < stride; i += 16) v128.store(y + i, f32x4.add(v128.load(row + i), v128.load(b + i)));
    } else {
      memory.copy(y, row, stride);
    }
    y += stride;
  }
}

/** dW = the rows of dy, each added to its token's row; db = the column sums of dy, left out where db is 0. */
export function gatherBackward(
  dw: usize, // [V, N]
  db: usize, // [N], or 0
  dy: usize, // [rows, N]
  tokens: usize, // [rows] i32
  rows: i32,
  V: i32,
  N: i32, // a multiple of four
): void {
  assert(rows > 0 && V > 0 && isPadded(N), "gatherBackward: sizes rows, V, N");
  assert(isVector(dw, V, N), "gatherBackward: address of dw [V, N]");
  assert(db == 0 || isVector(db, N), "gatherBackward: address of db [N]");
  assert(isVector(dy, rows, N), "gatherBackward: address of dy [rows, N]");
  assert(isArray(tokens, rows), "gatherBackward: address of tokens [rows]");
  assert(areBelow(tokens, rows, V), "gatherBackward: tokens in [0, V)");
  const stride = <usize>N * F32;
  const first = dy;
  memory.fill(dw, 0, <usize>V * stride);
  for (let r = 0; r < rows; r++) {
    const row = dw + <usize>load<i32>(tokens + ((<usize>r) << 2)) * stride;
    for (let i: usize = 0; i < stride; i += 16) v128.store(row + i, f32x4.add(v128.load(row + i), v128.load(dy + i)));
    dy += stride;
  }
  if (!db) return;
  // Each row of dy is in one row of dW, so both have the same sum.
  if (V < rows) sumRows(db, dw, V, N);
  else sumRows(db, first, rows, N);
}
