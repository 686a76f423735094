import { EXP, EXP_CUT, log4, power4, powers2 } from "./activations";
import { isArray, isPadded, isVector } from "./check";
import { cutGradient } from "./cut";
import { clear, F32, maxInAllLanes, sumInAllLanes } from "./simd";

// Rows of logits are `stride` floats apart: V logits, then padding up to a multiple of four, which counts as −∞ on the way
// in and is 0 on the way out. Lanes of padding are set by whole vectors: a load that follows stores of parts waits for them.

const NO_LOGIT: f32 = -3e38;

/** Bytes of the vectors that have V numbers. */
@inline
function vectorBytes(V: i32): usize {
  return <usize>((V + 3) & ~3) * F32;
}

/** The lanes of the last of these vectors that have one: all bits of these. */
@inline
function lastLanes(V: i32): v128 {
  return i32x4.gt_s(i32x4.splat(V - ((V - 1) & ~3)), i32x4(0, 1, 2, 3));
}

@inline
function setPadding(row: usize, V: i32, end: usize, value: f32): void {
  for (let at = row + <usize>V * F32; at < end; at += F32) store<f32>(at, value);
}

/** Sets the padding of a row's last vector to NO_LOGIT. */
@inline
function hidePadding(last: usize, lanes: v128): void {
  v128.store(last, v128.bitselect(v128.load(last), f32x4.splat(NO_LOGIT), lanes));
}

/** Multiplies a row's vectors by a factor, and sets its padding to 0. */
@inline
function scaleRow(row: usize, factor: v128, last: usize, lanes: v128, end: usize): void {
  let at = row;
  for (; at < last; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
  v128.store(last, v128.and(f32x4.mul(v128.load(last), factor), lanes));
  for (at += 16; at < end; at += 16) v128.store(at, f32x4.splat(0));
}

/** The largest logit, in all lanes. It may miss a NaN, which makes the sum NaN anyway. */
@inline
function largestOf(row: usize, end: usize): v128 {
  let largest = v128.load(row);
  for (let at = row + 16; at < end; at += 16) largest = f32x4.pmax(largest, v128.load(at));
  return maxInAllLanes(largest);
}

/** Bytes of a row whose exponentials are added up at a time, to keep the rounding errors of long sums small. */
const SUM_BYTES: usize = 256 * 16;

/**
 * Turns the logits x of one row into e^((x − largest) · scale), and returns their sum in all lanes.
 *
 * @param table EXP, or EXP_CUT to set values below about LEAST_GRADIENT to 0
 */
function exponentials(row: usize, end: usize, largest: v128, scale: v128, table: usize): v128 {
  let sum = f32x4.splat(0);
  for (let at = row; at < end; ) {
    let part = f32x4.splat(0);
    const stop = min<usize>(end, at + SUM_BYTES);
    for (; at + 32 <= stop; at += 32) part = powers2(at, largest, scale, table, part);
    if (at < stop) {
      const e = power4(f32x4.mul(f32x4.sub(v128.load(at), largest), scale), table);
      v128.store(at, e);
      part = f32x4.add(part, e);
      at += 16;
    }
    sum = f32x4.add(sum, part);
  }
  return sumInAllLanes(sum);
}

/** Logits into probabilities: softmax(logits · inverseTemperature), in place, row by row. */
export function softmax(
  logits: usize, // [rows, stride]
  rows: i32,
  V: i32,
  stride: i32, // a multiple of four, at least V
  inverseTemperature: f32,
): void {
  assert(rows > 0 && V > 0 && isPadded(stride) && stride >= V, "softmax: sizes rows, V, stride");
  assert(isVector(logits, rows, stride), "softmax: address of logits [rows, stride]");
  const scale = f32x4.splat(inverseTemperature);
  const lanes = lastLanes(V);
  for (let r = 0; r < rows; r++) {
    const next = logits + <usize>stride * F32;
    const end = logits + vectorBytes(V);
    const last = end - 16;
    hidePadding(last, lanes);
    const sum = exponentials(logits, end, largestOf(logits, end), scale, EXP);
    scaleRow(logits, f32x4.div(f32x4.splat(1), sum), last, lanes, next);
    logits = next;
  }
}

/** A token that is not a target: PyTorch's ignore_index. */
const IGNORED: i32 = -1;

/** A row's weight, 1 without weights. */
@inline
function weightOf(weights: usize, r: i32): f32 {
  return weights ? load<f32>(weights + (<usize>r << 2)) : 1;
}

/** Drops the first lane, and appends x, which is the same in all lanes. */
@inline
function append(lanes: v128, x: v128): v128 {
  return v128.shuffle<f32>(lanes, x, 1, 2, 3, 4);
}

/** The total and, one after another, the weighted losses ln sum − logit of four rows. */
function addLosses(total: f64, sums: v128, logits: v128, weights: v128): f64 {
  const losses = f32x4.sub(log4(sums), logits);
  total += <f64>f32x4.extract_lane(weights, 0) * <f64>f32x4.extract_lane(losses, 0);
  total += <f64>f32x4.extract_lane(weights, 1) * <f64>f32x4.extract_lane(losses, 1);
  total += <f64>f32x4.extract_lane(weights, 2) * <f64>f32x4.extract_lane(losses, 2);
  return total + <f64>f32x4.extract_lane(weights, 3) * <f64>f32x4.extract_lane(losses, 3);
}

/**
 * Softmax cross-entropy with its gradient. A row's loss is −ln softmax(logits)[target], its gradient
 * softmax(logits) − one-hot(target); a target of −1 has neither. Returns the sum of the weighted losses in nats; the
 * logits become gradientScale times the gradient of that sum.
 */
export function crossEntropy(
  logits: usize, // [rows, stride] in, gradients out
  targets: usize, // [rows] i32 in [0, V), or −1
  weights: usize, // [rows], or 0
  rows: i32,
  V: i32,
  stride: i32, // a multiple of four, at least V
  gradientScale: f32,
): f64 {
  assert(rows > 0 && V > 0 && isPadded(stride) && stride >= V, "crossEntropy: sizes rows, V, stride");
  assert(isVector(logits, rows, stride), "crossEntropy: address of logits [rows, stride]");
  assert(isArray(targets, rows), "crossEntropy: address of targets [rows]");
  assert(weights == 0 || isArray(weights, rows), "crossEntropy: address of weights [rows]");
  assert(areTargets(targets, rows, V), "crossEntropy: targets in [0, V), or -1");
  let total: f64 = 0;
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const lanes = lastLanes(V);
  // Of the last four rows, whose logarithms are taken together: at first, of rows that lose nothing.
  let sums = one;
  let targetLogits = zero;
  let rowWeights = zero;
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const next = logits + <usize>stride * F32;
    const token = load<i32>(targets + (<usize>r << 2));
    if (token == IGNORED) {
      clear(logits, stride);
      logits = next;
      continue;
    }
    const weight = weightOf(weights, r);
    const scale = gradientScale * weight;
    const target = logits + <usize>token * F32;
    const end = logits + vectorBytes(V);
    const last = end - 16;
    hidePadding(last, lanes);
    const largest = largestOf(logits, end);
    targetLogits = append(targetLogits, f32x4.sub(v128.load_splat<f32>(target), largest));
    const sum = exponentials(logits, end, largest, one, EXP_CUT);
    scaleRow(logits, f32x4.div(f32x4.splat(scale), sum), last, lanes, next);
    store<f32>(target, load<f32>(target) - scale);
    sums = append(sums, sum);
    rowWeights = append(rowWeights, f32x4.splat(weight));
    if ((++count & 3) == 0) {
      total = addLosses(total, sums, targetLogits, rowWeights);
      sums = one;
      targetLogits = zero;
      rowWeights = zero;
    }
    logits = next;
  }
  return addLosses(total, sums, targetLogits, rowWeights);
}

/**
 * Squared error or, with delta above 0, Huber's loss, with its gradient. A row's loss is the mean over its N values of
 * (y − target)², or of ½d² for |d| ≤ delta and delta · (|d| − ½ delta) beyond (Huber 1964; torch.nn.HuberLoss); a target
 * that is NaN adds 0 to both. Returns the sum of the rows' weighted losses; the values become gradientScale times the
 * gradient of that sum, and their padding 0.
 */
export function squaredError(
  values: usize, // [rows, stride] in, gradients out
  targets: usize, // [rows, stride]
  weights: usize, // [rows], or 0
  rows: i32,
  N: i32,
  stride: i32, // a multiple of four, at least N
  delta: f32, // 0 for the plain square
  gradientScale: f32,
): f64 {
  assert(rows > 0 && N > 0 && isPadded(stride) && stride >= N, "squaredError: sizes rows, N, stride");
  assert(isArray(values, rows, stride), "squaredError: address of values [rows, stride]");
  assert(isArray(targets, rows, stride), "squaredError: address of targets [rows, stride]");
  assert(weights == 0 || isArray(weights, rows), "squaredError: address of weights [rows]");
  let total: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const weight = weightOf(weights, r);
    const scale = (gradientScale * weight) / <f32>N;
    const end = values + <usize>stride * F32;
    let sum: f64 = 0;
    for (let at = values, target = targets; at < values + <usize>N * F32; at += F32, target += F32) {
      const wanted = load<f32>(target);
      const d = load<f32>(at) - wanted;
      const size = abs<f32>(d);
      if (isNaN<f32>(wanted)) {
        store<f32>(at, 0);
      } else if (delta == 0) {
        sum += <f64>d * <f64>d;
        store<f32>(at, cutGradient(2 * d * scale));
      } else if (size <= delta) {
        sum += 0.5 * <f64>d * <f64>d;
        store<f32>(at, cutGradient(d * scale));
      } else {
        sum += <f64>delta * (<f64>size - 0.5 * <f64>delta);
        store<f32>(at, cutGradient((d > 0 ? delta : d < 0 ? -delta : d) * scale));
      }
    }
    setPadding(values, N, end, 0);
    total += (weights ? <f64>weight * sum : sum) / <f64>N;
    values = end;
    targets += <usize>stride * F32;
  }
  return total;
}

/**
 * The pinball loss of one quantile, with its gradient: of the values `first`, `first` + `step`, … of each row, as many of
 * which are each of the quantiles of a target. Each adds quantile · (target − y) where y is too low, (1 − quantile) ·
 * (y − target) where it is too high, divided by N (Koenker and Bassett 1978); a target that is NaN adds 0. Returns the
 * sum of the rows' weighted losses; these values become gradientScale times the gradient of that sum, the padding 0.
 */
export function pinball(
  values: usize, // [rows, stride] in, gradients out
  targets: usize, // [rows, stride]
  weights: usize, // [rows], or 0
  rows: i32,
  N: i32,
  stride: i32, // a multiple of four, at least N
  first: i32,
  step: i32,
  quantile: f32,
  gradientScale: f32,
): f64 {
  assert(rows > 0 && N > 0 && isPadded(stride) && stride >= N, "pinball: sizes rows, N, stride");
  assert(first >= 0 && first < N && step > 0, "pinball: first in [0, N), step");
  assert(quantile > 0 && quantile < 1, "pinball: quantile in (0, 1)");
  assert(isArray(values, rows, stride), "pinball: address of values [rows, stride]");
  assert(isArray(targets, rows, stride), "pinball: address of targets [rows, stride]");
  assert(weights == 0 || isArray(weights, rows), "pinball: address of weights [rows]");
  const low: f32 = -quantile;
  const high: f32 = <f32>1 - quantile;
  let total: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const weight = weightOf(weights, r);
    const scale = (gradientScale * weight) / <f32>N;
    const end = values + <usize>stride * F32;
    let sum: f64 = 0;
    for (let n = first; n < N; n += step) {
      const at = <usize>n * F32;
      const wanted = load<f32>(targets + at);
      const d = load<f32>(values + at) - wanted;
      if (isNaN<f32>(wanted)) {
        store<f32>(values + at, 0);
      } else {
        // Neither above nor below 0 is 0 itself, or NaN.
        const slope = d > 0 ? high : d < 0 ? low : d;
        sum += <f64>slope * <f64>d;
        store<f32>(values + at, cutGradient(slope * scale));
      }
    }
    setPadding(values, N, end, 0);
    total += (weights ? <f64>weight * sum : sum) / <f64>N;
    values = end;
    targets += <usize>stride * F32;
  }
  return total;
}

/** Whether all are tokens below V, or ignored. */
function areTargets(targets: usize, rows: i32, V: i32): bool {
  if (ASC_NO_ASSERT) return true;
  for (let r = 0; r < rows; r++) {
    const target = load<i32>(targets + (<usize>r << 2));
    if (target < IGNORED || target >= V) return false;
  }
  return true;
}
