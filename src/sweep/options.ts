import { OptionError } from "../common/errors.js";
import { boolean, choice, integer, type OptionsOf, other, type SettledOptions } from "../common/options.js";
import { MAX_SEED } from "../common/validate.js";
import type { SweepEvent } from "./events.js";
import { SAMPLERS } from "./sampler.js";
import type { StopSignal } from "./signal.js";

/** Guards against typos. */
const MOST_TRIALS = 100_000;
const MOST_AT_ONCE = 1024;

const text = (what: string) =>
  other<string | undefined>((option, value) => {
    if (typeof value === "string" && value !== "") return value;
    throw new OptionError(option, what, value);
  });

/** Options of {@link sweep}. */
export const SWEEP_OPTIONS = {
  /** Number of trials. Default: 30, or all combinations of a grid. */
  trials: integer({ default: 30, min: 1, max: MOST_TRIALS }),
  /** How trials get their values; halving draws them at random, and trains the better ones for longer. */
  sampler: choice(SAMPLERS, { default: "random" }),
  /** Seed of the values that are drawn. */
  seed: integer({ default: 1, min: 0, max: MAX_SEED }),
  /** One in how many trials goes on to the next rung of halving, which has so many times the epochs. */
  reductionFactor: integer({ default: 3, min: 2, max: 100, requires: { sampler: ["halving"] } }),
  /** Epochs of the first rung of halving; 0 has one trial in all reach the last. */
  minEpochs: integer({ default: 0, min: 0, requires: { sampler: ["halving"] } }),
  /** Trials at once on this machine; 0 takes as many as it has cores for. */
  parallel: integer({ default: 0, min: 0, max: MOST_AT_ONCE }),
  /** Folder that keeps the sweep, and all that it needs to go on. */
  dir: text("a folder"),
  /** File that the checkpoint of the best trial is copied to. */
  out: text("a file"),
  /** Takes the folder over from another sweep that is writing it. */
  force: boolean({ default: false }),
  /**
   * Address of Redis, such as redis://localhost:6379, through which trials go to workers (`lstm-wasm sweep-worker`).
   */
  queue: text("the address of Redis, such as redis://localhost:6379"),
  /** Folder shared with the workers of a queue, where they keep the checkpoints of trials. */
  store: text("a folder"),
};

/** Options of {@link sweep}. */
export interface SweepOptions extends OptionsOf<typeof SWEEP_OPTIONS> {
  /**
   * What differs between trials, by option, such as hiddenSize: values, or as on the command line a text such as
   * `64,128` or `0:0.5`.
   */
  readonly vary: Readonly<Record<string, string | readonly (number | string | boolean)[]>>;
  /** What all trials share: flags of `lstm-wasm train`, as on the command line. */
  readonly train: readonly string[];
  /** Stops the trials at their next step, with their checkpoints. */
  readonly signal?: StopSignal;
  /** Is told of everything that happens. */
  readonly onEvent?: (event: SweepEvent) => void;
}

/** Options of {@link runSweepWorker}. */
export const WORKER_OPTIONS = {
  /** Address of the Redis that the sweep names, such as redis://localhost:6379. */
  queue: SWEEP_OPTIONS.queue,
  /**
   * Folder shared with the other workers, where trials keep their checkpoints. Default: trials begin anew elsewhere.
   */
  store: SWEEP_OPTIONS.store,
  /** Trials at once; 0 takes as many as this machine has cores for. */
  parallel: SWEEP_OPTIONS.parallel,
  /** Seconds after which the trial of a worker that is gone is given to another. */
  lease: integer({ default: 30, min: 1, max: 86_400 }),
};

/** Options of {@link runSweepWorker}. */
export interface SweepWorkerOptions extends OptionsOf<typeof WORKER_OPTIONS> {
  /** Ends the worker: its trials are saved where they can be, and given back. */
  readonly signal?: StopSignal;
  /** Is told what the worker does, in a line. */
  readonly onMessage?: (message: string) => void;
}

/** Options of a sweep with every default filled in. */
export interface SweepSettings extends SettledOptions<typeof SWEEP_OPTIONS> {}
