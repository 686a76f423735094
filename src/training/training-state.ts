import type { State } from "../engine/engine.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";

/** How far a run has come: plain numbers, all of them needed to go on exactly. */
export interface Progress {
  /** Epochs finished. */
  epoch: number;
  /** Updates made. */
  step: number;
  /** Tokens read. */
  tokens: number;
  /** How far the epoch under way has come, in the batches' own unit. */
  cursor: number;
  /** Predictions in the epoch under way, or in the last one if none is, and the sum of their losses in nats. */
  epochPredictions: number;
  epochLoss: number;
  /** Settles the order of the epoch under way, where orders change. */
  epochKey: number;
  /** The L2 norm of all gradients in the last step, before clipping. */
  gradientNorm: number;
  /** Mean losses of the epochs so far; the validation's are none without one. */
  trainLosses: number[];
  validationLosses: number[];
}

/** What a run is, whether it is going on or has been left. */
export interface Training {
  readonly config: TrainConfig;
  readonly progress: Progress;
  /** Tells one text from another. */
  readonly fingerprint: string;
  /** Of validation data of their own, if the run has any. */
  readonly validationFingerprint: string | undefined;
}

/** Why a run has ended. */
export type StopReason = "epochs" | "patience" | "diverged" | "interrupted";

/** The epoch with the best validation loss, counted from 1; 0 before the first validation. */
export const bestEpochOf = ({ validationLosses }: Progress): number => argmin(validationLosses) + 1;

/** The index of the smallest number, the first of equals; −1 for none. */
function argmin(numbers: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < numbers.length; i++) if (best < 0 || numbers[i]! < numbers[best]!) best = i;
  return best;
}

/** Whether a run evaluates data after each epoch. */
export const isValidated = ({ config, validationFingerprint }: Omit<Training, "progress">): boolean =>
  config.validationFraction > 0 || validationFingerprint !== undefined;

/** Why nothing is left to do in a run; undefined where something is. */
export function finishOf(training: Training): "epochs" | "patience" | undefined {
  const { config, progress } = training;
  const { epoch, cursor, validationLosses } = progress;
  if (cursor > 0 || (isValidated(training) && validationLosses.length < epoch)) return undefined;
  if (epoch >= config.epochs) return "epochs";
  const best = bestEpochOf(progress);
  return config.patience > 0 && best > 0 && epoch - best >= config.patience ? "patience" : undefined;
}

/** A run that has been left, with all that it needs to go on exactly. */
export interface TrainingState extends Training {
  /** The carried state of the streams. */
  readonly carried: State;
  /** Runs of floats in the layout of the parameters: the optimiser's, by PyTorch's names. */
  readonly optimizerState: ReadonlyMap<string, Float32Array>;
  /** The parameters to go on from, where the model itself holds better ones. */
  readonly last: Float32Array | undefined;
}

/** A run as it stands, and the parameters that did best on its held-out part: without one, the present ones. */
export interface Snapshot {
  /** None where the run has diverged, and so cannot be gone on with. */
  readonly state: TrainingState | undefined;
  /** A run of floats in the layout of the parameters. */
  readonly parameters: Float32Array;
}

/** A run that is going on. */
export interface RunningTraining extends Training {
  /** How many threads compute. */
  readonly threads: number;
  snapshot(): Snapshot;
}

const runs = new WeakMap<Model, RunningTraining | TrainingState>();

/** The run of a model that is under way, or the one that it was left with. */
export const trainingOf = (model: Model): RunningTraining | TrainingState | undefined => runs.get(model);

/** The run that a model was left with, if none is under way. */
export function leftTraining(model: Model): TrainingState | undefined {
  const training = runs.get(model);
  return training === undefined || "snapshot" in training ? undefined : training;
}

const divergedRuns = new WeakMap<Model, Training>();

/** The run of a model that has diverged, where no other has begun since. */
export const divergedTraining = (model: Model): Training | undefined => divergedRuns.get(model);

/** Says which run a model has. */
export function setTraining(model: Model, training: RunningTraining | TrainingState): void {
  divergedRuns.delete(model);
  runs.set(model, training);
}

/** Says that a model's run cannot be gone on with. */
export function setDiverged(model: Model, { config, progress, fingerprint, validationFingerprint }: Training): void {
  runs.delete(model);
  divergedRuns.set(model, { config, progress, fingerprint, validationFingerprint });
}
