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

/**
 * Sets all but the most probable tokens to 0: keeps at most `topK`, and of these no more than are needed to reach
 * `topP`. Ties are broken by index.
 *
 * @param order scratch space for n indices
 */
export function filterTopKTopP(floats: Float32Array, at: number, order: Uint32Array, topK: number, topP: number): void {
  // A max-heap sorts no more than is needed.
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = (order.length >> 1) - 1; i >= 0; i--) sink(floats, at, order, i, order.length);
  let sum = 0;
  let left = order.length;
  for (let count = 0; left > 0 && count < topK && sum < topP; count++) {
    sum += floats[at + order[0]!]!;
    order[0] = order[--left]!;
    sink(floats, at, order, 0, left);
  }
  for (let i = 0; i < left; i++) floats[at + order[i]!] = 0;
}

/** Sifts entry i of a heap of n indices down. */
function sink(floats: Float32Array, at: number, heap: Uint32Array, i: number, n: number): void {
  const index = heap[i]!;
  for (let child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && isBefore(floats, at, heap[child + 1]!, heap[child]!)) child++;
    if (isBefore(floats, at, index, heap[child]!)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = index;
}

function isBefore(floats: Float32Array, at: number, a: number, b: number): boolean {
  const difference = floats[at + a]! - floats[at + b]!;
  return difference > 0 || (difference === 0 && a < b);
}
