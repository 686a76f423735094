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
}

/** The common part of active and stopped runs. */
interface Training {
  readonly config: TrainConfig;
  readonly progress: Progress;
  /** Identifies the training data. */
  readonly fingerprint: string;
}

/** A stopped run, with all state for an exact resumption. */
export interface TrainingState extends Training {
  /** The carried state of the streams. */
  readonly carried: State;
  /** The optimiser's state, by PyTorch's names: flat buffers in the layout of the parameters. */
  readonly optimizerState: ReadonlyMap<string, Float32Array>;
  /** The parameters to resume from, if the model itself has better ones. */
  readonly last: Float32Array | undefined;
}

/** The state of a run, and its best parameters on the held-out data: without such data, the current ones. */
export interface Snapshot {
  readonly state: TrainingState;
  /** A flat buffer in the layout of the parameters. */
  readonly parameters: Float32Array;
}

/** An active run. */
export interface RunningTraining extends Training {
  /** Number of threads. */
  readonly threads: number;
  /** Its runs of floats lie in the model's memory: they last until the next step, or until that memory grows. */
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

/** Sets the run of a model. */
export function setTraining(model: Model, training: RunningTraining | TrainingState | undefined): void {
  if (training) runs.set(model, training);
  else runs.delete(model);
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
