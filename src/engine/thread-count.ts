import { availableThreads } from "#platform";

/** Sequences that a thread needs to be of use: the products are computed some rows at a time. */
const MIN_SEQUENCES = 4;
/** Multiplications that it needs in every update, to be worth waking: about a fifth of a millisecond. */
const MIN_MULTIPLICATIONS = 2e6;
/** Bytes that the gradients of all threads but the first may take. */
const MAX_GRADIENT_BYTES = 2 ** 29;

/**
 * How many threads of this host make updates on B sequences of T steps faster.
 *
 * @param parameters how many numbers are trained
 */
export function usefulThreadCount(T: number, B: number, parameters: number): number {
  const most = Math.min(
    availableThreads(),
    B / MIN_SEQUENCES,
    (3 * parameters * T * B) / MIN_MULTIPLICATIONS,
    1 + MAX_GRADIENT_BYTES / (4 * parameters),
  );
  return Math.max(1, Math.floor(most));
}
