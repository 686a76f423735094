// The activations and softmax of assembly/ in float32, each operation rounded as there: for the kernels that give the
// same bits on every backend. Four at a time there, one by one here. Offsets count float32 elements of f.

const { fround } = Math;

/** A table as EXP in assembly/activations.ts has it. */
const table = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

const EXP = table(
  ...[-88.3, 88.3, Math.LOG2E, 12583039, 0.693359375, -2.1219444e-4],
  ...[8.31250325983e-3, 4.18901533629e-2, 1.66671148558e-1, 4.99992315399e-1, 1, 1],
);
const GATE = table(
  ...[-88.3, 87.3, -Math.LOG2E, 12583039, -0.693359375, 2.1219444e-4],
  ...[-4.0196797e22, 2.0256834e23, -8.059722e23, 2.4178145e24, -4.8357033e24, 4.8357033e24],
);
const TANH_P = table(1.3354639538e-8, 2.0609064136e-5, 3.4955869055e-3, 0.133810245648, 0.9999999794485);
const TANH_Q = table(7.7765486492e-7, 3.2856329062e-4, 2.5876977413e-2, 0.467143401552, 1);
const TANH_LIMIT = 81;
/** The square of 2⁻⁴⁶. */
const LEAST_SQUARE = 2 ** -92;
const NO_LOGIT = fround(-3e38);
/** Numbers of one lane that are added up at a time. */
const SUM_LENGTH = 256;
const MAGIC = 12582912;
/** 2ⁿ by n + 127. */
const POWERS = new Float32Array(Int32Array.from({ length: 255 }, (_, exponent) => exponent << 23).buffer);

/** power4 */
function power(x: number, t: Float32Array): number {
  let clamped = x < t[0]! ? t[0]! : x;
  clamped = t[1]! < clamped ? t[1]! : clamped;
  const shifted = fround(fround(clamped * t[2]!) + t[3]!);
  const n = fround(shifted - t[3]!);
  const r = fround(fround(clamped - fround(n * t[4]!)) - fround(n * t[5]!));
  let p = fround(fround(t[6]! * r) + t[7]!);
  p = fround(fround(p * r) + t[8]!);
  p = fround(fround(p * r) + t[9]!);
  p = fround(fround(p * r) + t[10]!);
  p = fround(fround(p * r) + t[11]!);
  return fround(p * POWERS[shifted - MAGIC]!);
}

/** gate4 */
function gate(x: number): number {
  const scale = GATE[11]!;
  return fround(scale / fround(scale + power(x, GATE)));
}

/** tanhBySquare4 */
function tanhBySquare(x: number, square: number): number {
  const s = TANH_LIMIT < square ? TANH_LIMIT : square;
  let p = TANH_P[0]!;
  let q = TANH_Q[0]!;
  for (let i = 1; i < TANH_P.length; i++) {
    p = fround(fround(p * s) + TANH_P[i]!);
    q = fround(fround(q * s) + TANH_Q[i]!);
  }
  const quotient = fround(fround(x * p) / q);
  const below = 1 < quotient ? 1 : quotient;
  return below < -1 ? -1 : below;
}

/** cellForward of assembly/lstm.ts. */
export function cell(
  f: Float32Array,
  h: number,
  c: number,
  gates: number,
  cPrevious: number,
  B: number,
  H: number,
): void {
  for (let b = 0, at = gates; b < B; b++, at += 4 * H)
    for (let u = 0; u < H; u++) {
      const i = gate(f[at + u]!);
      const forget = gate(f[at + H + u]!);
      const a = f[at + 2 * H + u]!;
      const g = tanhBySquare(a, fround(a * a));
      const o = gate(f[at + 3 * H + u]!);
      f[at + u] = i;
      f[at + H + u] = forget;
      f[at + 2 * H + u] = g;
      f[at + 3 * H + u] = o;
      const sum = fround(fround(forget * f[cPrevious + b * H + u]!) + fround(i * g));
      const square = fround(sum * sum);
      const state = square < LEAST_SQUARE ? 0 : sum;
      f[c + b * H + u] = state;
      f[h + b * H + u] = o * tanhBySquare(state, square);
    }
}

/** softmax of assembly/loss.ts, of one row. */
export function probabilities(f: Float32Array, row: number, V: number, stride: number, scale: number): void {
  f.fill(NO_LOGIT, row + V, row + stride);
  let largest = f[row]!;
  for (let v = 1; v < V; v++) if (largest < f[row + v]!) largest = f[row + v]!;
  const sums = new Float32Array(4);
  const parts = new Float32Array(4);
  for (let from = 0; from < stride; from += 4 * SUM_LENGTH) {
    parts.fill(0);
    for (let v = from; v < Math.min(stride, from + 4 * SUM_LENGTH); v++) {
      const e = power(fround(fround(f[row + v]! - largest) * scale), EXP);
      f[row + v] = e;
      parts[v & 3]! += e;
    }
    for (let lane = 0; lane < 4; lane++) sums[lane]! += parts[lane]!;
  }
  const factor = fround(1 / fround(fround(sums[0]! + sums[2]!) + fround(sums[1]! + sums[3]!)));
  for (let v = 0; v < V; v++) f[row + v]! *= factor;
  f.fill(0, row + V, row + stride);
}
