import { CASES, type Case, trainingCase, V } from "./cases.js";
import { doublings } from "./variants.js";

/** What one size is varied over, everything else being fixed. */
export interface Series {
  readonly name: "hiddenSize" | "batchSize" | "threads";
  readonly title: string;
  readonly points: readonly {
    readonly value: number;
    readonly spec: Case;
    /** Where the series is one of threads. */
    readonly threads?: number;
  }[];
}

const T = 32;
/** 127 and 130 are no multiples of four, 120 is none of sixteen. */
const HIDDEN_SIZES = [16, 32, 64, 120, 127, 128, 130, 256, 512, 1024];
const BATCH_SIZES = doublings(256);

/** How throughput depends on the hidden size, the batch size and the number of threads, in training with Adam. */
export function allSeries(threads: readonly number[]): Series[] {
  const wide = CASES.find(({ name }) => name === "wide")!;
  const series: Series[] = [
    {
      name: "hiddenSize",
      title: `hidden size (B = 32, T = ${T}, one layer)`,
      points: HIDDEN_SIZES.map((value) => ({ value, spec: oneLayer(`hidden-${value}`, 32, value) })),
    },
    {
      name: "batchSize",
      title: `batch size (H = 128, T = ${T}, one layer)`,
      points: BATCH_SIZES.map((value) => ({ value, spec: oneLayer(`batch-${value}`, value, 128) })),
    },
    {
      name: "threads",
      title: "threads (wide)",
      points: threads.map((value) => ({ value, spec: wide, threads: value })),
    },
  ];
  return series.filter(({ points }) => points.length > 1);
}

const oneLayer = (name: string, batchSize: number, hiddenSize: number) =>
  trainingCase(name, batchSize, T, V, hiddenSize, 1, "adam");
