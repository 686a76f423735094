import { isPadded, isVector } from "./check";
import { add, clear, F32, LANES, madd } from "./simd";

// Matrix products, all built alike: both factors are first copied into panels, so that the innermost loop reads two
// streams sequentially, and one 6 × 8 tile of the result stays in registers while it runs over the inner dimension.
//
//   left factor    [M, K] → [M/6][K][6]      right factor    [K, N] → [N/8][K][8]
//
// The left factor also has panels of four rows, for 4 × 8 tiles: see panelRows. The last panel is padded, and
// what its padding gives is not stored. Every element of a product is one sum in the order of the inner
// dimension, wherever its tile lies: the result does not depend on how many rows are computed at once. Matrices are
// row-major and dense; N and the inner dimension of a forward product are multiples of four. One row (M = 1) needs no
// panels: see vector.ts. src/kernels/scratch.ts derives from this how much scratch memory each kernel takes.

/** Rows of the left factor that are packed at a time, so that they stay in the second-level cache: whole panels. */
export const BLOCK_ROWS: i32 = 72;
/** Inner steps that are packed at a time where the inner dimension is the long one (Aᵀ·B). */
const BLOCK_STEPS: i32 = 256;
/**
 * Inner steps of Aᵀ·B whose sum is computed by itself if there are more: one running sum of all blocks of a million
 * steps would accumulate the rounding errors of thousands of additions.
 */
const GROUP_STEPS: i32 = 64 * BLOCK_STEPS;
const TILE_COLUMNS: i32 = 8;

/**
 * Rows of the left factor's next panel. With six, twelve sums and three operands take all fifteen registers that V8
 * gives out; a product that is not fused with its addition would need one more, so there it is four. At the end it is
 * six or four, so that few rows of padding are computed. V8 up to that of Node 22 loads all operands before the first
 * product, runs out of registers with six rows, and is 13 % slower than with four; from Node 24 on it is 20 % faster.
 */
@inline
function panelRows(remaining: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 4;
  return remaining <= 4 || remaining == 7 || remaining == 8 ? 4 : 6;
}

/** Four rows of x, transposed on the way: out[column][row]. */
function transposeRows4(
  out: usize, // [columns][stride bytes]
  outStride: usize,
  x0: usize, // [columns]
  x1: usize, // [columns]
  x2: usize, // [columns]
  x3: usize, // [columns]
  columns: i32, // a multiple of four
): void {
  for (let end = x0 + <usize>columns * F32; x0 < end; x0 += 16) {
    const r0 = v128.load(x0);
    const r1 = v128.load(x1);
    const r2 = v128.load(x2);
    const r3 = v128.load(x3);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
    v128.store(out + outStride, v128.shuffle<f32>(a, b, 2, 3, 6, 7));
    v128.store(out + 2 * outStride, v128.shuffle<f32>(c, d, 0, 1, 4, 5));
    v128.store(out + 3 * outStride, v128.shuffle<f32>(c, d, 2, 3, 6, 7));
    out += 4 * outStride;
    x1 += 16;
    x2 += 16;
    x3 += 16;
  }
}

/** Two rows of x, interleaved: out[column][row]. */
function transposeRows2(
  out: usize, // [columns][stride bytes]
  outStride: usize,
  x0: usize, // [columns]
  x1: usize, // [columns]
  columns: i32, // a multiple of four
): void {
  for (let end = x0 + <usize>columns * F32; x0 < end; x0 += 16) {
    const r0 = v128.load(x0);
    const r1 = v128.load(x1);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    v128.store64_lane(out, a, 0);
    v128.store64_lane(out + outStride, a, 1);
    v128.store64_lane(out + 2 * outStride, b, 0);
    v128.store64_lane(out + 3 * outStride, b, 1);
    out += 4 * outStride;
    x1 += 16;
  }
}

/** Packs one panel of rows as [columns][width]. A row beyond the last repeats the last. */
function packRows(
  out: usize, // [columns][width]
  x: usize, // [width, columns]
  last: usize, // the matrix's last row
  columns: i32, // a multiple of four
  width: i32, // 4, 6 or 8
): void {
  const stride = <usize>columns * F32;
  const outStride = <usize>width * F32;
  const x1 = min<usize>(x + stride, last);
  const x2 = min<usize>(x + 2 * stride, last);
  const x3 = min<usize>(x + 3 * stride, last);
  transposeRows4(out, outStride, x, x1, x2, x3, columns);
  if (width == 4) return;
  const x4 = min<usize>(x + 4 * stride, last);
  const x5 = min<usize>(x + 5 * stride, last);
  if (width == 6) {
    transposeRows2(out + 16, outStride, x4, x5, columns);
    return;
  }
  const x6 = min<usize>(x + 6 * stride, last);
  const x7 = min<usize>(x + 7 * stride, last);
  transposeRows4(out + 16, outStride, x4, x5, x6, x7, columns);
}

/** Packs the left factor A [M, K]. */
function packLeft(
  out: usize, // [M/6][K][6]
  a: usize, // [M, K]
  M: i32,
  K: i32, // a multiple of four
): void {
  const stride = <usize>K * F32;
  const last = a + <usize>(M - 1) * stride;
  for (let m = 0; m < M; ) {
    const width = panelRows(M - m);
    packRows(out, a, last, K, width);
    out += <usize>width * stride;
    a += <usize>width * stride;
    m += width;
  }
}

/** Packs the transpose of A [K, M] as a left factor. */
function packLeftTransposed(
  out: usize, // [M/6][K][6]
  a: usize, // [K, M]
  M: i32, // a multiple of four
  K: i32,
): void {
  const stride = <usize>M * F32;
  for (let m = 0; m < M; ) {
    const width = panelRows(M - m);
    let from = a + <usize>m * F32;
    if (width == 4) {
      for (let k = 0; k < K; k++, from += stride, out += 16) v128.store(out, v128.load(from));
    } else {
      for (let k = 0; k < K; k++, from += stride, out += 24) {
        v128.store(out, v128.load(from));
        store<u64>(out, load<u64>(from, 16), 16);
      }
    }
    m += width;
  }
}

/** Packs the right factor of a product that is used many times: W [K, N]. */
export function packWeights(
  out: usize, // [N/8][K][8], padded with zeros
  w: usize, // [K, N]
  K: i32,
  N: i32, // a multiple of four
): void {
  assert(K > 0 && isPadded(N), "packWeights: sizes K, N");
  assert(isVector(out, K, (N + TILE_COLUMNS - 1) / TILE_COLUMNS, TILE_COLUMNS), "packWeights: address of out");
  assert(isVector(w, K, N), "packWeights: address of w [K, N]");
  const stride = <usize>N * F32;
  for (let n = 0; n < N; n += TILE_COLUMNS) {
    let from = w + <usize>n * F32;
    if (N - n >= TILE_COLUMNS) {
      for (let k = 0; k < K; k++, from += stride, out += 32) {
        v128.store(out, v128.load(from));
        v128.store(out, v128.load(from, 16), 16);
      }
    } else {
      for (let k = 0; k < K; k++, from += stride, out += 32) {
        v128.store(out, v128.load(from));
        v128.store(out, f32x4.splat(0), 16);
      }
    }
  }
}

/** Packs the transpose of W as a right factor: Wᵀ [N, K] for W [K, N]. */
export function packWeightsTransposed(
  out: usize, // [K/8][N][8]
  w: usize, // [K, N]
  K: i32,
  N: i32, // a multiple of four
): void {
  const stride = <usize>N * F32;
  const last = w + <usize>(K - 1) * stride;
  for (let k = 0; k < K; k += TILE_COLUMNS) {
    packRows(out, w, last, N, TILE_COLUMNS);
    out += <usize>TILE_COLUMNS * stride;
    w += <usize>TILE_COLUMNS * stride;
  }
}

@inline
function storeRow(c: usize, columns: i32, init: usize, low: v128, high: v128): void {
  v128.store(c, init ? f32x4.add(v128.load(init), low) : low);
  if (columns > LANES) v128.store(c, init ? f32x4.add(v128.load(init, 16), high) : high, 16);
}

/** One 6 × 8 tile: c = init + a·b. Of it, `rows` × `columns` are stored. */
function tile6(
  c: usize, // [6, 8] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 5 or 6
  columns: i32, // 4 or 8
  a: usize, // [K][6]
  b: usize, // [K][8]
  K: i32,
  init: usize, // [6, 8] within a matrix, or 0 for zeros
  initStride: usize, // bytes from row to row of init; 0 gives every row the same
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (let end = a + <usize>K * 24; a < end; a += 24, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    const a4 = v128.load_splat<f32>(a, 16);
    c40 = madd(a4, b0, c40);
    c41 = madd(a4, b1, c41);
    const a5 = v128.load_splat<f32>(a, 20);
    c50 = madd(a5, b0, c50);
    c51 = madd(a5, b1, c51);
  }
  storeRow(c, columns, init, c00, c01);
  storeRow(c + cStride, columns, init ? init + initStride : 0, c10, c11);
  storeRow(c + 2 * cStride, columns, init ? init + 2 * initStride : 0, c20, c21);
  storeRow(c + 3 * cStride, columns, init ? init + 3 * initStride : 0, c30, c31);
  storeRow(c + 4 * cStride, columns, init ? init + 4 * initStride : 0, c40, c41);
  if (rows > 5) storeRow(c + 5 * cStride, columns, init ? init + 5 * initStride : 0, c50, c51);
}

/** One 4 × 8 tile: c = init + a·b. Of it, `rows` × `columns` are stored. */
function tile4(
  c: usize, // [4, 8] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 1 to 4
  columns: i32, // 4 or 8
  a: usize, // [K][4]
  b: usize, // [K][8]
  K: i32,
  init: usize, // [4, 8] within a matrix, or 0 for zeros
  initStride: usize, // bytes from row to row of init; 0 gives every row the same
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (let end = a + <usize>K * 16; a < end; a += 16, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
  }
  storeRow(c, columns, init, c00, c01);
  if (rows > 1) storeRow(c + cStride, columns, init ? init + initStride : 0, c10, c11);
  if (rows > 2) storeRow(c + 2 * cStride, columns, init ? init + 2 * initStride : 0, c20, c21);
  if (rows > 3) storeRow(c + 3 * cStride, columns, init ? init + 3 * initStride : 0, c30, c31);
}

/** All tiles of C = init + A·B for packed factors. */
function multiplyPanels(
  c: usize, // [M, N]
  a: usize, // [M/6][K][6]
  b: usize, // [N/8][K][8]
  M: i32,
  N: i32,
  K: i32,
  init: usize,
  initStride: usize,
): void {
  const cStride = <usize>N * F32;
  for (let n = 0; n < N; n += TILE_COLUMNS) {
    const columns = min<i32>(N - n, TILE_COLUMNS);
    let aPanel = a;
    let cTile = c + <usize>n * F32;
    let initTile = init ? init + <usize>n * F32 : 0;
    for (let m = 0; m < M; ) {
      const width = panelRows(M - m);
      const rows = min<i32>(M - m, width);
      if (width == 6) tile6(cTile, cStride, rows, columns, aPanel, b, K, initTile, initStride);
      else tile4(cTile, cStride, rows, columns, aPanel, b, K, initTile, initStride);
      aPanel += <usize>(width * K) * F32;
      cTile += <usize>width * cStride;
      if (init) initTile += <usize>width * initStride;
      m += width;
    }
    b += <usize>(K * TILE_COLUMNS) * F32;
  }
}

/** C = init + A·B for a right factor that {@link packWeights} or {@link packWeightsTransposed} has packed. */
export function multiplyPacked(
  c: usize, // [M, N]
  a: usize, // [M, K]
  b: usize, // [N/8][K][8]
  init: usize, // what the product is added to; 0 for nothing
  initStride: i32, // floats from row to row of init; 0 adds the same row to all
  scratch: usize, // BLOCK_ROWS · K floats
  M: i32,
  N: i32,
  K: i32,
): void {
  const stride = <usize>initStride * F32;
  for (let m = 0; m < M; m += BLOCK_ROWS) {
    const rows = min<i32>(M - m, BLOCK_ROWS);
    packLeft(scratch, a + <usize>m * <usize>K * F32, rows, K);
    const start = init ? init + <usize>m * stride : 0;
    multiplyPanels(c + <usize>m * <usize>N * F32, scratch, b, rows, N, K, start, stride);
  }
}

/** C = Aᵀ·B. */
export function multiplyTransposedLeft(
  c: usize, // [M, N]
  a: usize, // [K, M]
  b: usize, // [K, N]
  scratch: usize, // BLOCK_STEPS · M floats, as many rows of N, rounded up to whole tiles, and beyond a group [M, N]
  M: i32, // a multiple of four
  N: i32, // a multiple of four
  K: i32,
): void {
  const packedB = scratch + <usize>(BLOCK_STEPS * M) * F32;
  const tiles = (N + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const group = K > GROUP_STEPS ? packedB + <usize>(BLOCK_STEPS * tiles * TILE_COLUMNS) * F32 : c;
  const stride = <usize>N * F32;
  if (group != c) clear(c, M * N);
  for (let start = 0; start < K; start += GROUP_STEPS) {
    const end = min<i32>(K, start + GROUP_STEPS);
    for (let k = start; k < end; k += BLOCK_STEPS) {
      const steps = min<i32>(end - k, BLOCK_STEPS);
      packLeftTransposed(scratch, a + <usize>k * <usize>M * F32, M, steps);
      packWeights(packedB, b + <usize>k * stride, steps, N);
      multiplyPanels(group, scratch, packedB, M, N, steps, k > start ? group : 0, stride);
    }
    if (group != c) add(c, group, M * N);
  }
}
