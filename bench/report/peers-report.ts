import type { Backend } from "#lstm/kernels/kernels.js";
import type { CompetitorName } from "../cases/competitors.js";
import type { Machine } from "../common/machine.js";

/** The throughput of one implementation on one case. */
export interface Throughput {
  readonly case: string;
  /** One of our backends, or a competitor. */
  readonly implementation: Backend | CompetitorName;
  readonly threads: number;
  /** A competitor's. */
  readonly version?: string;
  /** Median over the rounds. */
  readonly tokensPerSecond: number;
}

/** One of our backends compared with a competitor. */
export interface Ratio {
  readonly case: string;
  readonly backend: Backend;
  readonly threads: number;
  readonly competitor: CompetitorName;
  /** The name that people know. */
  readonly title: string;
  /** Our throughput divided by the competitor's: the median of the ratios in each round. */
  readonly ratio: number;
}

/** What was not measured, and why. */
export interface Skipped {
  readonly implementation: string;
  /** Absent where it was skipped on all cases. */
  readonly case?: string;
  readonly reason: string;
}

/** What `npm run bench:peers -- --json` prints. */
export interface PeersReport extends Machine {
  readonly rounds: number;
  /** Milliseconds per sample, at least. */
  readonly time: number;
  /** Whether all implementations ran on the same cores, as many as threads. */
  readonly pinned: boolean;
  /** Whether the cases are those of examples, of equal and of unequal length. */
  readonly lengths?: true;
  readonly results: readonly Throughput[];
  readonly ratios: readonly Ratio[];
  readonly skipped: readonly Skipped[];
}
