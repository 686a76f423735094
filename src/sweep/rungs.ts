import { SweepError } from "./errors.js";

// Asynchronous successive halving (ASHA: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and Talwalkar
// 2020). A trial that has finished a rung goes on to the next as soon as it is among the best 1/η of those that have.
// There, "those that have" are the ones that happen to be done; here, they are taken in the order in which they joined
// the rung, up to the first that is not done. So no decision depends on what is faster, and the same sweep ends the
// same way however many processes there are and however often it is killed. In return, a slow trial delays promotions
// of those that joined after it; meanwhile, there are trials of lower rungs to run.

/**
 * The epochs of each rung, from few to all.
 *
 * @param least epochs of the first rung, at least; 0 for as many rungs as leave a trial for the last
 * @param factor how many times the epochs of a rung the next has
 */
export function rungsOf(epochs: number, least: number, factor: number, trials: number): number[] {
  if (least > epochs)
    throw new SweepError(`minEpochs: expected at most ${epochs}, the epochs of all rungs, got ${least}`);
  const rungs = [epochs];
  for (let survivors = trials; ; ) {
    const next = Math.floor(rungs[0]! / factor);
    survivors /= factor;
    if (next < Math.max(1, least) || (least === 0 && survivors < 1)) break;
    rungs.unshift(next);
  }
  return rungs;
}

/** How a trial did on a rung: lower is better, and undefined is worse than all. */
export type Score = { readonly metric: number | undefined };

/**
 * The trials of each rung, in the order in which they join it.
 *
 * @param scoreOf a trial on a rung; undefined if it is not done
 */
export function promote(
  trials: number,
  rungs: number,
  factor: number,
  scoreOf: (trial: number, rung: number) => Score | undefined,
): number[][] {
  const members = [Array.from({ length: trials }, (_, i) => i)];
  for (let rung = 0; rung + 1 < rungs; rung++) {
    const joined = new Set<number>();
    const ranked: Ranked[] = [];
    let finished = 0;
    for (const trial of members[rung]!) {
      const score = scoreOf(trial, rung);
      if (!score) break;
      const room = Math.floor(++finished / factor);
      const { metric } = score;
      if (metric !== undefined && insert(ranked, { trial, metric }) < room) joined.add(trial);
      // The room has grown, or whoever was last in it is one further down and joined before.
      const last = ranked[room - 1];
      if (last) joined.add(last.trial);
    }
    members.push([...joined]);
  }
  return members;
}

/** A trial of a rung with its measure. */
interface Ranked {
  readonly trial: number;
  readonly metric: number;
}

/** Inserts a trial among others, the best first. Returns its place. */
function insert(ranked: Ranked[], one: Ranked): number {
  let [low, high] = [0, ranked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = ranked[middle]!;
    if (other.metric < one.metric || (other.metric === one.metric && other.trial < one.trial)) low = middle + 1;
    else high = middle;
  }
  ranked.splice(low, 0, one);
  return low;
}
