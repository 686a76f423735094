import type { Values } from "./draw.js";

/** What a trial has to do next. */
export interface Job {
  /** Counted from 0. */
  readonly trial: number;
  /** Counted from 0; there is one rung unless trials are halved. */
  readonly rung: number;
  readonly values: Values;
  /** Epochs in all; undefined for as many as train chooses or has been told. */
  readonly epochs: number | undefined;
}

/** What came of it. */
export interface Result {
  readonly state: "done" | "diverged" | "failed";
  /** Absent if it failed, or the measure is not a number. */
  readonly metric?: number;
  readonly epochs?: number;
  readonly trainLoss?: number;
  readonly validationLoss?: number;
  readonly bestEpoch?: number;
  readonly parameters?: number;
  readonly seconds?: number;
  readonly curves?: Curves;
  /** Why it failed. */
  readonly error?: string;
}

/** Losses by epoch, of which long runs keep some. */
export interface Curves {
  /** The epochs that are kept, counted from 1. */
  readonly epochs: readonly number[];
  readonly train: readonly number[];
  /** Empty without validation. */
  readonly validation: readonly number[];
}

/** What carries jobs out. */
export interface Runner {
  /** Jobs at once. */
  readonly slots: number;
  /**
   * @param watch is told when the job begins, and when it waits again: it may be given back
   * @throws the signal's reason, or what ends the whole sweep
   */
  run(job: Job, watch: (isRunning: boolean) => void): Promise<Result>;
  /** Is told that a result is kept: nobody will ask for it again. */
  forget(job: Job): Promise<void>;
  /** A trial's checkpoint; undefined if it cannot be reached from here. */
  checkpointOf(trial: number): string | undefined;
  /** Lets go of whatever it holds. */
  end(): Promise<void>;
}
