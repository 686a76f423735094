import { type Range, rangeOf } from "../training/split.js";

/** A part of the tree of additions: the sum of some adjacent shards, which one rank can compute alone. */
export interface Subtree extends Range {
  readonly rank: number;
}

/**
 * The largest parts of the tree over `total` shards that the ranks can compute alone, in the order of the shards. In the
 * tree, 2ᵏ shards from a multiple of 2ᵏ on are added up before the rest, or as many as are left.
 */
export function subtrees(total: number, ranks: number): Subtree[] {
  const all: Subtree[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    const { start, end } = rangeOf(total, ranks, rank);
    for (let from = start; from < end; ) {
      let size = 1;
      while (from % (2 * size) === 0 && size < total && Math.min(from + 2 * size, total) <= end) size *= 2;
      const to = Math.min(from + size, total);
      all.push({ rank, start: from, end: to });
      from = to;
    }
  }
  return all;
}

/**
 * The additions that remain, in their order: pairs of shards with which a subtree begins, the second of which is added to
 * the first.
 */
export function additions(parts: readonly Range[], total: number): [number, number][] {
  const begins = new Set(parts.map(({ start }) => start));
  const pairs: [number, number][] = [];
  for (let distance = 1; distance < total; distance *= 2)
    for (let i = 0; i + distance < total; i += 2 * distance)
      if (begins.has(i) && begins.has(i + distance)) pairs.push([i, i + distance]);
  return pairs;
}
