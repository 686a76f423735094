import { LstmError } from "../common/errors.js";
import type { Data } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { splitData } from "./dataset.js";
import type { TrainConfig } from "./options.js";
import { trainingOf } from "./training-state.js";

/** The training run of a model: the one that is going on, or the one that it was left with. */
export interface TrainingRun {
  /** The run's options, with every default filled in. */
  readonly options: TrainConfig;
  /** Threads that compute; 1 where no run is under way. */
  readonly threads: number;
  /** Epochs finished. */
  readonly epoch: number;
  /** Updates made. */
  readonly step: number;
  /** The mean loss of each epoch, as {@link TrainReport.trainLoss}. */
  readonly trainLosses: readonly number[];
  /** The mean loss on the held-out part after each epoch; empty without one. */
  readonly validationLosses: readonly number[];
}

/** How far a model's training has come, in a checkpoint too; undefined for a model that comes from no run. */
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

/** Whether data are those of a model's run, so that it can go on with them. */
export function matchesTrainingData(model: Model, data: Data): boolean {
  const training = trainingOf(model);
  if (!training) return false;
  try {
    return splitData(model, data, training.config).fingerprint === training.fingerprint;
  } catch (error) {
    // What does not fit the model cannot be what it was trained on.
    if (error instanceof LstmError) return false;
    throw error;
  }
}
