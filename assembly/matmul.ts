import { isPadded, isVector } from "./check";
import { add, clear, F32, LANES, madd } from "./simd";

// Matrix products, all built alike: both factors are first copied into panels, so that the innermost loop reads two
// streams sequentially, and one 6 × 8 tile of the result stays in registers while it runs over the inner dimension.
//
//   left factor    [M, K] → [M/6][K][6]      right factor    [K, N] → [N/8][K][8]
//
// The left factor also has panels of four rows, for 4 × 8 tiles, and of two, for 2 × 24 tiles: see panelRows. The last
// panel is padded, and what its padding gives is not stored. Every element of A·B is one sum in the order of the inner dimension,
// wherever its tile lies and however the product is cut into blocks: the result does not depend on how many rows are
// computed at once. Matrices are row-major and dense; N and the inner dimension of a forward product are multiples of
// four. One row (M = 1) needs no panels: see vector.ts. src/kernels/scratch.ts derives from this how much scratch
// memory each kernel takes.

/** Rows of the left factor that are packed at a time, so that they stay in the second-level cache: whole panels. */
export const BLOCK_ROWS: i32 = 72;
/** Columns of the right factor that are packed at a time where all of the left factor is packed. */
const BLOCK_COLUMNS: i32 = 64;
/** The largest left factor that is packed as a whole: 512 KiB, half of a usual second-level cache. */
const WHOLE_LEFT: i32 = 131072;
/** Inner steps of A·B that are computed at a time: a panel of B then takes half of a first-level cache. */
const SLICE_STEPS: i32 = 512;
/** Inner steps that are packed at a time where the inner dimension is the long one (Aᵀ·B). */
const BLOCK_STEPS: i32 = 256;
/**
 * Inner steps of Aᵀ·B whose sum is computed by itself if there are more: one running sum of all blocks of a million
 * steps would accumulate the rounding errors of thousands of additions.
 */
const GROUP_STEPS: i32 = 64 * BLOCK_STEPS;
export const TILE_COLUMNS: i32 = 8;
/** Columns that lie side by side in weights that single rows are multiplied by. */
export const ROW_COLUMNS: i32 = 48;

/**
 * Rows of the left factor's next panel. With six, twelve sums and three operands take all fifteen registers that V8
 * gives out; a product that is not fused with its addition would need one more, so there it is four. At the end it is
 * six, four or two, so that no more than one row of padding is computed. V8 up to that of Node 22 loads all operands
 * before the first product, runs out of registers with six rows, and is 13 % slower than with four; from Node 24 on it is
 * 20 % faster.
 */
@inline
function panelRows(remaining: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 4;
  return remaining > 4 ? 6 : remaining > 2 ? 4 : 2;
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
  x: usize, // [width, columns] within a matrix
  stride: usize, // bytes from row to row of x
  last: usize, // the last row
  columns: i32, // a multiple of four
  width: i32, // 2, 4, 6 or 8
): void {
  const outStride = <usize>width * F32;
  const x1 = min<usize>(x + stride, last);
  if (width == 2) {
    transposeRows2(out, outStride, x, x1, columns);
    return;
  }
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
  a: usize, // [M, K] within a matrix
  stride: usize, // bytes from row to row of a
  M: i32,
  K: i32, // a multiple of four
): void {
  const last = a + <usize>(M - 1) * stride;
  for (let m = 0; m < M; ) {
    const width = panelRows(M - m);
    packRows(out, a, stride, last, K, width);
    out += <usize>(width * K) * F32;
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
    if (width == 2) {
      for (let k = 0; k < K; k++, from += stride, out += 8) store<u64>(out, load<u64>(from));
    } else if (width == 4) {
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

/**
 * Packs the right factor of a product that is used many times: W [K, N]. With 8 columns side by side it is what tiles read, and
 * single rows can. With 48 it is for single rows alone, which so read it as one stream: groups of 48 columns, then of 32, 16 and 8.
 */
export function packWeights(
  out: usize, // [N/columns][K][columns], padded with zeros up to a multiple of eight
  w: usize, // [K, N]
  K: i32,
  N: i32, // a multiple of four
  columns: i32, // 8 or 48
): void {
  assert(K > 0 && isPadded(N), "packWeights: sizes K, N");
  assert(columns == TILE_COLUMNS || columns == ROW_COLUMNS, "packWeights: columns 8 or 48");
  assert(isVector(out, K, (N + TILE_COLUMNS - 1) / TILE_COLUMNS, TILE_COLUMNS), "packWeights: address of out");
  assert(isVector(w, K, N), "packWeights: address of w [K, N]");
  const stride = <usize>N * F32;
  for (; columns > TILE_COLUMNS; columns -= 16) {
    for (; N >= columns; N -= columns, w += <usize>columns * F32) {
      packGroup(out, w, stride, K, <usize>columns * F32);
      out += <usize>(K * columns) * F32;
    }
  }
  if (N > 0) packRight(out, w, stride, K, N);
}

/** Packs some columns of W side by side. */
function packGroup(
  out: usize, // [K, width]
  w: usize, // [K, width] within a matrix
  stride: usize, // bytes from row to row of w
  K: i32,
  width: usize, // bytes
): void {
  for (const end = out + <usize>K * width; out < end; out += width, w += stride)
    for (let i: usize = 0; i < width; i += 16) v128.store(out + i, v128.load(w + i));
}

/** Packs the right factor B [K, N]. */
function packRight(
  out: usize, // [N/8][K][8], padded with zeros
  w: usize, // [K, N] within a matrix
  stride: usize, // bytes from row to row of w
  K: i32,
  N: i32, // a multiple of four
): void {
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
  packRightTransposed(out, w, <usize>N * F32, K, N);
}

/**
 * The transpose of W [K, 4, K], Wᵀ [4, K, K], without the rows of the last units, which are padding: [4, units, K], and room
 * for as many rows of padding.
 */
export function transposeGates(
  out: usize, // [4, units, K], then K - units rows of scratch
  w: usize, // [K, 4, K]
  K: i32, // a multiple of four
  units: i32,
): void {
  const row = <usize>K * F32;
  const stride = <usize>4 * row;
  for (let gate = 0; gate < 4; gate++, out += <usize>units * row, w += row) {
    for (let k = 0; k < K; k += 4) {
      const from = w + <usize>k * stride;
      const to = out + <usize>k * F32;
      transposeRows4(to, row, from, from + stride, from + 2 * stride, from + 3 * stride, K);
    }
  }
}

/** Packs the transpose of B [N, K] as a right factor. */
function packRightTransposed(
  out: usize, // [N/8][K][8]
  b: usize, // [N, K] within a matrix
  stride: usize, // bytes from row to row of b
  N: i32,
  K: i32, // a multiple of four
): void {
  const last = b + <usize>(N - 1) * stride;
  for (let n = 0; n < N; n += TILE_COLUMNS) {
    packRows(out, b, stride, last, K, TILE_COLUMNS);
    out += <usize>(TILE_COLUMNS * K) * F32;
    b += <usize>TILE_COLUMNS * stride;
  }
}

@inline
function storeRow(c: usize, columns: i32, init: usize, low: v128, high: v128): void {
  v128.store(c, init ? f32x4.add(v128.load(init), low) : low);
  if (columns > LANES) v128.store(c, init ? f32x4.add(v128.load(init, 16), high) : high, 16);
}

/** One 6 × 8 tile: c = init + a·b, or init + (c + a·b) to go on with a sum. Of it, `rows` × `columns` are stored. */
function tile6(
  c: usize, // [6, 8] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 5 or 6
  columns: i32, // 4 or 8
  a: usize, // [K][6]
  b: usize, // [K][8]
  K: i32,
  continues: bool,
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
  if (continues) {
    c00 = v128.load(c);
    if (columns > LANES) c01 = v128.load(c, 16);
    c10 = v128.load(c + cStride);
    if (columns > LANES) c11 = v128.load(c + cStride, 16);
    c20 = v128.load(c + 2 * cStride);
    if (columns > LANES) c21 = v128.load(c + 2 * cStride, 16);
    c30 = v128.load(c + 3 * cStride);
    if (columns > LANES) c31 = v128.load(c + 3 * cStride, 16);
    c40 = v128.load(c + 4 * cStride);
    if (columns > LANES) c41 = v128.load(c + 4 * cStride, 16);
    if (rows > 5) {
      c50 = v128.load(c + 5 * cStride);
      if (columns > LANES) c51 = v128.load(c + 5 * cStride, 16);
    }
  }
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
  if (rows > 5 && columns > LANES) {
    // Most tiles are whole: without questions at every row.
    if (init) {
      c00 = f32x4.add(v128.load(init), c00);
      c01 = f32x4.add(v128.load(init, 16), c01);
      init += initStride;
      c10 = f32x4.add(v128.load(init), c10);
      c11 = f32x4.add(v128.load(init, 16), c11);
      init += initStride;
      c20 = f32x4.add(v128.load(init), c20);
      c21 = f32x4.add(v128.load(init, 16), c21);
      init += initStride;
      c30 = f32x4.add(v128.load(init), c30);
      c31 = f32x4.add(v128.load(init, 16), c31);
      init += initStride;
      c40 = f32x4.add(v128.load(init), c40);
      c41 = f32x4.add(v128.load(init, 16), c41);
      init += initStride;
      c50 = f32x4.add(v128.load(init), c50);
      c51 = f32x4.add(v128.load(init, 16), c51);
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    c += cStride;
    v128.store(c, c10);
    v128.store(c, c11, 16);
    c += cStride;
    v128.store(c, c20);
    v128.store(c, c21, 16);
    c += cStride;
    v128.store(c, c30);
    v128.store(c, c31, 16);
    c += cStride;
    v128.store(c, c40);
    v128.store(c, c41, 16);
    c += cStride;
    v128.store(c, c50);
    v128.store(c, c51, 16);
    return;
  }
  storeRow(c, columns, init, c00, c01);
  storeRow(c + cStride, columns, init ? init + initStride : 0, c10, c11);
  storeRow(c + 2 * cStride, columns, init ? init + 2 * initStride : 0, c20, c21);
  storeRow(c + 3 * cStride, columns, init ? init + 3 * initStride : 0, c30, c31);
  storeRow(c + 4 * cStride, columns, init ? init + 4 * initStride : 0, c40, c41);
  if (rows > 5) storeRow(c + 5 * cStride, columns, init ? init + 5 * initStride : 0, c50, c51);
}

/** One 4 × 8 tile: c = init + a·b, or init + (c + a·b) to go on with a sum. Of it, `rows` × `columns` are stored. */
function tile4(
  c: usize, // [4, 8] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 1 to 4
  columns: i32, // 4 or 8
  a: usize, // [K][4]
  b: usize, // [K][8]
  K: i32,
  continues: bool,
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
  if (continues) {
    c00 = v128.load(c);
    if (columns > LANES) c01 = v128.load(c, 16);
    if (rows > 1) {
      c10 = v128.load(c + cStride);
      if (columns > LANES) c11 = v128.load(c + cStride, 16);
    }
    if (rows > 2) {
      c20 = v128.load(c + 2 * cStride);
      if (columns > LANES) c21 = v128.load(c + 2 * cStride, 16);
    }
    if (rows > 3) {
      c30 = v128.load(c + 3 * cStride);
      if (columns > LANES) c31 = v128.load(c + 3 * cStride, 16);
    }
  }
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

/** {@link tile6} for two rows and three panels of b: as many sums, as few loads. */
function tile2x24(
  c: usize, // [2, 24] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 1 or 2
  columns: i32, // 20 or 24
  a: usize, // [K][2]
  b: usize, // [K][8], and so on
  bStride: usize, // bytes from panel to panel of b
  K: i32,
  continues: bool,
  init: usize, // [2, 24] within a matrix, or 0 for zeros
  initStride: usize, // bytes from row to row of init; 0 gives every row the same
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c04 = f32x4.splat(0);
  let c05 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  let c14 = f32x4.splat(0);
  let c15 = f32x4.splat(0);
  if (continues) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c02 = v128.load(c, 32);
    c03 = v128.load(c, 48);
    c04 = v128.load(c, 64);
    if (columns > 20) c05 = v128.load(c, 80);
    if (rows > 1) {
      c10 = v128.load(c + cStride);
      c11 = v128.load(c + cStride, 16);
      c12 = v128.load(c + cStride, 32);
      c13 = v128.load(c + cStride, 48);
      c14 = v128.load(c + cStride, 64);
      if (columns > 20) c15 = v128.load(c + cStride, 80);
    }
  }
  let d = b + bStride;
  let e = d + bStride;
  for (let end = a + <usize>K * 8; a < end; a += 8, b += 32, d += 32, e += 32) {
    const a0 = v128.load_splat<f32>(a);
    const a1 = v128.load_splat<f32>(a, 4);
    const b0 = v128.load(b);
    c00 = madd(a0, b0, c00);
    c10 = madd(a1, b0, c10);
    const b1 = v128.load(b, 16);
    c01 = madd(a0, b1, c01);
    c11 = madd(a1, b1, c11);
    const b2 = v128.load(d);
    c02 = madd(a0, b2, c02);
    c12 = madd(a1, b2, c12);
    const b3 = v128.load(d, 16);
    c03 = madd(a0, b3, c03);
    c13 = madd(a1, b3, c13);
    const b4 = v128.load(e);
    c04 = madd(a0, b4, c04);
    c14 = madd(a1, b4, c14);
    const b5 = v128.load(e, 16);
    c05 = madd(a0, b5, c05);
    c15 = madd(a1, b5, c15);
  }
  storeRow(c, 8, init, c00, c01);
  storeRow(c + 32, 8, init ? init + 32 : 0, c02, c03);
  storeRow(c + 64, columns - 16, init ? init + 64 : 0, c04, c05);
  if (rows < 2) return;
  c += cStride;
  if (init) init += initStride;
  storeRow(c, 8, init, c10, c11);
  storeRow(c + 32, 8, init ? init + 32 : 0, c12, c13);
  storeRow(c + 64, columns - 16, init ? init + 64 : 0, c14, c15);
}

/** {@link tile6} for two rows and two panels of b. */
function tile2x16(
  c: usize, // [2, 16] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 1 or 2
  columns: i32, // 12 or 16
  a: usize, // [K][2]
  b: usize, // [K][8], and so on
  bStride: usize, // bytes from panel to panel of b
  K: i32,
  continues: bool,
  init: usize, // [2, 16] within a matrix, or 0 for zeros
  initStride: usize, // bytes from row to row of init; 0 gives every row the same
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  if (continues) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c02 = v128.load(c, 32);
    if (columns > 12) c03 = v128.load(c, 48);
    if (rows > 1) {
      c10 = v128.load(c + cStride);
      c11 = v128.load(c + cStride, 16);
      c12 = v128.load(c + cStride, 32);
      if (columns > 12) c13 = v128.load(c + cStride, 48);
    }
  }
  let d = b + bStride;
  for (let end = a + <usize>K * 8; a < end; a += 8, b += 32, d += 32) {
    const a0 = v128.load_splat<f32>(a);
    const a1 = v128.load_splat<f32>(a, 4);
    const b0 = v128.load(b);
    c00 = madd(a0, b0, c00);
    c10 = madd(a1, b0, c10);
    const b1 = v128.load(b, 16);
    c01 = madd(a0, b1, c01);
    c11 = madd(a1, b1, c11);
    const b2 = v128.load(d);
    c02 = madd(a0, b2, c02);
    c12 = madd(a1, b2, c12);
    const b3 = v128.load(d, 16);
    c03 = madd(a0, b3, c03);
    c13 = madd(a1, b3, c13);
  }
  storeRow(c, 8, init, c00, c01);
  storeRow(c + 32, columns - 8, init ? init + 32 : 0, c02, c03);
  if (rows < 2) return;
  c += cStride;
  if (init) init += initStride;
  storeRow(c, 8, init, c10, c11);
  storeRow(c + 32, columns - 8, init ? init + 32 : 0, c12, c13);
}

/** {@link tile6} for two rows and one panel of b. */
function tile2x8(
  c: usize, // [2, 8] within a matrix
  cStride: usize, // bytes from row to row of c
  rows: i32, // 1 or 2
  columns: i32, // 4 or 8
  a: usize, // [K][2]
  b: usize, // [K][8], and so on
  bStride: usize, // bytes from panel to panel of b
  K: i32,
  continues: bool,
  init: usize, // [2, 8] within a matrix, or 0 for zeros
  initStride: usize, // bytes from row to row of init; 0 gives every row the same
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  if (continues) {
    c00 = v128.load(c);
    if (columns > 4) c01 = v128.load(c, 16);
    if (rows > 1) {
      c10 = v128.load(c + cStride);
      if (columns > 4) c11 = v128.load(c + cStride, 16);
    }
  }
  for (let end = a + <usize>K * 8; a < end; a += 8, b += 32) {
    const a0 = v128.load_splat<f32>(a);
    const a1 = v128.load_splat<f32>(a, 4);
    const b0 = v128.load(b);
    c00 = madd(a0, b0, c00);
    c10 = madd(a1, b0, c10);
    const b1 = v128.load(b, 16);
    c01 = madd(a0, b1, c01);
    c11 = madd(a1, b1, c11);
  }
  storeRow(c, columns, init, c00, c01);
  if (rows < 2) return;
  c += cStride;
  if (init) init += initStride;
  storeRow(c, columns, init, c10, c11);
}

/**
 * Panels of the right factor whose tiles are computed one after another: three or, at the end, two make a tile of two rows;
 * with one it would wait for its own sums.
 */
@inline
function groupPanels(remaining: i32): i32 {
  return remaining == 4 ? 2 : min<i32>(remaining, 3);
}

/** All tiles of C = init + A·B for packed factors, or init + (C + A·B) to go on with a sum. */
function multiplyPanels(
  c: usize, // [M, N] within a matrix
  cStride: usize, // bytes from row to row of c
  a: usize, // [M/6][K][6]
  b: usize, // [N/8][K][8]
  M: i32,
  N: i32,
  K: i32,
  slice: i32, // inner steps that are computed at a time; all of them if init is c
  continues: bool,
  init: usize,
  initStride: usize,
): void {
  const bStride = <usize>(K * TILE_COLUMNS) * F32;
  for (let n = 0; n < N; ) {
    const panels = groupPanels((N - n + TILE_COLUMNS - 1) / TILE_COLUMNS);
    const columns = min<i32>(N - n, panels * TILE_COLUMNS);
    const cGroup = c + <usize>n * F32;
    for (let k = 0; k < K; k += slice) {
      const steps = min<i32>(K - k, slice);
      const goesOn = continues || k > 0;
      const initGroup = init != 0 && k + steps == K ? init + <usize>n * F32 : 0;
      const bSlice = b + <usize>(k * TILE_COLUMNS) * F32;
      multiplyGroup(cGroup, cStride, a, bSlice, bStride, M, columns, K, k, steps, goesOn, initGroup, initStride);
    }
    b += <usize>panels * bStride;
    n += columns;
  }
}

/** The tiles of a group of the right factor's panels. */
function multiplyGroup(
  c: usize, // [M, N] within a matrix
  cStride: usize, // bytes from row to row of c
  a: usize, // [M/6][K][6]
  b: usize, // [N/8][steps][8]
  bStride: usize, // bytes from panel to panel of b
  M: i32,
  N: i32, // at most three panels
  K: i32,
  k: i32, // the inner step to begin with
  steps: i32,
  continues: bool,
  init: usize,
  initStride: usize,
): void {
  for (let n = 0; n < N; n += TILE_COLUMNS) {
    const columns = min<i32>(N - n, TILE_COLUMNS);
    const bPanel = b + <usize>(n / TILE_COLUMNS) * bStride;
    let aPanel = a;
    let cTile = c + <usize>n * F32;
    let initTile = init ? init + <usize>n * F32 : 0;
    for (let m = 0; m < M; ) {
      const width = panelRows(M - m);
      if (width == 2) break;
      const rows = min<i32>(M - m, width);
      const aSlice = aPanel + <usize>(width * k) * F32;
      if (width == 6) tile6(cTile, cStride, rows, columns, aSlice, bPanel, steps, continues, initTile, initStride);
      else tile4(cTile, cStride, rows, columns, aSlice, bPanel, steps, continues, initTile, initStride);
      aPanel += <usize>(width * K) * F32;
      cTile += <usize>width * cStride;
      if (init) initTile += <usize>width * initStride;
      m += width;
    }
  }
  if (!ASC_FEATURE_RELAXED_SIMD) return;
  const rest = M % 6;
  if (rest != 1 && rest != 2) return;
  const m = <usize>(M - rest);
  const aSlice = a + (m * <usize>K + <usize>(2 * k)) * F32;
  c += m * cStride;
  if (init) init += m * initStride;
  if (N > 2 * TILE_COLUMNS) tile2x24(c, cStride, rest, N, aSlice, b, bStride, steps, continues, init, initStride);
  else if (N > TILE_COLUMNS) tile2x16(c, cStride, rest, N, aSlice, b, bStride, steps, continues, init, initStride);
  else tile2x8(c, cStride, rest, N, aSlice, b, bStride, steps, continues, init, initStride);
}

/** C = init + A·B for a right factor that {@link packWeights} or {@link packWeightsTransposed} has packed. */
export function multiplyPacked(
  c: usize, // [M, N]
  a: usize, // [M, K]
  b: usize, // [N/8][K][8]
  init: usize, // what the product is added to, and may be c; 0 for nothing
  initStride: i32, // floats from row to row of init; 0 adds the same row to all
  scratch: usize, // BLOCK_ROWS · K floats
  M: i32,
  N: i32,
  K: i32,
): void {
  const aStride = <usize>K * F32;
  const cStride = <usize>N * F32;
  const stride = <usize>initStride * F32;
  const slice = init == c ? K : SLICE_STEPS;
  for (let m = 0; m < M; m += BLOCK_ROWS) {
    const rows = min<i32>(M - m, BLOCK_ROWS);
    packLeft(scratch, a + <usize>m * aStride, aStride, rows, K);
    const start = init ? init + <usize>m * stride : 0;
    multiplyPanels(c + <usize>m * cStride, cStride, scratch, b, rows, N, K, slice, false, start, stride);
  }
}

/** C = A·B + b, b one row. */
export function multiply(
  c: usize, // [M, N]
  a: usize, // [M, K]
  w: usize, // [K, N]
  b: usize, // [N]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  if (N <= BLOCK_COLUMNS || <f64>M * <f64>K > WHOLE_LEFT) {
    multiplySlices(c, a, w, false, b, scratch, M, N, K);
    return;
  }
  const aStride = <usize>K * F32;
  const stride = <usize>N * F32;
  const right = scratch + <usize>((M + 3) & ~3) * aStride;
  packLeft(scratch, a, aStride, M, K);
  for (let n = 0; n < N; n += BLOCK_COLUMNS) {
    const columns = min<i32>(N - n, BLOCK_COLUMNS);
    const at = <usize>n * F32;
    packRight(right, w + at, stride, K, columns);
    multiplyPanels(c + at, stride, scratch, right, M, columns, K, SLICE_STEPS, false, b + at, 0);
  }
}

/** C = A·Wᵀ. */
export function multiplyTransposedRight(
  c: usize, // [M, N]
  a: usize, // [M, K]
  w: usize, // [N, K]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  multiplySlices(c, a, w, true, 0, scratch, M, N, K);
}

/** C = A·W + b, or C = A·Wᵀ + b, with a slice of W after another packed. */
function multiplySlices(
  c: usize, // [M, N]
  a: usize, // [M, K]
  w: usize, // [K, N], or transposed [N, K]
  isTransposed: bool,
  b: usize, // [N], or 0
  scratch: usize, // BLOCK_ROWS and N, rounded up to whole tiles, times as many floats as there are steps in a slice
  M: i32,
  N: i32,
  K: i32,
): void {
  const aStride = <usize>K * F32;
  const stride = <usize>N * F32;
  const right = scratch + <usize>(BLOCK_ROWS * min<i32>(K, SLICE_STEPS)) * F32;
  for (let k = 0; k < K; k += SLICE_STEPS) {
    const steps = min<i32>(K - k, SLICE_STEPS);
    const at = <usize>k * F32;
    if (isTransposed) packRightTransposed(right, w + at, aStride, N, steps);
    else packRight(right, w + <usize>k * stride, stride, steps, N);
    const init = k + steps == K ? b : 0;
    for (let m = 0; m < M; m += BLOCK_ROWS) {
      const rows = min<i32>(M - m, BLOCK_ROWS);
      packLeft(scratch, a + <usize>m * aStride + at, aStride, rows, steps);
      multiplyPanels(c + <usize>m * stride, stride, scratch, right, rows, N, steps, steps, k > 0, init, 0);
    }
  }
}

/** C = Aᵀ·B. */
export function multiplyTransposedLeft(
  c: usize, // [M, N]
  a: usize, // [K, M]
  b: usize, // [K, N]
  scratch: usize, // BLOCK_STEPS times M and up to BLOCK_COLUMNS floats, and beyond a group [M, N]
  M: i32, // a multiple of four
  N: i32, // a multiple of four
  K: i32,
): void {
  const right = scratch + <usize>(BLOCK_STEPS * M) * F32;
  const tiles = (min<i32>(N, BLOCK_COLUMNS) + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const group = K > GROUP_STEPS ? right + <usize>(BLOCK_STEPS * tiles * TILE_COLUMNS) * F32 : c;
  const stride = <usize>N * F32;
  if (group != c) clear(c, M * N);
  for (let start = 0; start < K; start += GROUP_STEPS) {
    const end = min<i32>(K, start + GROUP_STEPS);
    for (let k = start; k < end; k += BLOCK_STEPS) {
      const steps = min<i32>(end - k, BLOCK_STEPS);
      packLeftTransposed(scratch, a + <usize>k * <usize>M * F32, M, steps);
      for (let n = 0; n < N; n += BLOCK_COLUMNS) {
        const columns = min<i32>(N - n, BLOCK_COLUMNS);
        const at = <usize>n * F32;
        packRight(right, b + <usize>k * stride + at, stride, steps, columns);
        const init = k > start ? group + at : 0;
        multiplyPanels(group + at, stride, scratch, right, M, columns, steps, steps, false, init, stride);
      }
    }
    if (group != c) add(c, group, M * N);
  }
}
