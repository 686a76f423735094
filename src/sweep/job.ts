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

/** The numbers of a result. */
const MEASURES = ["metric", "epochs", "trainLoss", "validationLoss", "bestEpoch", "parameters", "seconds"] as const;

/** A result that comes from elsewhere; undefined if it is none. */
export function checkedResult(value: unknown): Result | undefined {
  const { state, error, curves, ...others } = (Object(value) as Partial<Result>) ?? {};
  const measures = MEASURES.map((name) => [name, others[name]] as const).filter(([, number]) => number !== undefined);
  const isSound =
    (state === "done" || state === "diverged" || state === "failed") &&
    (error === undefined || typeof error === "string") &&
    measures.every(([, number]) => Number.isFinite(number)) &&
    (curves === undefined || areSound(curves));
  if (!isSound) return undefined;
  return {
    state,
    ...Object.fromEntries(measures),
    ...(error === undefined ? {} : { error }),
    ...(curves ? { curves } : {}),
  };
}

/** Whether curves can be kept and drawn: numbers, in lists that have something, and no more losses than epochs. */
export function areSound(curves: Partial<Curves> | null): boolean {
  const { epochs, train, validation } = Object(curves) as Partial<Curves>;
  const areNumbers = [epochs, train, validation].every((list) => Array.isArray(list) && list.every(Number.isFinite));
  return areNumbers && epochs!.length > 0 && train!.length === epochs!.length && validation!.length <= epochs!.length;
}
