import { availableThreads } from "#platform";

/** Sequences that a thread needs to be of use: the products are computed some rows at a time. */
const FEWEST_SEQUENCES = 4;
/** Multiplications that it needs in every update, to be worth waking: about a fifth of a millisecond. */
const FEWEST_MULTIPLICATIONS = 2e6;
/** Bytes that the gradients of all threads but the first may take. */
const MOST_BYTES = 2 ** 29;

/**
 * How many threads of this host make updates on B sequences of T steps faster.
 *
 * @param parameters how many numbers are trained
 */
export function usefulThreads(T: number, B: number, parameters: number): number {
  const most = Math.min(
    availableThreads(),
    B / FEWEST_SEQUENCES,
    (3 * parameters * T * B) / FEWEST_MULTIPLICATIONS,
    1 + MOST_BYTES / (4 * parameters),
  );
  return Math.max(1, Math.floor(most));
}
