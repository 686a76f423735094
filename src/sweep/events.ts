import type { MetricName } from "./metric.js";
import type { Sampler } from "./sampler.js";
import type { Value } from "./space.js";

/** What a trial is doing, or how it ended. */
export type TrialState =
  /** It has not begun. */
  | "waiting"
  | "running"
  /** Of halving: it may go on, if it proves to be among the better ones. */
  | "paused"
  /** Of halving: others were better. */
  | "stopped"
  | "done"
  /** Its loss exploded. */
  | "diverged"
  | "failed";

/** A trial as it stands. The measures are absent before its first result. */
export interface TrialStatus {
  /** Counted from 1. */
  readonly trial: number;
  /** What it is doing, or how it ended. */
  readonly state: TrialState;
  /** By option; one that the others make ineffective is absent. */
  readonly values: Readonly<Record<string, Value>>;
  /** Epochs trained. */
  readonly epochs?: number;
  /** What trials are compared by. */
  readonly metric?: number;
  /** Mean training loss of the last epoch. */
  readonly trainLoss?: number;
  /** Validation loss of the last epoch. */
  readonly validationLoss?: number;
  /** The epoch of the lowest validation loss. */
  readonly bestEpoch?: number;
  /** Number of the model's parameters. */
  readonly parameters?: number;
  /** Time spent in training, in the last process. */
  readonly seconds?: number;
  /** Why it failed. */
  readonly error?: string;
}

/** How a sweep was started. */
export interface SweepStart {
  /** Which kind of report it is. */
  readonly event: "start";
  /** Number of trials. */
  readonly trials: number;
  /** How their values are chosen. */
  readonly sampler: Sampler;
  /** Seed of that choice. */
  readonly seed: number;
  /** What trials are compared by. */
  readonly metric: MetricName;
  /** Epochs of each rung of halving. */
  readonly rungs?: readonly number[];
  /** Trials at once; absent with a queue, whose workers decide. */
  readonly parallel?: number;
  /** Results that are there already: the sweep goes on. */
  readonly results: number;
}

/** A trial began, went on, was given back to the queue, or has a result. */
export interface TrialEvent extends TrialStatus {
  /** Which kind of report it is. */
  readonly event: "trial";
}

/** An epoch of a running trial on this machine. */
export interface TrialEpoch {
  /** Which kind of report it is. */
  readonly event: "epoch";
  /** Counted from 1. */
  readonly trial: number;
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean training loss. */
  readonly trainLoss: number;
  /** Loss on the validation part, if there is one. */
  readonly validationLoss?: number;
}

/** Something to know of a queue: it cannot be reached for now, or a worker cannot run a trial. */
export interface SweepNotice {
  /** Which kind of report it is. */
  readonly event: "notice";
  /** What it is, in a line. */
  readonly message: string;
}

/** How a sweep ended. */
export interface SweepEnd {
  /** Which kind of report it is. */
  readonly event: "end";
  /** Whether all trials are done. */
  readonly stopReason: "done" | "interrupted";
  /** The best trial; absent where none has a result. */
  readonly best?: TrialStatus;
  /** Its checkpoint. */
  readonly checkpoint?: string;
  /** All trials, the best first. */
  readonly trials: readonly TrialStatus[];
  /** Time since the start of this process's part. */
  readonly seconds: number;
}

/** What a sweep reports. */
export type SweepEvent = SweepStart | TrialEvent | TrialEpoch | SweepNotice | SweepEnd;
