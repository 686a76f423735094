import { areBelow, isArray, isPadded, isVector, rowsFrom } from "./check";
import { SUM_ROWS, sumRows } from "./linear";
import { clear, F32 } from "./simd";

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
    if (b) addVectors(y, row, b, stride);
    else memory.copy(y, row, stride);
    y += stride;
  }
}

/** out = x + y, four vectors at a time. */
@inline
function addVectors(out: usize, x: usize, y: usize, bytes: usize): void {
  const end = out + bytes;
  for (; out + 64 <= end; out += 64, x += 64, y += 64) {
    v128.store(out, f32x4.add(v128.load(x), v128.load(y)));
    v128.store(out, f32x4.add(v128.load(x, 16), v128.load(y, 16)), 16);
    v128.store(out, f32x4.add(v128.load(x, 32), v128.load(y, 32)), 32);
    v128.store(out, f32x4.add(v128.load(x, 48), v128.load(y, 48)), 48);
  }
  for (; out < end; out += 16, x += 16, y += 16) v128.store(out, f32x4.add(v128.load(x), v128.load(y)));
}

/** dW = the rows of dy, each added to its token's row; db = the column sums of dy, left out where db is 0. */
export function gatherBackward(
  dw: usize, // [V, N]
  db: usize, // [N], or 0
  dy: usize, // [rows, N]
  tokens: usize, // [rows] i32
  scratch: usize, // as src/kernels/scratch.ts has it
  rows: i32,
  V: i32,
  N: i32, // a multiple of four
): void {
  assert(rows > 0 && V > 0 && isPadded(N), "gatherBackward: sizes rows, V, N");
  assert(isVector(dw, V, N), "gatherBackward: address of dw [V, N]");
  assert(db == 0 || isVector(db, N), "gatherBackward: address of db [N]");
  assert(isVector(dy, rows, N), "gatherBackward: address of dy [rows, N]");
  assert(isArray(tokens, rows), "gatherBackward: address of tokens [rows]");
  assert(isVector(scratch, 0), "gatherBackward: address of scratch");
  assert(areBelow(tokens, rows, V), "gatherBackward: tokens in [0, V)");
  clear(dw, V * N);
  if (rows <= SUM_ROWS) scatter(dw, dy, tokens, rows, N);
  else sumByToken(dw, dy, tokens, scratch, rows, V, N);
  if (!db) return;
  // Each row of dy is in one row of dW, so both have the same sum.
  if (V < rows) sumRows(db, dw, 0, scratch, V, N);
  else sumRows(db, dy, 0, scratch, rows, N);
}

/** Adds each row of dy to its token's row of dW. */
function scatter(
  dw: usize, // [V, N], zeros
  dy: usize, // [rows, N]
  tokens: usize, // [rows] i32
  rows: i32,
  N: i32,
): void {
  const stride = <usize>N * F32;
  for (let r = 0; r < rows; r++) {
    const row = dw + <usize>load<i32>(tokens + ((<usize>r) << 2)) * stride;
    for (let i: usize = 0; i < stride; i += 16) v128.store(row + i, f32x4.add(v128.load(row + i), v128.load(dy + i)));
    dy += stride;
  }
}

/** The same for many rows, token by token: sumRows keeps the rounding errors of long sums small. */
function sumByToken(
  dw: usize, // [V, N], zeros
  dy: usize, // [rows, N]
  tokens: usize, // [rows] i32
  scratch: usize, // [2, N], [rows] and [V + 1]
  rows: i32,
  V: i32,
  N: i32,
): void {
  const stride = <usize>N * F32;
  const list = scratch + 2 * stride;
  const ends = list + ((<usize>rows) << 2);
  listRows(list, ends, dy, tokens, rows, V, stride);
  let first = list;
  for (let v = 0; v < V; v++, dw += stride) {
    const last = list + ((<usize>load<i32>(ends + ((<usize>v) << 2))) << 2);
    if (last > first) sumRows(dw, 0, first, scratch, <i32>((last - first) >> 2), N);
    first = last;
  }
}

/** Lists the rows by token, by a counting sort: rows of the same token keep their order. */
function listRows(
  list: usize, // [rows], addresses of rows
  ends: usize, // [V + 1] i32, receives the end of each token's rows in the list
  dy: usize, // [rows, N]
  tokens: usize, // [rows] i32
  rows: i32,
  V: i32,
  stride: usize, // bytes of a row
): void {
  memory.fill(ends, 0, (<usize>V + 1) << 2);
  const tokensEnd = tokens + ((<usize>rows) << 2);
  for (let at = tokens; at < tokensEnd; at += 4) {
    const count = ends + 4 + ((<usize>load<i32>(at)) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  // From counts to the start of each token's rows. Listing the rows moves each start on to the end.
  let place = 0;
  for (let at = ends, end = ends + ((<usize>V) << 2); at < end; at += 4) {
    place += load<i32>(at);
    store<i32>(at, place);
  }
  for (let at = tokens; at < tokensEnd; at += 4, dy += stride) {
    const next = ends + ((<usize>load<i32>(at)) << 2);
    const position = load<i32>(next);
    store<usize>(list + ((<usize>position) << 2), dy);
    store<i32>(next, position + 1);
  }
}
