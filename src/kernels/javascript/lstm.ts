import { gatesOf, tanh, tanhOf } from "./activations.js";
import { cutGradient, cutState } from "./cut.js";

// Offsets count float32 elements of f, the whole memory. N, K and H are multiples of four.

/** The same step as cellForward in assembly/lstm.ts. */
export function cellForward(
  f: Float32Array,
  h: number,
  c: number,
  gates: number,
  cPrevious: number,
  B: number,
  H: number,
): void {
  for (let b = 0, at = gates; b < B; b++, at += 4 * H) {
    gatesOf(f, at, at + 2 * H);
    tanhOf(f, at + 2 * H, at + 3 * H);
    gatesOf(f, at + 3 * H, at + 4 * H);
    for (let u = 0; u < H; u++) {
      const cell = cutState(f[at + H + u]! * f[cPrevious + b * H + u]! + f[at + u]! * f[at + 2 * H + u]!);
      f[c + b * H + u] = cell;
      f[h + b * H + u] = f[at + 3 * H + u]! * tanh(cell);
    }
  }
}

/** The same step as cellBackward in assembly/lstm.ts. */
export function cellBackward(
  f: Float32Array,
  gates: number,
  dc: number,
  dhAbove: number,
  dhNext: number,
  c: number,
  cPrevious: number,
  B: number,
  H: number,
): void {
  for (let b = 0, at = gates; b < B; b++, at += 4 * H) {
    for (let u = 0; u < H; u++) {
      const unit = b * H + u;
      const i = f[at + u]!;
      const forget = f[at + H + u]!;
      const g = f[at + 2 * H + u]!;
      const o = f[at + 3 * H + u]!;
      const dhHere = cutGradient(f[dhAbove + unit]! + f[dhNext + unit]!);
      const tanhC = tanh(f[c + unit]!);
      const dcHere = cutGradient(f[dc + unit]! + dhHere * o * (1 - tanhC * tanhC));
      f[at + u] = dcHere * g * i * (1 - i);
      f[at + H + u] = dcHere * f[cPrevious + unit]! * forget * (1 - forget);
      f[at + 2 * H + u] = dcHere * i * (1 - g * g);
      f[at + 3 * H + u] = dhHere * tanhC * o * (1 - o);
      f[dc + unit] = dcHere * forget;
    }
  }
}
