import { inject } from "vitest";

/** Whether FULL=1, as `.ci/run` sets it, asks for what other cases all but imply. */
export const FULL = inject("full");

/**
 * Every n-th case of a sweep; all of them with FULL=1. If n shares no factor with the lengths of the sweep's axes, each
 * value of each axis still occurs.
 */
export const every = <T>(n: number, sweep: readonly T[], first = 0): readonly T[] =>
  FULL ? sweep : sweep.filter((_, i) => i % n === first % n);

/** What always runs, and what joins it with FULL=1. */
export const withMore = <T>(always: readonly T[], more: readonly T[]): readonly T[] =>
  FULL ? [...always, ...more] : always;
