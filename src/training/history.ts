import { LstmError } from "../common/errors.js";
import type { Data } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { splitData } from "./dataset.js";
import type { TrainConfig } from "./options.js";
import { trainingOf } from "./training-state.js";

/** The active or stopped training run of a model. */
export interface TrainingRun {
  /** The run's options, with every default filled in. */
  readonly options: TrainConfig;
  /** Number of threads; 1 for a stopped run. */
  readonly threads: number;
  /** Epochs finished. */
  readonly epoch: number;
  /** Updates made. */
  readonly step: number;
  /** The mean loss of each epoch, as {@link TrainReport.trainLoss}. */
  readonly trainLosses: readonly number[];
  /** The mean loss on the held-out data after each epoch; empty if none are held out. */
  readonly validationLosses: readonly number[];
}

/** The training run of a model, also of one loaded from a checkpoint; undefined if it was never trained. */
export function getTrainingRun(model: Model): TrainingRun | undefined {
  const training = trainingOf(model);
  if (!training) return undefined;
  const { epoch, step, trainLosses, validationLosses } = training.progress;
  return {
    options: training.config,
    threads: "snapshot" in training ? training.threads : 1,
    epoch,
    step,
    trainLosses: [...trainLosses],
    validationLosses: [...validationLosses],
  };
}

/** Whether a model's run was trained on these data, so that it can be resumed with them. */
export function matchesTrainingData(model: Model, data: Data): boolean {
  const training = trainingOf(model);
  if (!training) return false;
  try {
    return splitData(model, data, training.config).fingerprint === training.fingerprint;
  } catch (error) {
    // Data that do not fit the model cannot be its training data.
    if (error instanceof LstmError) return false;
    throw error;
  }
}
