import { EXP, EXP_CUT, log4, power4 } from "./activations";
import { areBelow, isArray, isPadded, isVector } from "./check";
import { cutGradient } from "./cut";
import { F32, maxInAllLanes, sumInAllLanes } from "./simd";

// Rows of scores are `stride` floats apart: V scores, then filling up to a multiple of four. The filling counts as
// −∞ on the way in and is 0 on the way out.

const NO_SCORE: f32 = -3e38;

@inline
function setFilling(row: usize, V: i32, end: usize, value: f32): void {
  for (let at = row + <usize>V * F32; at < end; at += F32) store<f32>(at, value);
}

/** The largest score, in all lanes. One that is not a number may be passed over: it makes the sum one that is none. */
@inline
function largestOf(row: usize, end: usize): v128 {
  let largest = v128.load(row);
  for (let at = row + 16; at < end; at += 16) largest = f32x4.pmax(largest, v128.load(at));
  return maxInAllLanes(largest);
}

/** Bytes of a row whose exponentials are added up at a time, to keep the rounding errors of long sums small. */
const SUM_BYTES: usize = 256 * 16;

/**
 * Turns the scores x of one row into e^((x − largest) · scale), and returns their sum in all lanes.
 *
 * @param table EXP, or EXP_CUT to set values below about LEAST_GRADIENT to 0
 */
function exponentials(row: usize, end: usize, largest: v128, scale: v128, table: usize): v128 {
  let sum = f32x4.splat(0);
  for (let at = row; at < end; ) {
    let part = f32x4.splat(0);
    for (const stop = min<usize>(end, at + SUM_BYTES); at < stop; at += 16) {
      const e = power4(f32x4.mul(f32x4.sub(v128.load(at), largest), scale), table);
      v128.store(at, e);
      part = f32x4.add(part, e);
    }
    sum = f32x4.add(sum, part);
  }
  return sumInAllLanes(sum);
}

/** Scores into probabilities: softmax(scores · inverseTemperature), in place, row by row. */
export function softmax(
  scores: usize, // [rows, stride]
  rows: i32,
  V: i32,
  stride: i32, // a multiple of four, at least V
  inverseTemperature: f32,
): void {
  assert(rows > 0 && V > 0 && isPadded(stride) && stride >= V, "softmax: sizes rows, V, stride");
  assert(isVector(scores, rows, stride), "softmax: address of scores [rows, stride]");
  const scale = f32x4.splat(inverseTemperature);
  for (let r = 0; r < rows; r++) {
    const end = scores + <usize>stride * F32;
    setFilling(scores, V, end, NO_SCORE);
    const sum = exponentials(scores, end, largestOf(scores, end), scale, EXP);
    const factor = f32x4.div(f32x4.splat(1), sum);
    for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
    setFilling(scores, V, end, 0);
    scores = end;
  }
}

/**
 * Softmax cross-entropy with its gradient. A row's loss is −ln softmax(scores)[target], its gradient
 * softmax(scores) − one-hot(target). Returns the sum of the losses in nats; the scores become gradientScale times the
 * gradient.
 */
export function crossEntropy(
  scores: usize, // [rows, stride] in, gradients out
  targets: usize, // [rows] i32 in [0, V)
  rows: i32,
  V: i32,
  stride: i32, // a multiple of four, at least V
  gradientScale: f32,
): f64 {
  assert(rows > 0 && V > 0 && isPadded(stride) && stride >= V, "crossEntropy: sizes rows, V, stride");
  assert(isVector(scores, rows, stride), "crossEntropy: address of scores [rows, stride]");
  assert(isArray(targets, rows), "crossEntropy: address of targets [rows]");
  assert(areBelow(targets, rows, V), "crossEntropy: targets in [0, V)");
  let total: f64 = 0;
  const one = f32x4.splat(1);
  const scale = f32x4.splat(gradientScale);
  for (let r = 0; r < rows; r++) {
    const end = scores + <usize>stride * F32;
    const target = scores + <usize>load<i32>(targets + (<usize>r << 2)) * F32;
    setFilling(scores, V, end, NO_SCORE);
    const largest = largestOf(scores, end);
    const score = f32x4.sub(v128.load_splat<f32>(target), largest);
    const sum = exponentials(scores, end, largest, one, EXP_CUT);
    const factor = f32x4.div(scale, sum);
    for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
    store<f32>(target, load<f32>(target) - gradientScale);
    setFilling(scores, V, end, 0);
    total += <f64>f32x4.extract_lane(f32x4.sub(log4(sum), score), 0);
    scores = end;
  }
  return total;
}

/**
 * Squared error or, with delta above 0, Huber's loss, with its gradient. A row's loss is the mean over its N values of
 * (y − target)², or of ½d² for |d| ≤ delta and delta · (|d| − ½ delta) beyond (Huber 1964; torch.nn.HuberLoss). Returns the
 * sum of the rows' losses; the values become gradientScale times the gradient, and their filling 0.
 */
export function squaredError(
  values: usize, // [rows, stride] in, gradients out
  targets: usize, // [rows, stride]
  rows: i32,
  N: i32,
  stride: i32, // a multiple of four, at least N
  delta: f32, // 0 for the plain square
  gradientScale: f32,
): f64 {
  assert(rows > 0 && N > 0 && isPadded(stride) && stride >= N, "squaredError: sizes rows, N, stride");
  assert(isArray(values, rows, stride), "squaredError: address of values [rows, stride]");
  assert(isArray(targets, rows, stride), "squaredError: address of targets [rows, stride]");
  let total: f64 = 0;
  const scale = gradientScale / <f32>N;
  for (let r = 0; r < rows; r++) {
    const end = values + <usize>stride * F32;
    let sum: f64 = 0;
    for (let at = values, target = targets; at < values + <usize>N * F32; at += F32, target += F32) {
      const d = load<f32>(at) - load<f32>(target);
      const size = abs<f32>(d);
      if (delta == 0) {
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
    setFilling(values, N, end, 0);
    total += sum / <f64>N;
    values = end;
    targets += <usize>stride * F32;
  }
  return total;
}
