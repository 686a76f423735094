import { availableThreads } from "#platform";

/** Sequences that keep a thread busy: the products are computed some rows at a time. */
const MIN_SEQUENCES = 4;
/** Multiplications in every update that are worth waking a thread for: about a fifth of a millisecond. */
const MIN_MULTIPLICATIONS = 2e6;

/**
 * How many threads of this host make updates on B sequences of T steps faster.
 *
 * @param parameters how many numbers are trained
 */
export function usefulThreadCount(T: number, B: number, parameters: number): number {
  const most = Math.min(availableThreads(), B / MIN_SEQUENCES, (3 * parameters * T * B) / MIN_MULTIPLICATIONS);
  return Math.max(1, Math.floor(most));
}
