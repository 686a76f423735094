import { allocateFloats } from "../common/errors.js";
import type { Engine, State } from "../engine/engine.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";

/** The progress of a run: plain numbers, all needed for an exact resumption. */
export interface Progress {
  /** Epochs finished. */
  epoch: number;
  /** Updates made. */
  step: number;
  /** Tokens read. */
  tokens: number;
  /** The position in the current epoch, in the unit of the batches. */
  cursor: number;
  /** Predictions in the current epoch, or in the last one at its end, and the sum of their losses. */
  epochPredictions: number;
  epochLoss: number;
  /** The key of the current epoch's order, if the data are shuffled. */
  epochKey: number;
  /** L2 norm of all gradients in the last step, before clipping. */
  gradientNorm: number;
  /** Mean losses of the epochs so far; validation losses are empty without held-out data. */
  trainLosses: number[];
  validationLosses: number[];
  /** Without held-out data: the epoch of the model's parameters, where the run diverged or ended much worse than it had been. */
  keptEpoch?: number;
}

/** What an active run and a stopped one have in common. */
export interface Training {
  readonly config: TrainConfig;
  readonly progress: Progress;
  /** Identifies the training data. */
  readonly fingerprint: string;
  /** Identifies separate validation data, if any. */
  readonly validationFingerprint: string | undefined;
}

/** Why a run has ended. */
export type StopReason = "epochs" | "patience" | "diverged" | "interrupted";

/**
 * The epoch with the best validation loss, counted from 1; without held-out data the one that a run went back to at its end, or
 * when it diverged. 0 for none.
 */
export const bestEpochOf = ({ validationLosses, keptEpoch = 0 }: Progress): number =>
  argmin(validationLosses) + 1 || keptEpoch;

/** The index of the smallest number, the first of equals; −1 for none. */
function argmin(numbers: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < numbers.length; i++) if (best < 0 || numbers[i]! < numbers[best]!) best = i;
  return best;
}

/** Whether a run evaluates data after each epoch. */
export const isValidated = ({ config, validationFingerprint }: Omit<Training, "progress">): boolean =>
  config.validationFraction > 0 || validationFingerprint !== undefined;

/** Why a run is complete; undefined if there is more to do. */
export function finishOf(training: Training): "epochs" | "patience" | undefined {
  const { config, progress } = training;
  const { epoch, cursor, validationLosses } = progress;
  if (cursor > 0 || (isValidated(training) && validationLosses.length < epoch)) return undefined;
  if (epoch >= config.epochs) return "epochs";
  const best = bestEpochOf(progress);
  return config.patience > 0 && best > 0 && epoch - best >= config.patience ? "patience" : undefined;
}

/** A stopped run, with all state for an exact resumption. */
export interface TrainingState extends Training {
  /** The carried state of the streams. */
  readonly carried: State;
  /** The optimizer's state, by PyTorch's names: flat buffers in the layout of the parameters. */
  readonly optimizerState: ReadonlyMap<string, Float32Array>;
  /** The parameters to resume from, if the model itself has better ones. */
  readonly last: Float32Array | undefined;
}

/** The state of a run, and the parameters that the model keeps: the best on the held-out data or, without such data, {@link Progress.keptEpoch}'s or the current ones. */
export interface Snapshot {
  /** Undefined if the run has diverged and so cannot be resumed. */
  readonly state: TrainingState | undefined;
  /** A flat buffer in the layout of the parameters. */
  readonly parameters: Float32Array;
}

/** An active run. */
export interface RunningTraining extends Training {
  /** Number of threads. */
  readonly threads: number;
  /** Its buffers are views of the model's memory, valid, as its losses are, until the next step or until the memory grows. */
  snapshot(): Snapshot;
}

const runs = new WeakMap<Model, RunningTraining | TrainingState>();

/** The active or stopped run of a model. */
export const trainingOf = (model: Model): RunningTraining | TrainingState | undefined => runs.get(model);

/** The stopped run of a model, if none is active. */
export function leftTraining(model: Model): TrainingState | undefined {
  const training = runs.get(model);
  return training === undefined || "snapshot" in training ? undefined : training;
}

const divergedRuns = new WeakMap<Model, Training>();

/** A model's diverged run, unless another has begun since. */
export const divergedTraining = (model: Model): Training | undefined => divergedRuns.get(model);

/** Sets a model's run. */
export function setTraining(model: Model, training: RunningTraining | TrainingState): void {
  divergedRuns.delete(model);
  runs.set(model, training);
}

/** Marks a model's run as diverged: it cannot be resumed. */
export function setDiverged(model: Model, { config, progress, fingerprint, validationFingerprint }: Training): void {
  runs.delete(model);
  divergedRuns.set(model, { config, progress, fingerprint, validationFingerprint });
}

/** A view of a flat buffer in the layout of the parameters, valid until the memory grows. */
export const viewOf = ({ floats, table }: Engine, address: number): Float32Array =>
  floats.subarray(address / 4, address / 4 + table.length);

/**
 * A copy of a flat buffer in the layout of the parameters.
 *
 * @throws OutOfMemoryError if there is no memory for it
 */
export function copyOf(engine: Engine, address: number): Float32Array {
  const copy = allocateFloats(engine.table.length);
  copy.set(viewOf(engine, address));
  return copy;
}
