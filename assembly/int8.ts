import { isArray, isPadded, isVector } from "./check";
import { cellForward, rowsAt } from "./lstm";
import { F32 } from "./simd";

// The forward pass of a network whose weights are bytes: a module of its own, with the names and arguments of
// src/kernels/kernels.ts. TypeScript lays the weights out (src/network/int8.ts).
//
// A weight is w · scale, w from −127 to 127, with one scale per output. An activation x of a row is q · s: s is the row's
// largest magnitude over 63, q = round(x / s), kept as u = q + 64, which has seven bits. So
//
//   Σ w·x = scale · s · (Σ w·u − 64·Σ w)
//
// is a sum of integers but for two products. With seven bits nothing saturates: two products fit into 16 bits, so the
// relaxed instruction gives the same integers on every processor, and so does integer SIMD. What remains is rounded as
// IEEE 754 says, in one order, without fused products, in both builds and in JavaScript: they agree to the bit.
//
// What comes from outside (the first layer's vectors) can be of any range: its q has fourteen bits, round(x / s) with
// s = largest / 8191, kept as two digits of seven, q + 8192 = 128·high + low, which are two rows of activations.
//
// A matrix [K, N] in memory, K' being K rounded up to a multiple of 16:
//
//   digits (i32), 12 bytes │ scales [N] f32 │ 64·Σ w [N] i32 │ weights [N / 4, K' / 16, 4, 16] i8, 0 beyond K

/** KERNEL_ABI of src/kernels/kernels.ts, as in index.ts. */
export const abi_1: bool = true;

export { crossEntropy, softmax, squaredError } from "./loss";
export { clear, copyRows } from "./simd";

/** Rows that are rounded, then multiplied by all weights, at a time. */
const ROWS: i32 = 32;
/** Weights of an output that lie together. */
const GROUP: usize = 16;
/** Bytes of an activation: integer SIMD multiplies numbers of 16 bits. */
const ACTIVATION: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;
const HEADER: usize = 16;

/** The largest q. */
const LEVELS: f32 = 63;
const FINE_LEVELS: f32 = 8191;
/** Adding 1.5 · 2²³ rounds to the nearest integer, ties to even, and leaves that integer in the low bits of the sum. */
const MAGIC: f32 = 12582912;
/** What is smaller counts as this: a quotient by it does not overflow. */
const LEAST: f32 = 7.888609052210118e-31; // 2⁻¹⁰⁰

/** y = x·W + b. */
export function linearForward(
  y: usize, // [M, N]
  x: usize, // [M, K]
  w: usize, // [K, N] as above
  b: usize, // [N]
  scratch: usize, // as src/kernels/scratch.ts has it
  M: i32,
  N: i32, // a multiple of four
  K: i32, // a multiple of four
): void {
  assert(M > 0 && isPadded(N) && isPadded(K), "linearForward: sizes M, N, K");
  assert(isVector(y, M, N) && isVector(x, M, K), "linearForward: address of y [M, N], x [M, K]");
  assert(isVector(b, N) && isVector(scratch, 0), "linearForward: address of b [N], scratch");
  multiply(y, x, w, b, 0, scratch, M, N, K);
}

/** y[r] = W[tokens[r]] · scales + b; where b is 0, a row of W [V] is its scale (f32), then N weights. */
export function gatherForward(
  y: usize, // [rows, N]
  tokens: usize, // [rows] i32
  w: usize, // scales [N] f32, then [V, N] i8; or [V] of a scale and N weights
  b: usize, // [N], or 0
  rows: i32,
  N: i32, // a multiple of four
): void {
  assert(rows > 0 && isPadded(N), "gatherForward: sizes rows, N");
  assert(isVector(y, rows, N) && isArray(tokens, rows), "gatherForward: address of y [rows, N], tokens [rows]");
  const stride = <usize>N + (b ? 0 : F32);
  for (let r = 0; r < rows; r++) {
    const token = <usize>load<i32>(tokens + (<usize>r << 2));
    if (b) {
      const row = w + <usize>N * F32 + token * stride;
      for (let n: usize = 0; n < <usize>N; n += 4) {
        const scaled = f32x4.mul(bytes4(row + n), v128.load(w + n * F32));
        v128.store(y + n * F32, f32x4.add(scaled, v128.load(b + n * F32)));
      }
    } else {
      const row = w + token * stride;
      const scale = v128.load_splat<f32>(row);
      for (let n: usize = 0; n < <usize>N; n += 4) v128.store(y + n * F32, f32x4.mul(bytes4(row + F32 + n), scale));
    }
    y += <usize>N * F32;
  }
}

/** One layer from its initial state over all T steps, as in lstm.ts. */
export function lstmForward(
  h: usize, // [B + rows, H], the first B given
  c: usize, // [B + rows, H], the first B given
  gates: usize, // [rows, 4, H], x·Wx + b given
  wh: usize, // [H, 4, H] as above
  counts: usize, // [T] i32, or 0
  scratch: usize, // as src/kernels/scratch.ts has it
  T: i32,
  B: i32,
  H: i32,
): void {
  assert(T > 0 && B > 0 && isPadded(H), "lstmForward: sizes T, B, H");
  assert(isVector(h, B, H) && isVector(c, B, H) && isVector(gates, B, 4 * H), "lstmForward: address of h, c, gates");
  const stride = <usize>H * F32;
  let before = <usize>B * stride;
  for (let t = 0; t < T; t++) {
    const n = rowsAt(counts, t, B);
    multiply(gates, h, wh, gates, 4 * H, scratch, n, 4 * H, H);
    cellForward(h + before, c + before, gates, c, n, H);
    h += before;
    c += before;
    before = <usize>n * stride;
    gates += before * 4;
  }
}

/** Four bytes as floats. */
@inline
function bytes4(address: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(address))));
}

/** y = start + x·W. */
function multiply(
  y: usize, // [M, N]
  x: usize, // [M, K]
  w: usize, // [K, N] as above
  start: usize, // [M, N], rows startStride floats apart; may be y
  startStride: i32,
  scratch: usize, // two rows of sums, a scale for each row, then the activations, the high digits before the low ones
  M: i32,
  N: i32,
  K: i32,
): void {
  const isFine = load<i32>(w) == 2;
  const splits = isSplit();
  const scales = w + HEADER;
  const sums = scales + <usize>N * F32;
  const panels = sums + <usize>N * F32;
  const width = (<usize>K + GROUP - 1) & ~(GROUP - 1);
  const stride = width * ACTIVATION;
  const most = min<i32>(M, ROWS);
  const rowScales = scratch + 2 * 16;
  const high = rowScales + ((<usize>most * F32 + 15) & ~15);
  const low = high + <usize>most * stride;
  for (let m = 0; m < M; m += ROWS) {
    const rows = min<i32>(M - m, ROWS);
    for (let r: usize = 0; r < <usize>rows; r++) {
      const scale = isFine
        ? roundFine(high + r * stride, low + r * stride, x, K)
        : roundCoarse(high + r * stride, x, K);
      store<f32>(rowScales + r * F32, scale);
      x += <usize>K * F32;
    }
    for (let n: usize = 0; n < <usize>N; n += 4) {
      const panel = panels + n * width;
      const outputs = y + n * F32;
      const starts = start + n * F32;
      const at = scales + n * F32;
      const offset = v128.load(sums + n * F32);
      let r = 0;
      if (isFine) {
        for (; r < rows; r++) {
          dots2(scratch, panel, high + <usize>r * stride, low + <usize>r * stride, width, splits);
          const coarse = f32x4.convert_i32x4_s(i32x4.sub(v128.load(scratch), offset));
          const fine = f32x4.convert_i32x4_s(v128.load(scratch, 16));
          const sum = f32x4.add(f32x4.mul(coarse, f32x4.splat(128)), fine);
          finish(outputs, starts, sum, at, rowScales, r, N, startStride);
        }
      } else {
        for (; r + 2 <= rows; r += 2) {
          dots2(scratch, panel, high + <usize>r * stride, high + <usize>(r + 1) * stride, width, splits);
          const first = f32x4.convert_i32x4_s(i32x4.sub(v128.load(scratch), offset));
          const second = f32x4.convert_i32x4_s(i32x4.sub(v128.load(scratch, 16), offset));
          finish(outputs, starts, first, at, rowScales, r, N, startStride);
          finish(outputs, starts, second, at, rowScales, r + 1, N, startStride);
        }
        if (r < rows) {
          const sum = dots(panel, high + <usize>r * stride, width, splits);
          finish(outputs, starts, f32x4.convert_i32x4_s(i32x4.sub(sum, offset)), at, rowScales, r, N, startStride);
        }
      }
    }
    y += <usize>(rows * N) * F32;
    start += <usize>(rows * startStride) * F32;
  }
}

/** Stores start + sum · (scales · the row's scale), four outputs of row r. */
@inline
function finish(y: usize, start: usize, sum: v128, scales: usize, rowScales: usize, r: i32, N: i32, startStride: i32): void {
  const factor = f32x4.mul(v128.load(scales), v128.load_splat<f32>(rowScales + <usize>r * F32));
  const before = v128.load(start + <usize>(r * startStride) * F32);
  v128.store(y + <usize>(r * N) * F32, f32x4.add(before, f32x4.mul(sum, factor)));
}

const ONES = memory.data<i16>([1, 1, 1, 1, 1, 1, 1, 1]);
/** Weights of 127 and activations of 255, which have eight bits. */
const PROBE = memory.data<u8>([
  127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
]);

/**
 * Whether the relaxed product of bytes is made of x86's pmaddubsw and pmaddwd, as in engines without VNNI: it saturates,
 * with eight bits. Then the two instructions by themselves are faster, by a quarter, since the engine puts together the
 * constant between them each time. Elsewhere (VNNI, ARM's sdot) it is a single instruction. The sums are the same.
 */
@inline
function isSplit(): bool {
  if (!ASC_FEATURE_RELAXED_SIMD) return false;
  const sums = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(PROBE), v128.load(PROBE, 16), i32x4.splat(0));
  return i32x4.extract_lane(sums, 0) == 2 * 32767;
}

/** sum + the products of sixteen weights and activations, four to a lane. */
@inline
function dot(w: usize, u: usize, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), v128.load(u), sum);
  const low = i32x4.dot_i16x8_s(v128.load8x8_s(w), v128.load(u));
  return i32x4.add(i32x4.add(sum, low), i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), v128.load(u, 16)));
}

/** The same in two steps. */
@inline
function splitDot(w: usize, u: usize, sum: v128, ones: v128): v128 {
  const pairs = i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(w), v128.load(u));
  return i32x4.add(sum, i32x4.dot_i16x8_s(pairs, ones));
}

/** Σ w·u for four outputs. */
function dots(panel: usize, u: usize, width: usize, splits: bool): v128 {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  const end = panel + 4 * width;
  if (ASC_FEATURE_RELAXED_SIMD && splits) {
    const ones = v128.load(ONES);
    for (; panel < end; panel += 4 * GROUP, u += GROUP) {
      s0 = splitDot(panel, u, s0, ones);
      s1 = splitDot(panel + GROUP, u, s1, ones);
      s2 = splitDot(panel + 2 * GROUP, u, s2, ones);
      s3 = splitDot(panel + 3 * GROUP, u, s3, ones);
    }
  } else {
    for (; panel < end; panel += 4 * GROUP, u += GROUP * ACTIVATION) {
      s0 = dot(panel, u, s0);
      s1 = dot(panel + GROUP, u, s1);
      s2 = dot(panel + 2 * GROUP, u, s2);
      s3 = dot(panel + 3 * GROUP, u, s3);
    }
  }
  return sumLanes4(s0, s1, s2, s3);
}

/** The same for two rows of activations at once. */
function dots2(
  sums: usize, // [2, 4] i32
  panel: usize,
  u: usize,
  v: usize,
  width: usize,
  splits: bool,
): void {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  let t0 = i32x4.splat(0);
  let t1 = i32x4.splat(0);
  let t2 = i32x4.splat(0);
  let t3 = i32x4.splat(0);
  const end = panel + 4 * width;
  if (ASC_FEATURE_RELAXED_SIMD && splits) {
    const ones = v128.load(ONES);
    for (; panel < end; panel += 4 * GROUP, u += GROUP, v += GROUP) {
      s0 = splitDot(panel, u, s0, ones);
      t0 = splitDot(panel, v, t0, ones);
      s1 = splitDot(panel + GROUP, u, s1, ones);
      t1 = splitDot(panel + GROUP, v, t1, ones);
      s2 = splitDot(panel + 2 * GROUP, u, s2, ones);
      t2 = splitDot(panel + 2 * GROUP, v, t2, ones);
      s3 = splitDot(panel + 3 * GROUP, u, s3, ones);
      t3 = splitDot(panel + 3 * GROUP, v, t3, ones);
    }
  } else {
    for (; panel < end; panel += 4 * GROUP, u += GROUP * ACTIVATION, v += GROUP * ACTIVATION) {
      s0 = dot(panel, u, s0);
      t0 = dot(panel, v, t0);
      s1 = dot(panel + GROUP, u, s1);
      t1 = dot(panel + GROUP, v, t1);
      s2 = dot(panel + 2 * GROUP, u, s2);
      t2 = dot(panel + 2 * GROUP, v, t2);
      s3 = dot(panel + 3 * GROUP, u, s3);
      t3 = dot(panel + 3 * GROUP, v, t3);
    }
  }
  v128.store(sums, sumLanes4(s0, s1, s2, s3));
  v128.store(sums, sumLanes4(t0, t1, t2, t3), 16);
}

/** Lane r of the result is the sum of the lanes of argument r. */
@inline
function sumLanes4(r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const a = i32x4.add(v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), v128.shuffle<i32>(r0, r1, 2, 6, 3, 7));
  const b = i32x4.add(v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), v128.shuffle<i32>(r2, r3, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
}

/** The largest magnitude of a row. NaN, if there is one: it must reach the outputs. */
@inline
function largestOf(x: usize, K: i32): f32 {
  let largest = f32x4.splat(LEAST);
  for (const end = x + <usize>K * F32; x < end; x += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(x)));
  const pairs = f32x4.max(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Rounds a row to seven bits; returns its scale. */
function roundCoarse(
  u: usize, // [K'], anything beyond K
  x: usize, // [K]
  K: i32,
): f32 {
  const largest = largestOf(x, K);
  const factor = f32x4.splat(LEVELS / largest);
  const magic = f32x4.splat(MAGIC + 64);
  const mask = i32x4.splat(127);
  for (const end = x + <usize>K * F32; x < end; x += 64, u += GROUP * ACTIVATION) {
    const a = v128.and(rounded(x, end, factor, magic), mask);
    const b = v128.and(rounded(x + 16, end, factor, magic), mask);
    const c = v128.and(rounded(x + 32, end, factor, magic), mask);
    const d = v128.and(rounded(x + 48, end, factor, magic), mask);
    keep(u, a, b, c, d);
  }
  return largest / LEVELS;
}

/** Rounds a row to fourteen bits; returns its scale. */
function roundFine(
  high: usize, // [K'], anything beyond K
  low: usize, // [K'], likewise
  x: usize, // [K]
  K: i32,
): f32 {
  const largest = largestOf(x, K);
  const factor = f32x4.splat(FINE_LEVELS / largest);
  const magic = f32x4.splat(MAGIC + 8192);
  const mask = i32x4.splat(127);
  for (const end = x + <usize>K * F32; x < end; x += 64, high += GROUP * ACTIVATION, low += GROUP * ACTIVATION) {
    const a = rounded(x, end, factor, magic);
    const b = rounded(x + 16, end, factor, magic);
    const c = rounded(x + 32, end, factor, magic);
    const d = rounded(x + 48, end, factor, magic);
    keep(low, v128.and(a, mask), v128.and(b, mask), v128.and(c, mask), v128.and(d, mask));
    keep(
      high,
      v128.and(i32x4.shr_u(a, 7), mask),
      v128.and(i32x4.shr_u(b, 7), mask),
      v128.and(i32x4.shr_u(c, 7), mask),
      v128.and(i32x4.shr_u(d, 7), mask),
    );
  }
  return largest / FINE_LEVELS;
}

/** x · factor + magic, whose low bits are an integer; beyond the row's end, that of 0. */
@inline
function rounded(x: usize, end: usize, factor: v128, magic: v128): v128 {
  return x < end ? f32x4.add(f32x4.mul(v128.load(x), factor), magic) : magic;
}

/** Stores sixteen activations. */
@inline
function keep(u: usize, a: v128, b: v128, c: v128, d: v128): void {
  const first = i16x8.narrow_i32x4_s(a, b);
  const second = i16x8.narrow_i32x4_s(c, d);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(u, i8x16.narrow_i16x8_u(first, second));
  } else {
    v128.store(u, first);
    v128.store(u, second, 16);
  }
}
