import { naturalLogarithm } from "../../common/exact-math.js";
import type { KernelInstance, KernelMemory, Kernels } from "../kernels.js";
import type { ScratchBytes } from "../scratch.js";
import { exp, sigmoid, tanh } from "./activations.js";
import { cutGradient, LEAST_GRADIENT } from "./cut.js";
import { exponentials, largestOf } from "./loss.js";
import { cellBackward, cellForward } from "./lstm.js";
import {
  multiply,
  multiplyColumns,
  multiplyTransposedLeft,
  multiplyTransposedRight,
  sumListedRows,
  sumRows,
} from "./matmul.js";

// The kernels in plain JavaScript, over the same bytes in the same layout: the baseline of the benchmark, the second
// opinion of the tests, and the fallback where WebAssembly is forbidden. It does what JavaScript can: typed-array views
// held in locals, sums in float64 registers, small blocks so that a loaded number is used more than once, no allocation.

const none = () => 0;
/** Sums are kept in locals. Many rows are listed by token. */
const SCRATCH: ScratchBytes = {
  linearForward: none,
  linearBackward: none,
  gatherBackward: (rows, V) => (rows > SUM_ROWS ? 4 * (rows + V + 1) : 0),
  lstmForward: none,
  lstmBackward: none,
};

/** A fresh memory with the JavaScript kernels over it. */
export function createJavaScriptKernels(): KernelInstance {
  const memory = new ArrayBufferMemory();
  return { backend: "javascript", kernels: new JavaScriptKernels(memory), memory, scratchBytes: SCRATCH };
}

/** Gradients below ε / 2²⁵ do not change a bit of √v + ε; as in assembly/optimizer.ts. */
const TWO_25 = 33554432;

/** Rows that may be added up one by one in float32; as in assembly/linear.ts. */
const SUM_ROWS = 256;

/** What 32-bit addresses reach, as in WebAssembly. */
const ADDRESSABLE = 2 ** 32;

export class ArrayBufferMemory implements KernelMemory {
  readonly base = 64;
  buffer = new ArrayBuffer(65536);
  floats = new Float32Array(this.buffer);
  integers = new Int32Array(this.buffer);

  reserve(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return;
    if (bytes > ADDRESSABLE) throw new RangeError("beyond 32-bit addresses");
    const grown = new Float32Array(Math.ceil(bytes / 4));
    grown.set(this.floats);
    this.floats = grown;
    this.buffer = this.floats.buffer as ArrayBuffer;
    this.integers = new Int32Array(this.buffer);
  }
}

export class JavaScriptKernels implements Kernels {
  constructor(protected readonly memory: ArrayBufferMemory) {}

  exp(out: number, x: number, n: number): void {
    const f = this.memory.floats;
    for (let i = 0; i < n; i++) f[(out >>> 2) + i] = exp(f[(x >>> 2) + i]!);
  }

  sigmoid(out: number, x: number, n: number): void {
    const f = this.memory.floats;
    for (let i = 0; i < n; i++) f[(out >>> 2) + i] = sigmoid(f[(x >>> 2) + i]!);
  }

  tanh(out: number, x: number, n: number): void {
    const f = this.memory.floats;
    for (let i = 0; i < n; i++) f[(out >>> 2) + i] = tanh(f[(x >>> 2) + i]!);
  }

  log(out: number, x: number, n: number): void {
    const f = this.memory.floats;
    for (let i = 0; i < n; i++) f[(out >>> 2) + i] = naturalLogarithm(f[(x >>> 2) + i]!);
  }

  clear(out: number, n: number): void {
    this.memory.floats.fill(0, out >>> 2, (out >>> 2) + n);
  }

  copyRows(
    out: number,
    outRows: number,
    outStride: number,
    x: number,
    xRows: number,
    xStride: number,
    rows: number,
    N: number,
  ): void {
    const ids = this.memory.integers;
    const rowAt = (list: number, r: number) => (list === 0 ? r : ids[(list >>> 2) + r]!);
    for (let r = 0; r < rows; r++) {
      const from = (x >>> 2) + rowAt(xRows, r) * xStride;
      // As integers, which keep any bit pattern.
      ids.copyWithin((out >>> 2) + rowAt(outRows, r) * outStride, from, from + N);
    }
  }

  linearForward(y: number, x: number, w: number, b: number, _scratch: number, M: number, N: number, K: number): void {
    const f = this.memory.floats;
    for (let m = 0; m < M; m++) f.copyWithin((y >>> 2) + m * N, b >>> 2, (b >>> 2) + N);
    multiply(f, y >>> 2, x >>> 2, w >>> 2, M, N, K);
  }

  /** What lies in rows is read in rows: a packed copy is a plain one. */
  packWeights(out: number, w: number, K: number, N: number, _columns: number): void {
    this.memory.floats.copyWithin(out >>> 2, w >>> 2, (w >>> 2) + K * N);
  }

  linearForwardPacked(
    y: number,
    x: number,
    w: number,
    b: number,
    scratch: number,
    M: number,
    N: number,
    K: number,
    _columns: number,
  ): void {
    this.linearForward(y, x, w, b, scratch, M, N, K);
  }

  linearColumns(y: number, x: number, w: number, b: number, _scratch: number, n: number, N: number, K: number): void {
    const f = this.memory.floats;
    f.copyWithin(y >>> 2, b >>> 2, (b >>> 2) + n);
    multiplyColumns(f, y >>> 2, x >>> 2, w >>> 2, n, N, K);
  }

  linearBackward(
    dx: number,
    dw: number,
    db: number,
    dy: number,
    x: number,
    w: number,
    _scratch: number,
    M: number,
    N: number,
    K: number,
  ): void {
    const f = this.memory.floats;
    sumRows(f, db >>> 2, dy >>> 2, M, N);
    multiplyTransposedLeft(f, dw >>> 2, x >>> 2, dy >>> 2, K, N, M);
    if (dx === 0) return;
    multiplyTransposedRight(f, dx >>> 2, dy >>> 2, w >>> 2, M, K, N);
  }

  gatherForward(y: number, tokens: number, w: number, b: number, rows: number, N: number): void {
    const f = this.memory.floats;
    const ids = this.memory.integers;
    for (let r = 0; r < rows; r++) {
      const to = (y >>> 2) + r * N;
      const from = (w >>> 2) + ids[(tokens >>> 2) + r]! * N;
      if (b === 0) f.copyWithin(to, from, from + N);
      else for (let n = 0; n < N; n++) f[to + n] = f[from + n]! + f[(b >>> 2) + n]!;
    }
  }

  gatherBackward(
    dw: number,
    db: number,
    dy: number,
    tokens: number,
    scratch: number,
    rows: number,
    V: number,
    N: number,
  ): void {
    const f = this.memory.floats;
    const ids = this.memory.integers;
    if (db !== 0) sumRows(f, db >>> 2, dy >>> 2, rows, N);
    f.fill(0, dw >>> 2, (dw >>> 2) + V * N);
    if (rows <= SUM_ROWS) {
      for (let r = 0; r < rows; r++) {
        const from = (dy >>> 2) + r * N;
        const to = (dw >>> 2) + ids[(tokens >>> 2) + r]! * N;
        for (let n = 0; n < N; n++) f[to + n] = f[to + n]! + f[from + n]!;
      }
      return;
    }
    // As listRows in assembly/embedding.ts.
    const list = scratch >>> 2;
    const ends = list + rows;
    ids.fill(0, ends, ends + V + 1);
    for (let r = 0; r < rows; r++) ids[ends + ids[(tokens >>> 2) + r]! + 1]!++;
    for (let v = 1; v < V; v++) ids[ends + v]! += ids[ends + v - 1]!;
    for (let r = 0; r < rows; r++) ids[list + ids[ends + ids[(tokens >>> 2) + r]!]!++] = (dy >>> 2) + r * N;
    for (let v = 0, first = 0; v < V; v++) {
      const last = ids[ends + v]!;
      if (last > first) sumListedRows(f, (dw >>> 2) + v * N, ids, list + first, last - first, N);
      first = last;
    }
  }

  lstmForward(
    h: number,
    c: number,
    gates: number,
    wh: number,
    counts: number,
    _scratch: number,
    T: number,
    B: number,
    H: number,
  ): void {
    const { floats: f, integers: ids } = this.memory;
    // Rows before the step, and before its previous state.
    for (let t = 0, row = 0, previous = 0; t < T; t++) {
      const n = rowsAt(ids, counts, t, B);
      const before = previous * H;
      const now = (B + row) * H;
      const a = (gates >>> 2) + row * 4 * H;
      multiply(f, a, (h >>> 2) + before, wh >>> 2, n, 4 * H, H);
      cellForward(f, (h >>> 2) + now, (c >>> 2) + now, a, (c >>> 2) + before, n, H);
      previous = B + row;
      row += n;
    }
  }

  cellForward(h: number, c: number, gates: number, cPrevious: number, B: number, H: number): void {
    cellForward(this.memory.floats, h >>> 2, c >>> 2, gates >>> 2, cPrevious >>> 2, B, H);
  }

  lstmStepPacked(
    h: number,
    c: number,
    gates: number,
    wh: number,
    scratch: number,
    B: number,
    H: number,
    _columns: number,
  ): void {
    this.lstmForward(h, c, gates, wh, 0, scratch, 1, B, H);
  }

  lstmBackward(
    dh: number,
    dhState: number,
    dcState: number,
    dwh: number,
    gates: number,
    h: number,
    c: number,
    wh: number,
    counts: number,
    _scratch: number,
    T: number,
    B: number,
    H: number,
  ): void {
    const { floats: f, integers: ids } = this.memory;
    let rows = 0;
    for (let t = 0; t < T; t++) rows += rowsAt(ids, counts, t, B);
    for (let t = T - 1, row = rows; t >= 0; t--) {
      const n = rowsAt(ids, counts, t, B);
      row -= n;
      const before = (t === 0 ? 0 : B + row - rowsAt(ids, counts, t - 1, B)) * H;
      const now = (B + row) * H;
      const a = (gates >>> 2) + row * 4 * H;
      const above = (dh >>> 2) + row * H;
      cellBackward(f, a, dcState >>> 2, above, dhState >>> 2, (c >>> 2) + now, (c >>> 2) + before, n, H);
      multiplyTransposedRight(f, dhState >>> 2, a, wh >>> 2, n, H, 4 * H);
    }
    if (counts !== 0) alignWithGates(f, ids, h, counts, T, B, H);
    multiplyTransposedLeft(f, dwh >>> 2, h >>> 2, gates >>> 2, H, 4 * H, rows);
  }

  dropout(out: number, x: number, n: number, p: number, key: number): void {
    const f = this.memory.floats;
    const threshold = Math.max(1, Math.floor(p * 2 ** 32));
    for (let i = 0; i < n; i++)
      f[(out >>> 2) + i] = hash(key + i) < threshold ? 0 : f[(x >>> 2) + i]! * Math.fround(1 / (1 - p));
  }

  softmax(logits: number, rows: number, V: number, stride: number, inverseTemperature: number): void {
    const f = this.memory.floats;
    for (let r = 0, row = logits >>> 2; r < rows; r++, row += stride) {
      const sum = exponentials(f, row, V, largestOf(f, row, V), inverseTemperature);
      for (let v = 0; v < V; v++) f[row + v] = f[row + v]! / sum;
      f.fill(0, row + V, row + stride);
    }
  }

  crossEntropy(
    logits: number,
    targets: number,
    weights: number,
    rows: number,
    V: number,
    stride: number,
    gradientScale: number,
  ): number {
    const f = this.memory.floats;
    const ids = this.memory.integers;
    let total = 0;
    for (let r = 0, row = logits >>> 2; r < rows; r++, row += stride) {
      const token = ids[(targets >>> 2) + r]!;
      if (token === -1) {
        f.fill(0, row, row + stride);
        continue;
      }
      const weight = weights === 0 ? 1 : f[(weights >>> 2) + r]!;
      const largest = largestOf(f, row, V);
      const logit = f[row + token]! - largest;
      const sum = exponentials(f, row, V, largest, 1);
      const scale = gradientScale * weight;
      for (let v = 0; v < V; v++) f[row + v] = cutGradient(f[row + v]!) * (scale / sum);
      f[row + token] = f[row + token]! - scale;
      f.fill(0, row + V, row + stride);
      total += weight * (naturalLogarithm(sum) - logit);
    }
    return total;
  }

  squaredError(
    values: number,
    targets: number,
    weights: number,
    rows: number,
    N: number,
    stride: number,
    delta: number,
    gradientScale: number,
  ): number {
    const f = this.memory.floats;
    let total = 0;
    for (let r = 0; r < rows; r++) {
      const weight = weights === 0 ? 1 : f[(weights >>> 2) + r]!;
      const scale = (gradientScale * weight) / N;
      const row = (values >>> 2) + r * stride;
      const target = (targets >>> 2) + r * stride;
      let sum = 0;
      for (let n = 0; n < N; n++) {
        const d = f[row + n]! - f[target + n]!;
        const beyond = delta > 0 && Math.abs(d) > delta;
        if (Number.isNaN(f[target + n]!)) {
          f[row + n] = 0;
          continue;
        }
        if (delta === 0) sum += d * d;
        else sum += beyond ? delta * (Math.abs(d) - 0.5 * delta) : 0.5 * d * d;
        f[row + n] = cutGradient((delta === 0 ? 2 * d : beyond ? Math.sign(d) * delta : d) * scale);
      }
      f.fill(0, row + N, row + stride);
      total += (weight * sum) / N;
    }
    return total;
  }

  pinball(
    values: number,
    targets: number,
    weights: number,
    rows: number,
    N: number,
    stride: number,
    first: number,
    step: number,
    quantile: number,
    gradientScale: number,
  ): number {
    const f = this.memory.floats;
    const [low, high] = [-Math.fround(quantile), Math.fround(1 - Math.fround(quantile))];
    let total = 0;
    for (let r = 0; r < rows; r++) {
      const weight = weights === 0 ? 1 : f[(weights >>> 2) + r]!;
      const scale = (gradientScale * weight) / N;
      const row = (values >>> 2) + r * stride;
      const target = (targets >>> 2) + r * stride;
      let sum = 0;
      for (let n = first; n < N; n += step) {
        const d = f[row + n]! - f[target + n]!;
        if (Number.isNaN(f[target + n]!)) {
          f[row + n] = 0;
          continue;
        }
        const slope = d > 0 ? high : d < 0 ? low : d;
        sum += slope * d;
        f[row + n] = cutGradient(slope * scale);
      }
      f.fill(0, row + N, row + stride);
      total += (weight * sum) / N;
    }
    return total;
  }

  add(out: number, x: number, n: number): void {
    const f = this.memory.floats;
    for (let i = 0; i < n; i++) f[(out >>> 2) + i]! += f[(x >>> 2) + i]!;
  }

  sumOfSquares(x: number, n: number): number {
    const f = this.memory.floats;
    let sum = 0;
    for (let i = x >>> 2, end = i + n; i < end; i++) sum += f[i]! * f[i]!;
    return sum;
  }

  clipByValue(x: number, n: number, limit: number): void {
    const f = this.memory.floats;
    for (let i = x >>> 2, end = i + n; i < end; i++) {
      const value = f[i]!;
      if (value > limit) f[i] = limit;
      else if (value < -limit) f[i] = -limit;
    }
  }

  sgd(
    p: number,
    previous: number,
    g: number,
    v: number,
    n: number,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    gradientScale: number,
  ): void {
    const f = this.memory.floats;
    f.copyWithin(previous >>> 2, p >>> 2, (p >>> 2) + n);
    for (let i = 0; i < n; i++) {
      const before = f[(p >>> 2) + i]!;
      let step = gradientScale * f[(g >>> 2) + i]! + weightDecay * before;
      if (v !== 0) {
        step += momentum * f[(v >>> 2) + i]!;
        if (Math.abs(step) < LEAST_GRADIENT) step = 0;
        f[(v >>> 2) + i] = step;
      }
      f[(p >>> 2) + i] = before - learningRate * step;
    }
    if (weightDecay !== 0) cutParameters(f, p >>> 2, n);
  }

  adam(
    p: number,
    previous: number,
    g: number,
    m: number,
    v: number,
    n: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    l2: number,
    shrink: number,
    gradientScale: number,
  ): void {
    const f = this.memory.floats;
    const rate = learningRate / correction1;
    const correction = 1 / Math.sqrt(correction2);
    const leastRoot = epsilon / TWO_25;
    const leastSquare = (1 - beta2) * leastRoot * leastRoot;
    f.copyWithin(previous >>> 2, p >>> 2, (p >>> 2) + n);
    for (let i = 0; i < n; i++) {
      const before = f[(p >>> 2) + i]!;
      const gradient = f[(g >>> 2) + i]! * gradientScale + l2 * before;
      let mean = beta1 * f[(m >>> 2) + i]! + (1 - beta1) * gradient;
      if (Math.abs(mean) < LEAST_GRADIENT) mean = 0;
      const root = Math.abs(gradient) < leastRoot ? 0 : gradient;
      let square = beta2 * f[(v >>> 2) + i]! + (1 - beta2) * root * root;
      if (square < leastSquare) square = 0;
      f[(m >>> 2) + i] = mean;
      f[(v >>> 2) + i] = square;
      f[(p >>> 2) + i] = shrink * before - (rate * mean) / (Math.sqrt(square) * correction + epsilon);
    }
    if (shrink !== 1) cutParameters(f, p >>> 2, n);
  }

  rmsprop(
    p: number,
    previous: number,
    g: number,
    v: number,
    n: number,
    learningRate: number,
    alpha: number,
    epsilon: number,
    weightDecay: number,
    gradientScale: number,
  ): void {
    const f = this.memory.floats;
    const leastRoot = epsilon / TWO_25;
    const leastSquare = (1 - alpha) * leastRoot * leastRoot;
    f.copyWithin(previous >>> 2, p >>> 2, (p >>> 2) + n);
    for (let i = 0; i < n; i++) {
      const before = f[(p >>> 2) + i]!;
      const gradient = f[(g >>> 2) + i]! * gradientScale + weightDecay * before;
      const root = Math.abs(gradient) < leastRoot ? 0 : gradient;
      let square = alpha * f[(v >>> 2) + i]! + (1 - alpha) * root * root;
      if (square < leastSquare) square = 0;
      f[(v >>> 2) + i] = square;
      f[(p >>> 2) + i] = before - (learningRate * gradient) / (Math.sqrt(square) + epsilon);
    }
  }
}

/** As in assembly/lstm.ts: the number of sequences that have a step t. */
export const rowsAt = (ids: Int32Array, counts: number, t: number, B: number): number =>
  counts === 0 ? B : ids[(counts >>> 2) + t]!;

/** As in assembly/lstm.ts. */
function alignWithGates(
  f: Float32Array,
  ids: Int32Array,
  h: number,
  counts: number,
  T: number,
  B: number,
  H: number,
): void {
  let from = h >>> 2;
  let to = from;
  for (let t = 0; t < T; t++) {
    const length = rowsAt(ids, counts, t, B) * H;
    f.copyWithin(to, from, from + length);
    from += (t === 0 ? B : rowsAt(ids, counts, t - 1, B)) * H;
    to += length;
  }
}

/** As in assembly/optimizer.ts. */
function cutParameters(f: Float32Array, p: number, n: number): void {
  for (let i = p; i < p + n; i++) f[i] = cutGradient(f[i]!);
}

/** lowbias32, as in assembly/dropout.ts: an unsigned 32-bit number. */
function hash(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
