import type { Random } from "../common/random.js";

// Choosing a token from the scores or probabilities of one row, which begins at element `at` of the engine's memory.

/** The index of the largest of `n` numbers; the first of equals. */
export function argmax(floats: Float32Array, at: number, n: number): number {
  let best = 0;
  for (let i = 1; i < n; i++) if (floats[at + i]! > floats[at + best]!) best = i;
  return best;
}

/** An index drawn with the `n` probabilities, which need not add up to 1 to the last bit. */
export function sample(floats: Float32Array, at: number, n: number, random: Random): number {
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
 * @param order room for n indices
 */
export function filterTopKTopP(floats: Float32Array, at: number, order: Uint32Array, topK: number, topP: number): void {
  // A heap with the most probable on top settles no more of the order than is needed.
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = (order.length >> 1) - 1; i >= 0; i--) sink(floats, at, order, i, order.length);
  let sum = 0;
  let left = order.length;
  for (let kept = 0; left > 0 && kept < topK && sum < topP; kept++) {
    sum += floats[at + order[0]!]!;
    order[0] = order[--left]!;
    sink(floats, at, order, 0, left);
  }
  for (let i = 0; i < left; i++) floats[at + order[i]!] = 0;
}

/** Moves entry i of a heap of n indices down to where nothing more probable is below it. */
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
