import { availableThreads } from "#platform";

/** Fewest sequences that keep a thread busy: matrix products are computed several rows at a time. */
const MIN_SEQUENCES = 4;
/** Multiplications per update that make a thread worth waking: about a fifth of a millisecond. */
const MIN_MULTIPLICATIONS = 2e6;

/**
 * The number of threads of a process that speed up updates on B sequences of T steps.
 *
 * @param parameters number of trained parameters
 * @param processes that share this host's threads
 */
export function usefulThreadCount(T: number, B: number, parameters: number, processes = 1): number {
  const most = Math.min(
    availableThreads() / processes,
    B / MIN_SEQUENCES,
    (3 * parameters * T * B) / MIN_MULTIPLICATIONS,
  );
  return Math.max(1, Math.floor(most));
}

/** Multiplications on one thread that take a few times as long as to start a worker, some 40 milliseconds. */
const START_MULTIPLICATIONS = 2e9;

/**
 * The number of threads on this host that speed up forward passes.
 *
 * @param steps of all sequences
 * @param processes that share this host's threads
 */
export const usefulInferenceThreads = (
  steps: number,
  { table }: { table: { length: number } },
  processes = 1,
): number =>
  table.length * steps < START_MULTIPLICATIONS ? 1 : Math.max(1, Math.floor(availableThreads() / processes));
