import type { Random } from "../common/random.js";

// Choosing a token from one row of logits or probabilities, which starts at element `at` of the engine's memory.

/** The index of the largest of `n` numbers; on ties, the first. */
export function argmax(floats: Float32Array, at: number, n: number): number {
  let best = 0;
  for (let i = 1; i < n; i++) if (floats[at + i]! > floats[at + best]!) best = i;
  return best;
}

/** An index sampled from `n` probabilities, whose sum may differ from 1 by rounding. */
export const sample = (floats: Float32Array, at: number, n: number, random: Random): number =>
  indexAt(floats, at, n, random.uniform());

/** The index of `n` probabilities in whose part of the whole a share, from 0 to 1, lies. */
export function indexAt(floats: Float32Array, at: number, n: number, share: number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += floats[at + i]!;
  let left = share * total;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const probability = floats[at + i]!;
    if (probability === 0) continue;
    last = i;
    left -= probability;
    if (left < 0) return i;
  }
  return last;
}
