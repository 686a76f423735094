import { Bench, type Task } from "tinybench";
import type { Case } from "./cases.js";
import { flopsPerToken } from "./flops.js";
import { isVectorized, peakOf, type Vectorized } from "./peak.js";
import { median } from "./statistics.js";
import { type Subject, subjectFor } from "./subject.js";
import type { Variant } from "./variants.js";

export interface Result extends Variant {
  readonly case: string;
  /** The median over all rounds. */
  readonly tokensPerSecond: number;
  readonly gigaflops: number;
  /** What multiply-adds between registers reached in the same rounds, on one thread. Absent for `javascript`. */
  readonly ceilingGigaflops?: number;
}

/** How long to measure. */
export interface Effort {
  /** Times that every variant has its turn. */
  readonly rounds: number;
  /** Milliseconds of one turn, at least; a turn is no shorter than one run. */
  readonly time: number;
}

/** Milliseconds of the ceiling's turn, which has thousands of runs in them. */
const CEILING_TIME = 30;

/** Runs before the measurement, at least: an engine replaces its first code while it is being used. */
const WARMUP_RUNS = 2;

/**
 * Measures a case's variants in turns, and the ceilings of their builds among them, so that a minute in which the machine
 * is slow falls upon all alike.
 *
 * @param observePeaks is called with each ceiling of each round, in GFLOP/s
 */
export async function measure(
  spec: Case,
  variants: readonly Variant[],
  { rounds, time }: Effort,
  observePeaks: (backend: Vectorized, gigaflops: number) => void = () => {},
): Promise<Result[]> {
  const bench = new Bench({ time, iterations: 1, warmupTime: Math.min(300, time), warmupIterations: WARMUP_RUNS });
  const brief = new Bench({ time: CEILING_TIME, iterations: 1, warmupTime: CEILING_TIME });

  const peaks: { backend: Vectorized; flops: number; task: Task; gigaflops: number[] }[] = [];
  for (const backend of new Set(variants.map((variant) => variant.backend).filter(isVectorized))) {
    const { flops, run } = await peakOf(backend);
    peaks.push({ backend, flops, task: taskOf(brief, backend, run, false), gigaflops: [] });
  }
  const subjects: Subject[] = [];
  const turns = [];
  try {
    for (const variant of variants) {
      const subject = await subjectFor(spec, variant.backend, variant.threads);
      subjects.push(subject);
      const task = taskOf(bench, `${variant.backend} ${variant.threads}`, () => subject.run(), true);
      turns.push({ variant, tokens: subject.tokens, task, rates: [] as number[] });
    }
    for (const { task } of [...peaks, ...turns]) await task.warmup();
    for (let round = 0; round < rounds; round++) {
      for (const peak of peaks) {
        const gigaflops = peak.flops / 1e6 / (await milliseconds(peak.task));
        peak.gigaflops.push(gigaflops);
        observePeaks(peak.backend, gigaflops);
      }
      for (const { task, tokens, rates } of turns) rates.push((1000 * tokens) / (await milliseconds(task)));
    }
  } finally {
    for (const subject of subjects) subject.free();
  }
  return turns.map(({ variant, rates }) => {
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

function taskOf(bench: Bench, name: string, run: () => unknown, async: boolean): Task {
  return bench.add(name, run, { async }).getTask(name)!;
}

/** One turn of a task: the median time of a run. */
async function milliseconds(task: Task): Promise<number> {
  task.reset();
  await task.run();
  const { name, result } = task;
  if (result.state !== "completed") throw new Error(`${name} did not complete`, { cause: result });
  return result.latency.p50;
}
