import type { LengthSeries } from "../cases/lengths.js";
import type { ScalingSeries } from "../cases/scaling.js";
import { type Machine, machine } from "../common/machine.js";
import { median } from "../common/statistics.js";
import type { Result } from "../measure/measure.js";
import type { Vectorized } from "../measure/peak.js";
import type { ProfileEntry } from "../measure/profile.js";
import type { StreamResult } from "../measure/streams.js";

/** One point of a scaling series. */
export interface ScalingResult extends Result {
  readonly series: ScalingSeries["name"];
  readonly value: number;
}

/** One length of sequences. */
export interface LengthResult extends Result {
  readonly loss: LengthSeries["loss"];
  /** The length, or the mean of lengths. */
  readonly T: number;
  readonly isMixed?: boolean;
}

/** What `npm run bench -- --json` prints. */
export interface Report extends Machine {
  /** Each build's ceiling on one thread: the median over all rounds of all cases. */
  readonly peakGigaflops: Partial<Record<Vectorized, number>>;
  readonly results: readonly Result[];
  /** With `--scaling`. */
  readonly scaling?: readonly ScalingResult[];
  /** With `--lengths`. */
  readonly lengths?: readonly LengthResult[];
  /** With `--streams`. */
  readonly streams?: readonly StreamResult[];
  /** With `--samples`. */
  readonly samples?: readonly Result[];
  /** With `--int8`. */
  readonly int8?: readonly Result[];
  /** With `--profile`. */
  readonly profile?: readonly ProfileEntry[];
}

/** Collects results into a report. */
export class Recorder {
  readonly results: Result[] = [];
  readonly scaling: ScalingResult[] = [];
  readonly lengths: LengthResult[] = [];
  readonly streams: StreamResult[] = [];
  readonly samples: Result[] = [];
  readonly int8: Result[] = [];
  readonly profile: ProfileEntry[] = [];
  private readonly peaks = new Map<Vectorized, number[]>();

  readonly addPeak = (backend: Vectorized, gigaflops: number): void => {
    this.peaks.set(backend, [...(this.peaks.get(backend) ?? []), gigaflops]);
  };

  report(): Report {
    const peakGigaflops = Object.fromEntries([...this.peaks].map(([backend, values]) => [backend, median(values)]));
    const { results, ...series } = {
      results: this.results,
      scaling: this.scaling,
      lengths: this.lengths,
      streams: this.streams,
      samples: this.samples,
      int8: this.int8,
      profile: this.profile,
    };
    const measured = Object.fromEntries(Object.entries(series).filter(([, found]) => found.length > 0));
    return { ...machine(), peakGigaflops, results, ...measured };
  }
}
