import type { Random } from "./random.js";

// Choosing a token from the scores or probabilities of one row, which begins at element `at` of the engine's memory.

/** The index of the largest of `n` numbers; the first of equals. */
export function argmax(floats: Float32Array, at: number, n: number): number {
  let best = 0;
  for (let i = 1; i < n; i++) if (floats[at + i]! > floats[at + best]!) best = i;
  return best;
}

/** An index drawn with the `n` probabilities, which need not add up to 1 to the last bit. */
export function draw(floats: Float32Array, at: number, n: number, random: Random): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += floats[at + i]!;
  let left = random.uniform() * total;
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

/**
 * Sets to 0 all but the most probable tokens: the `topK` first, and of them as few as together reach `topP`. The scores
 * of equals go by index.
 *
 * @param order room for n indices, any permutation of 0 … n − 1
 */
export function keepMostProbable(
  floats: Float32Array,
  at: number,
  order: Uint32Array,
  topK: number,
  topP: number,
): void {
  order.sort((a, b) => floats[at + b]! - floats[at + a]! || a - b);
  let sum = 0;
  let kept = 0;
  while (kept < order.length && kept < topK && sum < topP) sum += floats[at + order[kept++]!]!;
  for (; kept < order.length; kept++) floats[at + order[kept]!] = 0;
}
