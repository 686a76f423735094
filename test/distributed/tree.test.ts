import { expect, test } from "vitest";
import { additions, rangeOf, subtrees, treeReduction } from "../internals/distributed.js";

/** The sum of shards 0 to total − 1 as the tree writes it: ((0 + 1) + 2). */
function written(total: number): string {
  const terms = Array.from({ length: total }, (_, i) => `${i}`);
  const kernels = { add: (to: number, from: number) => (terms[to] = `(${terms[to]} + ${terms[from]})`) };
  treeReduction.reduce(kernels as never, [...terms.keys()], 1);
  return terms[0]!;
}

test("each addition is the tree's, however many ranks share them", () => {
  for (let total = 1; total <= 33; total++)
    for (let ranks = 1; ranks <= 9; ranks++) {
      const parts = subtrees(total, ranks);
      const terms = new Map<number, string>();
      for (const { start, end, rank } of parts) {
        const own = rangeOf(total, ranks, rank);
        expect(start >= own.start && end <= own.end).toBe(true);
        // What a rank adds up alone: the tree over as many shards, counted from the first of them.
        terms.set(
          start,
          written(end - start).replace(/\d+/g, (i) => `${Number(i) + start}`),
        );
      }
      for (const [to, from] of additions(parts, total)) {
        terms.set(to, `(${terms.get(to)} + ${terms.get(from)})`);
        terms.delete(from);
      }
      expect([...terms.entries()], `${total} shards on ${ranks} ranks`).toEqual([[0, written(total)]]);
    }
});

test("ranks that share the shards evenly, a power of two each, add up all of theirs alone", () => {
  expect(subtrees(8, 4)).toEqual([0, 1, 2, 3].map((rank) => ({ rank, start: 2 * rank, end: 2 * rank + 2 })));
  expect(subtrees(2, 4).map(({ rank }) => rank)).toEqual([0, 1]);
  expect(subtrees(7, 1)).toEqual([{ rank: 0, start: 0, end: 7 }]);
});
