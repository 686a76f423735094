import type { Backend } from "#lstm/kernels/kernels.js";
import type { Machine } from "../machine.js";
import type { RivalName } from "./rivals.js";

/** The throughput of one contestant in one case. */
export interface Throughput {
  readonly case: string;
  /** One of our backends, or a rival. */
  readonly contestant: Backend | RivalName;
  /** Of a rival. */
  readonly version?: string;
  /** The median over the rounds. */
  readonly tokensPerSecond: number;
}

/** One of our backends beside a rival. */
export interface Ratio {
  readonly case: string;
  readonly backend: Backend;
  readonly rival: RivalName;
  /** The rival's name for people. */
  readonly title: string;
  /** Our throughput divided by the rival's: the median over the rounds of the ratio in each. */
  readonly ratio: number;
}

/** What could not be measured, and why. */
export interface Absence {
  readonly contestant: string;
  /** Where it is one case alone. */
  readonly case?: string;
  readonly reason: string;
}

/** What `npm run bench:peers -- --json` prints. */
export interface PeersReport extends Machine {
  readonly rounds: number;
  /** Milliseconds of a turn, at least. */
  readonly time: number;
  /** Whether every contestant ran on the same single core. */
  readonly pinned: boolean;
  readonly results: readonly Throughput[];
  readonly ratios: readonly Ratio[];
  readonly absent: readonly Absence[];
}
