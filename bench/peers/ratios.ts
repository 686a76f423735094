import type { Backend } from "#lstm/kernels/kernels.js";
import { median } from "../statistics.js";
import type { Rates } from "./contest.js";
import type { Ratio } from "./report.js";
import type { Rival, RivalName } from "./rivals.js";

/** Every one of our backends beside every rival, in one case; those that fell out are left out. */
export function ratiosIn(
  name: string,
  rates: Rates<Backend | RivalName>,
  backends: readonly Backend[],
  rivals: readonly Pick<Rival, "name" | "title">[],
): Ratio[] {
  return rivals.flatMap(({ name: rival, title }) =>
    backends.flatMap((backend) => {
      const [ours, theirs] = [rates.get(backend), rates.get(rival)];
      return ours && theirs ? [{ case: name, backend, rival, title, ratio: medianRatio(ours, theirs) }] : [];
    }),
  );
}

/**
 * How many times as fast one is as another: the median of the ratios of each round, in which both ran within seconds of
 * each other on a machine that is never quite the same.
 *
 * @param ours tokens per second, by round
 * @param theirs the same, in the same rounds or the first of them
 */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(theirs.map((rate, round) => ours[round]! / rate));
