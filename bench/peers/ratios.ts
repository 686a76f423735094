import type { Backend } from "#lstm/kernels/kernels.js";
import type { Competitor, CompetitorName } from "../cases/competitors.js";
import { median } from "../common/statistics.js";
import type { Ratio } from "../report/peers-report.js";
import type { Rates } from "./interleave.js";

/** Each of our backends compared with each competitor on one case, except those that failed. */
export function ratiosOn(
  name: string,
  threads: number,
  rates: Rates<Backend | CompetitorName>,
  backends: readonly Backend[],
  competitors: readonly Pick<Competitor, "name" | "title">[],
): Ratio[] {
  return competitors.flatMap(({ name: competitor, title }) =>
    backends.flatMap((backend) => {
      const [ours, theirs] = [rates.get(backend), rates.get(competitor)];
      return ours && theirs
        ? [{ case: name, backend, threads, competitor, title, ratio: medianRatio(ours, theirs) }]
        : [];
    }),
  );
}

/**
 * How many times as fast one implementation is as another: the median of the rounds' ratios, since both ran within seconds
 * of each other in a round, while a shared machine changes from one round to the next.
 *
 * @param ours tokens per second, by round
 * @param theirs the same, for all of those rounds or the first of them
 */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(theirs.map((rate, round) => ours[round]! / rate));
