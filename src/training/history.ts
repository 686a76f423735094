import { LstmError } from "../common/errors.js";
import { fingerprint } from "../data/fingerprint.js";
import { type Data, encodeData } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";
import {
  bestEpochOf,
  divergedTraining,
  finishOf,
  type RunningTraining,
  type StopReason,
  trainingOf,
} from "./training-state.js";

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
  /** The mean loss on the held-out part, or the validation data, after each epoch; empty without. */
  readonly validationLosses: readonly number[];
  /** The epoch with the best of them, whose parameters the model ends with; absent before the first. */
  readonly bestEpoch?: number;
  /**
   * Why the run has ended: all `epochs` are done, `patience` is at its end, it has `diverged` and cannot be resumed, or it
   * was left before its end (`interrupted`). Absent while it goes on.
   */
  readonly stopReason?: StopReason;
}

/** How far a model's training has come, in a checkpoint too; undefined for a model that comes from no run. */
export function getTrainingRun(model: Model): TrainingRun | undefined {
  const diverged = divergedTraining(model);
  const training = trainingOf(model) ?? diverged;
  if (!training) return undefined;
  const { epoch, step, trainLosses, validationLosses } = training.progress;
  const isRunning = "snapshot" in training;
  const bestEpoch = bestEpochOf(training.progress);
  const reason = training === diverged ? "diverged" : (finishOf(training) ?? (isRunning ? undefined : "interrupted"));
  return {
    options: training.config,
    threads: isRunning ? (training as RunningTraining).threads : 1,
    epoch,
    step,
    trainLosses: [...trainLosses],
    validationLosses: [...validationLosses],
    ...(bestEpoch === 0 ? {} : { bestEpoch }),
    ...(reason === undefined ? {} : { stopReason: reason }),
  };
}

/**
 * Whether data are those of a model's run, so that it can go on with them.
 *
 * @param validationData those of {@link TrainOptions.validationData}, to be compared too
 */
export function matchesTrainingData(model: Model, data: Data, validationData?: Data): boolean {
  const training = trainingOf(model);
  if (!training) return false;
  try {
    return (
      fingerprint(encodeData(model, data)) === training.fingerprint &&
      (validationData === undefined ||
        fingerprint(encodeData(model, validationData)) === training.validationFingerprint)
    );
  } catch (error) {
    // What does not fit the model cannot be what it was trained on.
    if (error instanceof LstmError) return false;
    throw error;
  }
}
