import type { Random } from "../common/random.js";

/** The indices of `held` random examples, as nearly as possible the same fraction of each class. */
export function stratified(
  examples: readonly { readonly targets: ArrayLike<unknown> }[],
  held: number,
  random: Random,
): ReadonlySet<number> {
  const classes = new Map<number, number[]>();
  for (const [i, { targets }] of examples.entries()) {
    const target = Number(targets[0]);
    const members = classes.get(target) ?? [];
    members.push(i);
    classes.set(target, members);
  }
  const shares = [...classes]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => {
      const exact = (members.length * held) / examples.length;
      return { members, count: Math.floor(exact), rest: exact % 1 };
    });
  // The classes with the largest remainders get one more each.
  let left = held - shares.reduce((sum, { count }) => sum + count, 0);
  for (const share of [...shares].sort((a, b) => b.rest - a.rest)) if (left-- > 0) share.count++;
  const chosen = new Set<number>();
  for (const { members, count } of shares)
    for (let i = 0; i < count; i++) {
      const j = i + Math.floor(random.uniform() * (members.length - i));
      [members[i], members[j]] = [members[j]!, members[i]!];
      chosen.add(members[i]!);
    }
  return chosen;
}
