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
  /** The mean loss of each epoch, as `TrainReport.trainLoss`. */
  readonly trainLosses: readonly number[];
  /** The mean loss on the held-out or validation data after each epoch; empty without such data. */
  readonly validationLosses: readonly number[];
  /**
   * The epoch whose parameters the model keeps: the one with the best validation loss or, without held-out data, the best
   * training loss, if the run diverged or ended much worse (`TrainReport.bestEpoch`). Absent without one.
   */
  readonly bestEpoch?: number;
  /**
   * Why the run ended: all `epochs` are done, `patience` ran out, it `diverged` and cannot be resumed, or it was stopped
   * early (`interrupted`). Absent while it is active.
   */
  readonly stopReason?: StopReason;
}

/** The training run of a model, also of one loaded from a checkpoint; undefined if it was never trained. */
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
 * Whether a model's run was trained on these data, so that it can be resumed with them.
 *
 * @param validationData also compared, if given
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
    // Data that do not fit the model cannot be its training data.
    if (error instanceof LstmError) return false;
    throw error;
  }
}
