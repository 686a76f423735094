import { type Machine, machine } from "./machine.js";
import type { Result } from "./measure.js";
import type { Vectorized } from "./peak.js";
import type { Series } from "./scaling.js";
import { median } from "./statistics.js";

/** One point of a series of sizes. */
export interface Scaled extends Result {
  readonly series: Series["name"];
  readonly value: number;
}

/** What `npm run bench -- --json` prints. */
export interface Report extends Machine {
  /** The ceilings of the builds on one thread: medians over all rounds of all cases. */
  readonly peakGigaflops: Partial<Record<Vectorized, number>>;
  readonly results: readonly Result[];
  /** With `--scaling`. */
  readonly scaling?: readonly Scaled[];
}

/** Gathers what is measured. */
export class Recorder {
  readonly results: Result[] = [];
  readonly scaling: Scaled[] = [];
  private readonly peaks = new Map<Vectorized, number[]>();

  readonly observePeak = (backend: Vectorized, gigaflops: number): void => {
    this.peaks.set(backend, [...(this.peaks.get(backend) ?? []), gigaflops]);
  };

  report(): Report {
    const peakGigaflops = Object.fromEntries([...this.peaks].map(([backend, values]) => [backend, median(values)]));
    const { results, scaling } = this;
    return { ...machine(), peakGigaflops, results, ...(scaling.length > 0 && { scaling }) };
  }
}
