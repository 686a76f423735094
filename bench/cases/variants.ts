import type { Backend } from "#lstm/kernels/kernels.js";
import type { Case } from "./cases.js";

/** One way to run a case. */
export interface Variant {
  readonly backend: Backend;
  readonly threads: number;
}

/** What the command line asks for; undefined leaves the choice to the case. */
export interface RequestedVariants {
  readonly backends: readonly Backend[] | undefined;
  readonly threads: readonly number[] | undefined;
}

/** Minutes per measurement on the JavaScript backend, so it runs these only on request. */
const SLOW_IN_JAVASCRIPT = new Set(["large", "words", "predict-512x2"]);

/**
 * A case's backends, each with the thread counts that it can use: more than one only on WebAssembly, and only where a
 * batch has several sequences to split.
 *
 * @param available backends that this Node runs
 * @param cores the most threads to use by default: 1, 2, 4, … and `cores`
 */
export function variantsOf(
  spec: Case,
  requested: RequestedVariants,
  available: readonly Backend[],
  cores: number,
): Variant[] {
  const backends = requested.backends ?? defaultBackends(spec, available);
  const counts = requested.threads ?? doublings(cores);
  return backends.flatMap((backend) =>
    counts
      .filter((threads) => threads === 1 || (isParallel(spec) && backend !== "javascript"))
      .map((threads) => ({ backend, threads })),
  );
}

/** Whether several threads have anything to share. */
export const isParallel = ({ batchSize, sharesSteps }: Case): boolean => batchSize > 1 || sharesSteps === true;

/** The backends that run a case in less than minutes. */
export const defaultBackends = (spec: Case, available: readonly Backend[]): Backend[] =>
  available.filter((backend) => backend !== "javascript" || !SLOW_IN_JAVASCRIPT.has(spec.name));

/** 1, 2, 4, … below a limit, then the limit itself. */
export function doublings(limit: number): number[] {
  const numbers = [];
  for (let n = 1; n < limit; n *= 2) numbers.push(n);
  return [...numbers, limit];
}
