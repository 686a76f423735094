import type { Backend } from "#lstm/kernels/kernels.js";
import type { Case } from "./cases.js";

/** One way to run a case. */
export interface Variant {
  readonly backend: Backend;
  readonly threads: number;
}

/** What was asked for on the command line; an absent list leaves the choice to the case. */
export interface Wanted {
  readonly backends: readonly Backend[] | undefined;
  readonly threads: readonly number[] | undefined;
}

/** The JavaScript baseline needs minutes for these: it is measured on them only when asked for. */
const LONG_IN_JAVASCRIPT = new Set(["large"]);

/**
 * The backends of a case, each with the numbers of threads that it can use: several only for WebAssembly, and only where
 * a training step has several sequences to share out.
 *
 * @param available the backends that run here
 * @param cores as many threads as are taken unasked: 1, 2, 4, … and `cores`
 */
export function variantsOf(spec: Case, wanted: Wanted, available: readonly Backend[], cores: number): Variant[] {
  const backends = wanted.backends ?? feasible(spec, available);
  const counts = wanted.threads ?? doublings(cores);
  return backends.flatMap((backend) => {
    const divides = spec.training !== undefined && spec.batchSize > 1 && backend !== "javascript";
    return counts.filter((threads) => threads === 1 || divides).map((threads) => ({ backend, threads }));
  });
}

/** The backends on which a case takes no minutes. */
export const feasible = (spec: Case, available: readonly Backend[]): Backend[] =>
  available.filter((backend) => backend !== "javascript" || !LONG_IN_JAVASCRIPT.has(spec.name));

/** 1, 2, 4, … up to a limit, and the limit itself. */
export function doublings(limit: number): number[] {
  const numbers = [];
  for (let n = 1; n < limit; n *= 2) numbers.push(n);
  return [...numbers, limit];
}
