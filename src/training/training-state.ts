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
interface Training {
  readonly config: TrainConfig;
  readonly progress: Progress;
  /** Tells one text from another. */
  readonly fingerprint: string;
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
  readonly state: TrainingState;
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

/** Says which run a model has. */
export function setTraining(model: Model, training: RunningTraining | TrainingState | undefined): void {
  if (training) runs.set(model, training);
  else runs.delete(model);
}
