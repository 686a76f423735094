import { inject } from "vitest";

/** Whether to run cases that others nearly imply, as `.ci/run` does with FULL=1. */
export const FULL = inject("full");

/**
 * Every n-th case of a sweep; all of them with FULL=1. If n has no factor in common with the lengths of the sweep's axes,
 * each value of each axis still occurs.
 */
export const every = <T>(n: number, sweep: readonly T[], first = 0): readonly T[] =>
  FULL ? sweep : sweep.filter((_, i) => i % n === first % n);

/** Cases that always run, and more with FULL=1. */
export const withMore = <T>(always: readonly T[], more: readonly T[]): readonly T[] =>
  FULL ? [...always, ...more] : always;
