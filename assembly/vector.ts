import { ROW_COLUMNS } from "./matmul";
import { F32, madd, sumLanes4 } from "./simd";

// Products of a matrix with one row or one column, the matrix read once where it lies: in training, packing it for a single
// sequence would cost as much as it saves. Where weights stay as they are from step to step, they may be packed.

/** Bytes of a matrix that fits into a second-level cache; a larger one is best read sequentially. */
const LARGE: usize = 512 * 1024;

/** y = init + x·W, one row. Either way, each product is one sum in the order of the rows, and then added to init. */
export function multiplyRow(
  y: usize, // [N]
  x: usize, // [K]
  w: usize, // [K, N]
  init: usize, // [N], may be y
  scratch: usize, // [N]
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  multiplyColumns(y, x, w, init, scratch, N, <usize>N * F32, K);
}

/** {@link multiplyRow} for some columns of W. */
export function multiplyColumns(
  y: usize, // [n]
  x: usize, // [K]
  w: usize, // [K, n] within a matrix
  init: usize, // [n], may be y
  scratch: usize, // [n]
  n: i32, // a multiple of four
  stride: usize, // bytes from row to row of W
  K: i32, // a multiple of four
): void {
  const width = <usize>n * F32;
  if (<usize>K * stride > LARGE) {
    multiplyRowInOrder(y, x, w, init, scratch, width, stride, K);
    return;
  }
  let xEnd = x + <usize>K * F32;
  // The padding of a hidden state is 0.
  while (xEnd > x && load<f32>(xEnd - F32) == 0) xEnd -= F32;
  const end = y + width;
  // 16 columns alone would wait for one another; 48 leave none of them.
  if ((width & 127) == 64 && width >= 192) {
    multiplyRow48(y, x, xEnd, w, stride, init);
    y += 192;
    init += 192;
    w += 192;
  }
  for (; y + 128 <= end; y += 128, init += 128, w += 128) multiplyRow32(y, x, xEnd, w, stride, init);
  for (; y + 64 <= end; y += 64, init += 64, w += 64) multiplyRow16(y, x, xEnd, w, stride, init);
  for (; y < end; y += 16, init += 16, w += 16) {
    let sum = f32x4.splat(0);
    for (let xk = x, wk = w; xk < xEnd; xk += 4, wk += stride) sum = madd(v128.load_splat<f32>(xk), v128.load(wk), sum);
    v128.store(y, f32x4.add(v128.load(init), sum));
  }
}

/** {@link multiplyColumns}, four rows of W at a time, their sums in memory. */
function multiplyRowInOrder(
  y: usize,
  x: usize,
  w: usize,
  init: usize,
  sums: usize,
  width: usize,
  stride: usize,
  K: i32,
): void {
  memory.fill(sums, 0, width);
  for (const end = x + <usize>K * F32; x < end; x += 16, w += 4 * stride) {
    const x0 = v128.load_splat<f32>(x);
    const x1 = v128.load_splat<f32>(x, 4);
    const x2 = v128.load_splat<f32>(x, 8);
    const x3 = v128.load_splat<f32>(x, 12);
    for (let i: usize = 0; i < width; i += 16) {
      const row = w + i;
      const two = madd(x1, v128.load(row + stride), madd(x0, v128.load(row), v128.load(sums + i)));
      v128.store(sums + i, madd(x3, v128.load(row + 3 * stride), madd(x2, v128.load(row + 2 * stride), two)));
    }
  }
  for (let i: usize = 0; i < width; i += 16) v128.store(y + i, f32x4.add(v128.load(init + i), v128.load(sums + i)));
}

/** 48 columns of {@link multiplyRow}, held in twelve registers. */
function multiplyRow48(y: usize, x: usize, xEnd: usize, w: usize, stride: usize, init: usize): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  let y7 = f32x4.splat(0);
  let y8 = f32x4.splat(0);
  let y9 = f32x4.splat(0);
  let ya = f32x4.splat(0);
  let yb = f32x4.splat(0);
  for (; x < xEnd; x += 4, w += stride) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w), y0);
    y1 = madd(k, v128.load(w, 16), y1);
    y2 = madd(k, v128.load(w, 32), y2);
    y3 = madd(k, v128.load(w, 48), y3);
    y4 = madd(k, v128.load(w, 64), y4);
    y5 = madd(k, v128.load(w, 80), y5);
    y6 = madd(k, v128.load(w, 96), y6);
    y7 = madd(k, v128.load(w, 112), y7);
    y8 = madd(k, v128.load(w, 128), y8);
    y9 = madd(k, v128.load(w, 144), y9);
    ya = madd(k, v128.load(w, 160), ya);
    yb = madd(k, v128.load(w, 176), yb);
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
  v128.store(y, f32x4.add(v128.load(init, 32), y2), 32);
  v128.store(y, f32x4.add(v128.load(init, 48), y3), 48);
  v128.store(y, f32x4.add(v128.load(init, 64), y4), 64);
  v128.store(y, f32x4.add(v128.load(init, 80), y5), 80);
  v128.store(y, f32x4.add(v128.load(init, 96), y6), 96);
  v128.store(y, f32x4.add(v128.load(init, 112), y7), 112);
  v128.store(y, f32x4.add(v128.load(init, 128), y8), 128);
  v128.store(y, f32x4.add(v128.load(init, 144), y9), 144);
  v128.store(y, f32x4.add(v128.load(init, 160), ya), 160);
  v128.store(y, f32x4.add(v128.load(init, 176), yb), 176);
}

/** 32 columns of {@link multiplyRow}, held in eight registers. */
function multiplyRow32(y: usize, x: usize, xEnd: usize, w: usize, stride: usize, init: usize): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  let y7 = f32x4.splat(0);
  for (; x < xEnd; x += 4, w += stride) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w), y0);
    y1 = madd(k, v128.load(w, 16), y1);
    y2 = madd(k, v128.load(w, 32), y2);
    y3 = madd(k, v128.load(w, 48), y3);
    y4 = madd(k, v128.load(w, 64), y4);
    y5 = madd(k, v128.load(w, 80), y5);
    y6 = madd(k, v128.load(w, 96), y6);
    y7 = madd(k, v128.load(w, 112), y7);
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
  v128.store(y, f32x4.add(v128.load(init, 32), y2), 32);
  v128.store(y, f32x4.add(v128.load(init, 48), y3), 48);
  v128.store(y, f32x4.add(v128.load(init, 64), y4), 64);
  v128.store(y, f32x4.add(v128.load(init, 80), y5), 80);
  v128.store(y, f32x4.add(v128.load(init, 96), y6), 96);
  v128.store(y, f32x4.add(v128.load(init, 112), y7), 112);
}

/** 16 columns of {@link multiplyRow}; two inner steps at a time keep eight sums in flight. */
function multiplyRow16(y: usize, x: usize, xEnd: usize, w: usize, stride: usize, init: usize): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  for (; x < xEnd; x += 4, w += stride) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w), y0);
    y1 = madd(k, v128.load(w, 16), y1);
    y2 = madd(k, v128.load(w, 32), y2);
    y3 = madd(k, v128.load(w, 48), y3);
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
  v128.store(y, f32x4.add(v128.load(init, 32), y2), 32);
  v128.store(y, f32x4.add(v128.load(init, 48), y3), 48);
}

/**
 * {@link multiplyRow} for weights as packWeights has them, to the bit. What is read from end to end the processor prefetches
 * better than rows of which a few columns are read at a time.
 */
export function multiplyRowPacked(
  y: usize, // [N]
  x: usize, // [K]
  w: usize, // [N/columns][K][columns]
  init: usize, // [N], may be y
  N: i32, // a multiple of four
  K: i32,
  columns: i32,
): void {
  if (columns == ROW_COLUMNS) multiplyRowGroups(y, x, w, init, N, K);
  else multiplyRowPanels(y, x, w, init, N, K);
}

/** {@link multiplyRowPacked} for groups of 48, 32, 16 and 8 columns, one after another. */
function multiplyRowGroups(y: usize, x: usize, w: usize, init: usize, N: i32, K: i32): void {
  const xEnd = x + <usize>K * F32;
  for (; N >= 48; N -= 48, y += 192, init += 192, w += <usize>K * 192) multiplyRow48(y, x, xEnd, w, 192, init);
  if (N >= 32) {
    multiplyRow32(y, x, xEnd, w, 128, init);
    N -= 32;
    y += 128;
    init += 128;
    w += <usize>K * 128;
  }
  if (N >= 16) {
    multiplyRow16(y, x, xEnd, w, 64, init);
    N -= 16;
    y += 64;
    init += 64;
    w += <usize>K * 64;
  }
  if (N >= 8) {
    multiplyPanel(y, x, xEnd, w, init, true);
    N -= 8;
    y += 32;
    init += 32;
    w += <usize>K * 32;
  }
  if (N > 0) multiplyPanel(y, x, xEnd, w, init, false);
}

/** {@link multiplyRowPacked} for panels of eight columns, six or four of them side by side. */
function multiplyRowPanels(y: usize, x: usize, w: usize, init: usize, N: i32, K: i32): void {
  const xEnd = x + <usize>K * F32;
  const bytes = <usize>K * 32;
  let panels = N >> 3;
  while (panels >= 4) {
    // Fewer than four would wait for one another.
    const count = panels >= 6 && panels != 8 ? 6 : 4;
    if (count == 6) multiplyPanels6(y, x, xEnd, w, bytes, init);
    else multiplyPanels4(y, x, xEnd, w, bytes, init);
    panels -= count;
    y += <usize>count * 32;
    init += <usize>count * 32;
    w += <usize>count * bytes;
  }
  for (; panels > 0; panels--, y += 32, init += 32, w += bytes) multiplyPanel(y, x, xEnd, w, init, true);
  if (N & 4) multiplyPanel(y, x, xEnd, w, init, false);
}

/** Six of these panels, `bytes` apart. */
function multiplyPanels6(y: usize, x: usize, xEnd: usize, w0: usize, bytes: usize, init: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  let w4 = w3 + bytes;
  let w5 = w4 + bytes;
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  let y7 = f32x4.splat(0);
  let y8 = f32x4.splat(0);
  let y9 = f32x4.splat(0);
  let ya = f32x4.splat(0);
  let yb = f32x4.splat(0);
  for (; x < xEnd; x += 4) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w0), y0);
    y1 = madd(k, v128.load(w0, 16), y1);
    y2 = madd(k, v128.load(w1), y2);
    y3 = madd(k, v128.load(w1, 16), y3);
    y4 = madd(k, v128.load(w2), y4);
    y5 = madd(k, v128.load(w2, 16), y5);
    y6 = madd(k, v128.load(w3), y6);
    y7 = madd(k, v128.load(w3, 16), y7);
    y8 = madd(k, v128.load(w4), y8);
    y9 = madd(k, v128.load(w4, 16), y9);
    ya = madd(k, v128.load(w5), ya);
    yb = madd(k, v128.load(w5, 16), yb);
    w0 += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
    w4 += 32;
    w5 += 32;
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
  v128.store(y, f32x4.add(v128.load(init, 32), y2), 32);
  v128.store(y, f32x4.add(v128.load(init, 48), y3), 48);
  v128.store(y, f32x4.add(v128.load(init, 64), y4), 64);
  v128.store(y, f32x4.add(v128.load(init, 80), y5), 80);
  v128.store(y, f32x4.add(v128.load(init, 96), y6), 96);
  v128.store(y, f32x4.add(v128.load(init, 112), y7), 112);
  v128.store(y, f32x4.add(v128.load(init, 128), y8), 128);
  v128.store(y, f32x4.add(v128.load(init, 144), y9), 144);
  v128.store(y, f32x4.add(v128.load(init, 160), ya), 160);
  v128.store(y, f32x4.add(v128.load(init, 176), yb), 176);
}

/** Four of these panels. */
function multiplyPanels4(y: usize, x: usize, xEnd: usize, w0: usize, bytes: usize, init: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  let y7 = f32x4.splat(0);
  for (; x < xEnd; x += 4) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w0), y0);
    y1 = madd(k, v128.load(w0, 16), y1);
    y2 = madd(k, v128.load(w1), y2);
    y3 = madd(k, v128.load(w1, 16), y3);
    y4 = madd(k, v128.load(w2), y4);
    y5 = madd(k, v128.load(w2, 16), y5);
    y6 = madd(k, v128.load(w3), y6);
    y7 = madd(k, v128.load(w3, 16), y7);
    w0 += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
  v128.store(y, f32x4.add(v128.load(init, 32), y2), 32);
  v128.store(y, f32x4.add(v128.load(init, 48), y3), 48);
  v128.store(y, f32x4.add(v128.load(init, 64), y4), 64);
  v128.store(y, f32x4.add(v128.load(init, 80), y5), 80);
  v128.store(y, f32x4.add(v128.load(init, 96), y6), 96);
  v128.store(y, f32x4.add(v128.load(init, 112), y7), 112);
}

/** One panel of {@link multiplyRowPacked}, or half of it. */
function multiplyPanel(y: usize, x: usize, xEnd: usize, w: usize, init: usize, isWhole: bool): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  for (; x < xEnd; x += 4, w += 32) {
    const k = v128.load_splat<f32>(x);
    y0 = madd(k, v128.load(w), y0);
    y1 = madd(k, v128.load(w, 16), y1);
  }
  v128.store(y, f32x4.add(v128.load(init), y0));
  if (isWhole) v128.store(y, f32x4.add(v128.load(init, 16), y1), 16);
}

/** Numbers of units whose sums all fit into registers, and are enough not to wait for one another. */
@inline
export function isTransposable(H: i32): bool {
  return H == 28 || H == 32;
}

/** y = W·x for W [H, 4, H] that transposeGates has transposed. */
export function multiplyTransposed(
  y: usize, // [H]
  w: usize, // [4, units, H]
  x: usize, // [4, H]
  H: i32, // 28 or 32
  units: i32,
): void {
  if (H == 28) multiplyTransposed28(y, x, w, units);
  else multiplyTransposed32(y, x, w, units);
}

/** {@link multiplyTransposed} for 28 units. */
function multiplyTransposed28(y: usize, x: usize, w: usize, units: i32): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  for (let gate = 0; gate < 4; gate++, x += 112) {
    for (let at = x, end = x + <usize>units * F32; at < end; at += 4, w += 112) {
      const k = v128.load_splat<f32>(at);
      y0 = madd(k, v128.load(w), y0);
      y1 = madd(k, v128.load(w, 16), y1);
      y2 = madd(k, v128.load(w, 32), y2);
      y3 = madd(k, v128.load(w, 48), y3);
      y4 = madd(k, v128.load(w, 64), y4);
      y5 = madd(k, v128.load(w, 80), y5);
      y6 = madd(k, v128.load(w, 96), y6);
    }
  }
  v128.store(y, y0);
  v128.store(y, y1, 16);
  v128.store(y, y2, 32);
  v128.store(y, y3, 48);
  v128.store(y, y4, 64);
  v128.store(y, y5, 80);
  v128.store(y, y6, 96);
}

/** {@link multiplyTransposed} for 32 units. */
function multiplyTransposed32(y: usize, x: usize, w: usize, units: i32): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  let y2 = f32x4.splat(0);
  let y3 = f32x4.splat(0);
  let y4 = f32x4.splat(0);
  let y5 = f32x4.splat(0);
  let y6 = f32x4.splat(0);
  let y7 = f32x4.splat(0);
  for (let gate = 0; gate < 4; gate++, x += 128) {
    for (let at = x, end = x + <usize>units * F32; at < end; at += 4, w += 128) {
      const k = v128.load_splat<f32>(at);
      y0 = madd(k, v128.load(w), y0);
      y1 = madd(k, v128.load(w, 16), y1);
      y2 = madd(k, v128.load(w, 32), y2);
      y3 = madd(k, v128.load(w, 48), y3);
      y4 = madd(k, v128.load(w, 64), y4);
      y5 = madd(k, v128.load(w, 80), y5);
      y6 = madd(k, v128.load(w, 96), y6);
      y7 = madd(k, v128.load(w, 112), y7);
    }
  }
  v128.store(y, y0);
  v128.store(y, y1, 16);
  v128.store(y, y2, 32);
  v128.store(y, y3, 48);
  v128.store(y, y4, 64);
  v128.store(y, y5, 80);
  v128.store(y, y6, 96);
  v128.store(y, y7, 112);
}

/** y = W·x: one dot product for each row of W, four rows at a time. */
export function multiplyColumn(
  y: usize, // [N]
  w: usize, // [N, K]
  x: usize, // [K]
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  const stride = <usize>K * F32;
  for (const end = y + <usize>N * F32; y < end; y += 16, w += 4 * stride) v128.store(y, dotRows4(w, x, stride));
}

/** Four dot products; two sums for each row hide the latency of the addition. */
function dotRows4(w0: usize, x: usize, stride: usize): v128 {
  let w1 = w0 + stride;
  let w2 = w1 + stride;
  let w3 = w2 + stride;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  const end = w0 + stride;
  for (; w0 + 32 <= end; w0 += 32, w1 += 32, w2 += 32, w3 += 32, x += 32) {
    const x0 = v128.load(x);
    a0 = madd(v128.load(w0), x0, a0);
    a1 = madd(v128.load(w1), x0, a1);
    a2 = madd(v128.load(w2), x0, a2);
    a3 = madd(v128.load(w3), x0, a3);
    const x1 = v128.load(x, 16);
    b0 = madd(v128.load(w0, 16), x1, b0);
    b1 = madd(v128.load(w1, 16), x1, b1);
    b2 = madd(v128.load(w2, 16), x1, b2);
    b3 = madd(v128.load(w3, 16), x1, b3);
  }
  if (w0 < end) {
    const x0 = v128.load(x);
    a0 = madd(v128.load(w0), x0, a0);
    a1 = madd(v128.load(w1), x0, a1);
    a2 = madd(v128.load(w2), x0, a2);
    a3 = madd(v128.load(w3), x0, a3);
  }
  return sumLanes4(f32x4.add(a0, b0), f32x4.add(a1, b1), f32x4.add(a2, b2), f32x4.add(a3, b3));
}

/** C = x·yᵀ. */
export function outerProduct(
  c: usize, // [M, N]
  x: usize, // [M]
  y: usize, // [N]
  M: i32,
  N: i32, // a multiple of four
): void {
  const stride = <usize>N * F32;
  for (const end = x + <usize>M * F32; x < end; x += 4, c += stride) {
    const factor = v128.load_splat<f32>(x);
    for (let i: usize = 0; i < stride; i += 16) v128.store(c + i, f32x4.mul(factor, v128.load(y + i)));
  }
}
