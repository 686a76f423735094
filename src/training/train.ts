import { DivergenceError, InputError, LstmError } from "../common/errors.js";
import { TimeSlice } from "../common/event-loop.js";
import { meanLoss } from "../inference/evaluate.js";
import type { Data } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { splitData } from "./dataset.js";
import { settleExecution, type TrainOptions } from "./options.js";
import { resolveRun, threadCount } from "./resolve.js";
import { Trainer } from "./trainer.js";
import { setTraining, type TrainingState, trainingOf } from "./training-state.js";

/** A report on the progress of training. */
export interface TrainReport {
  /** `epoch` at the end of each epoch, `progress` in between, with {@link TrainOptions.progressInterval}. */
  readonly event: "epoch" | "progress";
  /** The epoch of this report, counted from 1. */
  readonly epoch: number;
  /** Epochs finished so far. */
  readonly completedEpochs: number;
  /** Updates made so far. */
  readonly step: number;
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Mean loss over the epoch so far, measured during training: for tokens in nats per token. */
  readonly trainLoss: number;
  /** Mean loss on the held-out data after the epoch; absent without such data, and from `progress`. */
  readonly validationLoss?: number;
  /** The epoch with the best validation loss so far; absent without held-out data. */
  readonly bestEpoch?: number;
  /** L2 norm of all gradients in the last step, before clipping. */
  readonly gradientNorm: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Training speed since the last report of the same event. */
  readonly tokensPerSecond: number;
  /** Time spent in training alone since the start of this call. */
  readonly seconds: number;
  /** Completed fraction of the run, from 0 to 1. */
  readonly progress: number;
}

/**
 * Trains a model on a text or on examples, and reports after each epoch. It trains only while the caller awaits the
 * next report, and stops when the caller does (`break`, `return`). It yields to the event loop about 60 times a second.
 *
 * However it ends, the model keeps the state for an exact resumption (`resume: true`), and `save` includes it. With
 * held-out data, the model ends up with the parameters that did best on them.
 *
 * @throws OptionError for an invalid option value, or one that a resumed run cannot change
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, data that do not fit the model, or data other than those of the resumed run
 * @throws DivergenceError if the loss or gradient is no longer finite; the model keeps its last good parameters
 * @throws OutOfMemoryError if a training step does not fit into memory
 * @throws WorkerError if a thread fails; the model is as it was before that step, and the run can be resumed
 * @throws the signal's reason if it is aborted
 */
export async function* train(
  model: Model,
  data: Data,
  options: TrainOptions = {},
): AsyncGenerator<TrainReport, void, void> {
  const { signal, progressInterval, resume, threads } = settleExecution(options);
  signal?.throwIfAborted();
  const before = resume ? leftRun(model) : undefined;
  const config = resolveRun(model, data, options, before?.config);
  const { training, validation, fingerprint } = splitData(model, data, config);
  if (before && before.fingerprint !== fingerprint)
    throw new InputError(
      "these are not the data that the run was trained on: pass the same data, or train without resume",
    );
  const trainer = new Trainer(model, training, config, threadCount(model, data, config, threads), fingerprint, before);
  const pauses = new TimeSlice(signal);
  const stopwatch = new Stopwatch(trainer.progress.tokens);
  const totalSteps = config.epochs * training.chunksPerEpoch;
  setTraining(model, trainer);

  function report(event: TrainReport["event"]): TrainReport {
    const { epoch, step, tokens, gradientNorm, validationLosses } = trainer.progress;
    const validationLoss = event === "epoch" ? validationLosses[epoch - 1] : undefined;
    return {
      event,
      epoch: event === "epoch" ? epoch : epoch + 1,
      completedEpochs: epoch,
      step,
      tokens,
      trainLoss: trainer.meanLoss,
      ...(validationLoss === undefined ? {} : { validationLoss }),
      ...(trainer.bestEpoch === 0 ? {} : { bestEpoch: trainer.bestEpoch }),
      gradientNorm,
      learningRate: trainer.learningRate,
      tokensPerSecond: stopwatch.lap(event, tokens),
      seconds: stopwatch.seconds,
      progress: trainer.finished ? 1 : step / totalSteps,
    };
  }

  try {
    await trainer.prepare();
    while (!trainer.finished) {
      if (!trainer.awaitsValidation) {
        const start = performance.now();
        await trainer.advance();
        stopwatch.seconds += (performance.now() - start) / 1000;
      }
      if (trainer.awaitsValidation && validation) trainer.validated(await meanLoss(model, validation, pauses));
      if (trainer.atEpochEnd) yield report("epoch");
      else if (stopwatch.sinceLap("progress") * 1000 >= progressInterval) yield report("progress");
      if (pauses.isOver) await pauses.yieldToEventLoop();
    }
  } catch (error) {
    // A diverged run cannot be resumed; any other can.
    if (error instanceof DivergenceError) setTraining(model, undefined);
    throw error;
  } finally {
    try {
      if (trainingOf(model) === trainer) {
        setTraining(model, undefined);
        setTraining(model, trainer.leave());
      }
    } finally {
      trainer.free();
    }
  }
}

/**
 * The stopped run of a model.
 *
 * @throws InputError if the model has no run
 * @throws LstmError if its run is still active
 */
export function leftRun(model: Model): TrainingState {
  const training = trainingOf(model);
  if (training === undefined) throw new InputError("there is nothing to resume: this model has no training run");
  if ("snapshot" in training)
    throw new LstmError("this model is already being trained: end that run before resuming it");
  return training;
}

/** Time in training, and tokens per second between two reports of the same kind. */
class Stopwatch {
  seconds = 0;
  private readonly laps: Record<TrainReport["event"], { tokens: number; seconds: number }>;

  constructor(tokens: number) {
    this.laps = { epoch: { tokens, seconds: 0 }, progress: { tokens, seconds: 0 } };
  }

  sinceLap(event: TrainReport["event"]): number {
    return this.seconds - this.laps[event].seconds;
  }

  lap(event: TrainReport["event"], tokens: number): number {
    const time = this.sinceLap(event);
    const rate = time > 0 ? (tokens - this.laps[event].tokens) / time : 0;
    this.laps[event] = { tokens, seconds: this.seconds };
    if (event === "epoch") this.laps.progress = this.laps.epoch;
    return rate;
  }
}
