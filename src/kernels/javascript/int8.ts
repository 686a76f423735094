import type { KernelInstance } from "../kernels.js";
import { ArrayBufferMemory, JavaScriptKernels, rowsAt } from "./javascript.js";
import { cell, probabilities } from "./single.js";

// assembly/int8.ts in plain JavaScript, which says what the numbers mean: the same bits. Only losses are those of
// JavaScriptKernels.

const { fround } = Math;
const HEADER = 16;
const LEVELS = 63;
const FINE_LEVELS = 8191;
const MAGIC = 12582912;
/** 2⁻¹⁰⁰ */
const LEAST = 7.888609052210118e-31;

/** A fresh memory with the JavaScript kernels for int8 weights over it. */
export function createInt8JavaScriptKernels(): KernelInstance {
  const memory = new ArrayBufferMemory();
  const none = () => 0;
  const scratchBytes = {
    linearForward: none,
    linearBackward: none,
    gatherBackward: none,
    lstmForward: none,
    lstmBackward: none,
  };
  return { backend: "javascript", kernels: new Int8JavaScriptKernels(memory), memory, scratchBytes };
}

class Int8JavaScriptKernels extends JavaScriptKernels {
  private bytes = new Int8Array(0);
  /** A row of activations less their offset, in one digit, or the high and the low one. */
  private high = new Int32Array(0);
  private low = new Int32Array(0);

  override linearForward(
    y: number,
    x: number,
    w: number,
    b: number,
    _scratch: number,
    M: number,
    N: number,
    K: number,
  ): void {
    this.multiply(y >>> 2, x >>> 2, w, b >>> 2, 0, M, N, K);
  }

  override gatherForward(y: number, tokens: number, w: number, b: number, rows: number, N: number): void {
    const { floats: f, integers: ids } = this.memory;
    const weights = this.weights();
    for (let r = 0; r < rows; r++) {
      const token = ids[(tokens >>> 2) + r]!;
      const to = (y >>> 2) + r * N;
      if (b === 0) {
        const row = w + token * (N + 4);
        const scale = f[row >>> 2]!;
        for (let n = 0; n < N; n++) f[to + n] = weights[row + 4 + n]! * scale;
      } else {
        const row = w + 4 * N + token * N;
        for (let n = 0; n < N; n++) f[to + n] = fround(weights[row + n]! * f[(w >>> 2) + n]!) + f[(b >>> 2) + n]!;
      }
    }
  }

  override lstmForward(
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
      this.multiply(a, (h >>> 2) + before, wh, a, 4 * H, n, 4 * H, H);
      cell(f, (h >>> 2) + now, (c >>> 2) + now, a, (c >>> 2) + before, n, H);
      previous = B + row;
      row += n;
    }
  }

  override softmax(logits: number, rows: number, V: number, stride: number, inverseTemperature: number): void {
    const scale = fround(inverseTemperature);
    for (let r = 0; r < rows; r++) probabilities(this.memory.floats, (logits >>> 2) + r * stride, V, stride, scale);
  }

  private weights(): Int8Array {
    const { buffer } = this.memory;
    if (this.bytes.buffer !== buffer) this.bytes = new Int8Array(buffer);
    return this.bytes;
  }

  /** y = start + x·W. Offsets count float32 elements, w bytes. */
  private multiply(
    y: number,
    x: number,
    w: number,
    start: number,
    startStride: number,
    M: number,
    N: number,
    K: number,
  ): void {
    const { floats: f, integers } = this.memory;
    const weights = this.weights();
    const isFine = integers[w >>> 2] === 2;
    const scales = (w + HEADER) >>> 2;
    const sums = scales + N;
    const panels = (sums + N) * 4;
    const width = Math.ceil(K / 16) * 16;
    if (this.high.length < K) this.high = new Int32Array(K);
    if (isFine && this.low.length < K) this.low = new Int32Array(K);
    const { high, low } = this;
    for (let m = 0; m < M; m++) {
      const rowScale = isFine ? roundFine(high, low, f, x + m * K, K) : roundCoarse(high, f, x + m * K, K);
      for (let n = 0; n < N; n++) {
        const row = panels + (n >>> 2) * 4 * width + (n & 3) * 16;
        const coarse = dot(weights, row, high, K) - integers[sums + n]!;
        const sum = isFine ? fround(fround(coarse) * 128) + fround(dot(weights, row, low, K)) : coarse;
        const factor = fround(f[scales + n]! * rowScale);
        f[y + m * N + n] = f[start + m * startStride + n]! + fround(fround(sum) * factor);
      }
    }
  }
}

/** Σ w·u for one output, whose weights lie sixteen together. */
function dot(weights: Int8Array, row: number, u: Int32Array, K: number): number {
  let sum = 0;
  for (let k = 0, at = row; k < K; at += 48)
    for (const end = Math.min(K, k + 16); k < end; k++, at++) sum = (sum + weights[at]! * u[k]!) | 0;
  return sum;
}

/** The largest magnitude of a row, or NaN. */
function largestOf(f: Float32Array, x: number, K: number): number {
  let largest = LEAST;
  for (let k = 0; k < K; k++) largest = Math.max(largest, Math.abs(f[x + k]!));
  return largest;
}

function roundCoarse(u: Int32Array, f: Float32Array, x: number, K: number): number {
  const largest = largestOf(f, x, K);
  const factor = fround(LEVELS / largest);
  for (let k = 0; k < K; k++) u[k] = (fround(fround(f[x + k]! * factor) + MAGIC + 64) - MAGIC) & 127;
  return fround(largest / LEVELS);
}

function roundFine(high: Int32Array, low: Int32Array, f: Float32Array, x: number, K: number): number {
  const largest = largestOf(f, x, K);
  const factor = fround(FINE_LEVELS / largest);
  for (let k = 0; k < K; k++) {
    const q = fround(fround(f[x + k]! * factor) + MAGIC + 8192) - MAGIC;
    high[k] = (q >>> 7) & 127;
    low[k] = q & 127;
  }
  return fround(largest / FINE_LEVELS);
}
