import { Bench, type Task } from "tinybench";
import type { Case } from "../cases/cases.js";
import { flopsPerToken } from "../cases/flops.js";
import type { Variant } from "../cases/variants.js";
import { median } from "../common/statistics.js";
import { isVectorized, loadCeilingKernel, type Vectorized } from "./peak.js";
import { createWorkload, type Workload } from "./workload.js";

export interface Result extends Variant {
  readonly case: string;
  /** Median over the rounds. */
  readonly tokensPerSecond: number;
  readonly gigaflops: number;
  /** The ceiling kernel's median in the same rounds, on one thread. Absent for `javascript`. */
  readonly ceilingGigaflops?: number;
}

/** How long to measure. */
export interface TimingOptions {
  /** How often each variant is sampled. */
  readonly rounds: number;
  /** Milliseconds per sample, at least; a sample is never shorter than one run. */
  readonly time: number;
}

/** Milliseconds per sample of the ceiling kernel, enough for thousands of runs. */
const CEILING_TIME = 30;

/** Runs before the measurement, at least: engines recompile hot code while it runs. */
const WARMUP_RUNS = 2;

/** A case in one of its variants. */
export interface Subject {
  readonly spec: Case;
  readonly variant: Variant;
}

/** Measures a case's variants as {@link measureAll} does. */
export const measure = (
  spec: Case,
  variants: readonly Variant[],
  timing: TimingOptions,
  onPeak?: (backend: Vectorized, gigaflops: number) => void,
): Promise<Result[]> =>
  measureAll(
    variants.map((variant) => ({ spec, variant })),
    timing,
    onPeak,
  );

/**
 * Measures cases in interleaved rounds, together with the ceilings of their builds, so that a slow minute of the machine
 * hits all of them alike.
 *
 * @param onPeak is called with each ceiling of each round, in GFLOP/s
 */
export async function measureAll(
  subjects: readonly Subject[],
  { rounds, time }: TimingOptions,
  onPeak: (backend: Vectorized, gigaflops: number) => void = () => {},
): Promise<Result[]> {
  const bench = new Bench({ time, iterations: 1, warmupTime: Math.min(300, time), warmupIterations: WARMUP_RUNS });
  const ceilingBench = new Bench({ time: CEILING_TIME, iterations: 1, warmupTime: CEILING_TIME });

  const peaks: { backend: Vectorized; flops: number; task: Task; gigaflops: number[] }[] = [];
  for (const backend of new Set(subjects.map(({ variant }) => variant.backend).filter(isVectorized))) {
    const { flops, run } = await loadCeilingKernel(backend);
    peaks.push({ backend, flops, task: addTask(ceilingBench, backend, run, false), gigaflops: [] });
  }
  const workloads: Workload[] = [];
  const entries = [];
  try {
    for (const { spec, variant } of subjects) {
      const workload = await createWorkload(spec, variant.backend, variant.threads);
      workloads.push(workload);
      const task = addTask(bench, `${spec.name} ${variant.backend} ${variant.threads}`, () => workload.run(), true);
      entries.push({ spec, variant, tokens: workload.tokens, task, rates: [] as number[] });
    }
    for (const { task } of [...peaks, ...entries]) await task.warmup();
    for (let round = 0; round < rounds; round++) {
      for (const peak of peaks) {
        const gigaflops = peak.flops / 1e6 / (await sample(peak.task));
        peak.gigaflops.push(gigaflops);
        onPeak(peak.backend, gigaflops);
      }
      for (const { task, tokens, rates } of entries) rates.push((1000 * tokens) / (await sample(task)));
    }
  } finally {
    for (const workload of workloads) workload.free();
  }
  return entries.map(({ spec, variant, rates }) => {
    const tokensPerSecond = median(rates);
    const peak = peaks.find(({ backend }) => backend === variant.backend);
    return {
      case: spec.name,
      ...variant,
      tokensPerSecond,
      gigaflops: (tokensPerSecond * flopsPerToken(spec)) / 1e9,
      ...(peak && { ceilingGigaflops: median(peak.gigaflops) }),
    };
  });
}

function addTask(bench: Bench, name: string, run: () => unknown, async: boolean): Task {
  return bench.add(name, run, { async }).getTask(name)!;
}

/** The median milliseconds per run in one sample of a task. */
async function sample(task: Task): Promise<number> {
  task.reset();
  await task.run();
  const { name, result } = task;
  if (result.state !== "completed") throw new Error(`${name} did not complete`, { cause: result });
  return result.latency.p50;
}
