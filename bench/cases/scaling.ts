import { CASES, type Case, trainingCase, V } from "./cases.js";
import { doublings } from "./variants.js";

/** Cases that differ in one size alone. */
export interface ScalingSeries {
  readonly name: "hiddenSize" | "batchSize" | "threads";
  readonly title: string;
  readonly points: readonly {
    readonly value: number;
    readonly spec: Case;
    /** Only in the series of threads. */
    readonly threads?: number;
  }[];
}

const T = 32;
/** 127 and 130 are not multiples of four, 120 is not a multiple of sixteen. */
const HIDDEN_SIZES = [16, 32, 64, 120, 127, 128, 130, 256, 512, 1024];
const BATCH_SIZES = doublings(256);

/** Training with Adam over hidden sizes, batch sizes and, given several, thread counts. */
export function scalingSeries(threads: readonly number[]): ScalingSeries[] {
  const wide = CASES.find(({ name }) => name === "wide")!;
  const series: ScalingSeries[] = [
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
