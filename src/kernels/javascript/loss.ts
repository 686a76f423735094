import { exp } from "./activations.js";

// Offsets count float32 elements of f, the whole memory. N, K and H are multiples of four.

export function largestOf(f: Float32Array, row: number, V: number): number {
  let largest = f[row]!;
  for (let v = 1; v < V; v++) if (f[row + v]! > largest) largest = f[row + v]!;
  return largest;
}

/** Turns the logits x of one row into e^((x − largest) · scale), and returns their sum. */
export function exponentials(f: Float32Array, row: number, V: number, largest: number, scale: number): number {
  let sum = 0;
  for (let v = 0; v < V; v++) {
    const e = exp((f[row + v]! - largest) * scale);
    f[row + v] = e;
    sum += e;
  }
  return sum;
}
