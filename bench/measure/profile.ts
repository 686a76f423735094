import type { Engine } from "#lstm/engine/engine.js";
import type { Kernels } from "#lstm/kernels/kernels.js";
import type { Case } from "../cases/cases.js";
import type { TimingOptions } from "./measure.js";
import type { Vectorized } from "./peak.js";
import { createCaseModel, workloadOf } from "./workload.js";

/** What a kernel, or everything between the kernels, takes of a run of a case on one thread. */
export interface ProfileEntry {
  readonly case: string;
  readonly backend: Vectorized;
  /** A kernel, or `JavaScript`. */
  readonly kernel: string;
  readonly callsPerRun: number;
  readonly microsecondsPerRun: number;
  /** Of the run's time. */
  readonly share: number;
}

/** The calls of a kernel so far. */
interface Clock {
  calls: number;
  milliseconds: number;
}

/** Runs a case for as long as `timing` says, and sorts its parts, the longest first. */
export async function profile(
  spec: Case,
  backend: Vectorized,
  { rounds, time }: TimingOptions,
): Promise<ProfileEntry[]> {
  const model = await createCaseModel(spec, backend);
  const clocks = new Map<string, Clock>();
  timeKernels(model.engine, clocks);
  const workload = await workloadOf(model, spec, 1);
  try {
    await runFor(workload.run, time);
    clocks.clear();
    const { runs, milliseconds } = await runFor(workload.run, rounds * time);
    const inside = [...clocks.values()].reduce((sum, clock) => sum + clock.milliseconds, 0);
    clocks.set("JavaScript", { calls: runs, milliseconds: milliseconds - inside });
    return [...clocks]
      .map(([kernel, clock]) => ({
        case: spec.name,
        backend,
        kernel,
        callsPerRun: clock.calls / runs,
        microsecondsPerRun: (1000 * clock.milliseconds) / runs,
        share: clock.milliseconds / milliseconds,
      }))
      .sort((a, b) => b.share - a.share);
  } finally {
    workload.free();
  }
}

async function runFor(run: () => Promise<void>, least: number): Promise<{ runs: number; milliseconds: number }> {
  const start = performance.now();
  for (let runs = 1; ; runs++) {
    await run();
    const milliseconds = performance.now() - start;
    if (milliseconds >= least) return { runs, milliseconds };
  }
}

/** Puts a clock around the kernels of an engine, wherever it keeps them. */
function timeKernels(engine: Engine, clocks: Map<string, Clock>): void {
  const { network } = engine;
  const kernels = timed(engine.kernels, clocks);
  for (const owner of [engine, network, ...network.layers.flatMap(({ directions }) => directions)])
    Object.assign(owner, { kernels });
}

function timed(kernels: Kernels, clocks: Map<string, Clock>): Kernels {
  const functions = Object.entries(kernels).filter(([, kernel]) => typeof kernel === "function");
  return Object.fromEntries(
    functions.map(([name, kernel]: [string, (...args: number[]) => unknown]) => [
      name,
      (...args: number[]) => {
        const start = performance.now();
        const result = kernel(...args);
        const milliseconds = performance.now() - start;
        const clock = clocks.get(name);
        if (clock) {
          clock.calls++;
          clock.milliseconds += milliseconds;
        } else clocks.set(name, { calls: 1, milliseconds });
        return result;
      },
    ]),
  ) as unknown as Kernels;
}
