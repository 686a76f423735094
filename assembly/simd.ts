import { isArray, isPadded, isVector } from "./check";

/** Four float32 lanes a vector; every padded size is a multiple of this. */
export const LANES: i32 = 4;
/** Bytes of one float32. */
export const F32: usize = 4;

/** Whether products may be fused with additions. The int8 builds set EXACT (asconfig.json): all give the same bits. */
const FUSES: bool = ASC_FEATURE_RELAXED_SIMD && !isDefined(EXACT);

/** a · b + c. The relaxed build may round once instead of twice, where the processor fuses the two. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return FUSES ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a · b, rounded like {@link madd}. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return FUSES ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** The sum of the four lanes, pairwise: (0 + 2) + (1 + 3). */
@inline
export function sumLanes(x: v128): f32 {
  return f32x4.extract_lane(sumInAllLanes(x), 0);
}

/** {@link sumLanes}, in all lanes. */
@inline
export function sumInAllLanes(x: v128): v128 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}

/** The largest of the four lanes, in all of them. What is not a number may be passed over. */
@inline
export function maxInAllLanes(x: v128): v128 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
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
  assert(isArray(out, n), "clear: address of out [n]");
  memory.fill(out, 0, <usize>n * F32);
}

/** out += x. */
export function add(
  out: usize, // [n]
  x: usize, // [n]
  n: i32, // a multiple of four
): void {
  assert(isPadded(n), "add: size n");
  assert(isVector(out, n) && isVector(x, n), "add: address of out, x [n]");
  for (const end = out + <usize>n * F32; out < end; out += 16, x += 16) v128.store(out, f32x4.add(v128.load(out), v128.load(x)));
}

/**
 * Copies rows of N floats: out[outRows[r]] = x[xRows[r]], where an address of 0 in place of a list stands for 0, 1, 2, …
 * Rows lie outStride and xStride floats apart.
 */
export function copyRows(
  out: usize,
  outRows: usize, // [rows] i32, or 0
  outStride: i32,
  x: usize,
  xRows: usize, // [rows] i32, or 0
  xStride: i32,
  rows: i32,
  N: i32,
): void {
  assert(rows > 0 && N > 0 && outStride >= N && xStride >= N, "copyRows: sizes rows, N, outStride, xStride");
  assert(areRows(out, outRows, outStride, rows, N), "copyRows: rows of out lie in memory");
  assert(areRows(x, xRows, xStride, rows, N), "copyRows: rows of x lie in memory");
  const bytes = <usize>N * F32;
  for (let r = 0; r < rows; r++) {
    memory.copy(out + rowAt(outRows, r) * <usize>outStride * F32, x + rowAt(xRows, r) * <usize>xStride * F32, bytes);
  }
}

@inline
function rowAt(list: usize, r: i32): usize {
  return <usize>(list ? load<i32>(list + (<usize>r << 2)) : r);
}

function areRows(matrix: usize, list: usize, stride: i32, rows: i32, N: i32): bool {
  if (ASC_NO_ASSERT) return true;
  if (list && !isArray(list, rows)) return false;
  for (let r = 0; r < rows; r++) {
    const row = rowAt(list, r);
    if (<i32>row < 0 || <f64>row * stride > 1e9 || !isArray(matrix + row * <usize>stride * F32, N)) return false;
  }
  return true;
}
