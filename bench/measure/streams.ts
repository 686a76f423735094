import { createStream } from "#lstm/inference/stream.js";
import { createModel } from "#lstm/model/model.js";
import { flopsPerStep, type StreamCase } from "../cases/streams.js";
import { median } from "../common/statistics.js";
import type { TimingOptions } from "./measure.js";
import { loadCeilingKernel, type Vectorized } from "./peak.js";

/** How the streams of a case are stepped. */
export const WAYS = ["in turn", "side by side"] as const;

/** The speed of a case's streams, stepped in one of the two ways. */
export interface StreamResult extends StreamCase {
  readonly way: (typeof WAYS)[number];
  readonly backend: Vectorized;
  /** Of a single stream each. */
  readonly stepsPerSecond: number;
  readonly gigaflops: number;
  readonly ceilingGigaflops: number;
}

/**
 * Measures both ways in interleaved rounds, beside the ceiling. Counts the process's time of computing, which other
 * processes cannot take away; medians over the rounds.
 */
export async function measureStreams(
  spec: StreamCase,
  backend: Vectorized,
  { rounds, time }: TimingOptions,
): Promise<StreamResult[]> {
  const { hiddenSize, layers, width, streams } = spec;
  const model = await createModel({ hiddenSize, layers, inputSize: width, outputSize: width, backend });
  const alone = Array.from({ length: streams }, () => createStream(model));
  const together = createStream(model, { batch: streams });
  const inputs = Array.from({ length: streams }, (_, row) =>
    Float32Array.from({ length: width }, (_, i) => row / 64 - i),
  );
  const flat = Float32Array.from(inputs.flatMap((input) => [...input]));
  const ceiling = await loadCeilingKernel(backend);
  const runs = [
    () => {
      for (let row = 0; row < streams; row++) alone[row]!.step(inputs[row]!);
    },
    () => together.step(flat),
    ceiling.run,
  ];
  for (const run of runs) secondsOf(run, time);
  const samples = runs.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, run] of runs.entries()) samples[i]!.push(secondsOf(run, time));
  model.free();
  const [inTurn, sideBySide, peak] = samples.map(median) as [number, number, number];
  return [inTurn, sideBySide].map((seconds, i) => ({
    ...spec,
    way: WAYS[i]!,
    backend,
    stepsPerSecond: streams / seconds,
    gigaflops: (streams * flopsPerStep(spec)) / seconds / 1e9,
    ceilingGigaflops: ceiling.flops / peak / 1e9,
  }));
}

/** Runs per look at the clock. */
const RUNS = 8;

/** Seconds of computing per run, measured for at least so many milliseconds. */
function secondsOf(run: () => void, time: number): number {
  const start = process.cpuUsage();
  for (let runs = RUNS; ; runs += RUNS) {
    for (let i = 0; i < RUNS; i++) run();
    const { user, system } = process.cpuUsage(start);
    if (user + system >= 1000 * time) return (user + system) / 1e6 / runs;
  }
}
