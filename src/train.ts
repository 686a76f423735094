import { resolveTraining, type TrainOptions } from "./config.js";
import { TokenStreams } from "./data/batches.js";
import type { Model } from "./model.js";
import { Pauses } from "./pause.js";
import { Trainer } from "./trainer.js";

/** How training stands. */
export interface TrainReport {
  /** `epoch` at the end of each epoch, `progress` in between where {@link TrainOptions.progressInterval} asks for it. */
  readonly event: "epoch" | "progress";
  /** The epoch that this report is about, from 1. */
  readonly epoch: number;
  /** Epochs finished so far. */
  readonly epochs: number;
  /** Updates made so far. */
  readonly step: number;
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Mean loss over the epoch so far, in nats per token, each token's taken when it was trained on. */
  readonly trainLoss: number;
  /** L2 norm of all gradients in the last step, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Over the time since the last report of the same event, training alone. */
  readonly tokensPerSecond: number;
  /** Time spent in training alone so far. */
  readonly seconds: number;
  /** Share of the whole run that is done, from 0 to 1. */
  readonly done: number;
}

/**
 * Trains a model on a text and reports after each epoch. Nothing runs ahead of the reports: between two of them training
 * goes on, and when the caller stops asking (`break`, `return`), it stops. It lets the event loop run about 60 times a
 * second.
 *
 * @throws OptionError for an option that cannot be
 * @throws UnknownTokenError for a character that the model does not know
 * @throws InputError for a text that is too short
 * @throws DivergenceError where the loss or gradient stops being finite; the model keeps its last good parameters
 * @throws OutOfMemoryError where a training step does not fit into memory
 * @throws the signal's reason where it is aborted
 */
export async function* train(
  model: Model,
  text: string,
  options: TrainOptions = {},
): AsyncGenerator<TrainReport, void, void> {
  const config = resolveTraining(options);
  const { signal, progressInterval = Number.POSITIVE_INFINITY } = options;
  signal?.throwIfAborted();
  const streams = new TokenStreams(model.vocabulary.encode(text), config.batchSize, config.sequenceLength);
  const trainer = new Trainer(model, streams, config);
  const pauses = new Pauses(signal);
  const totalSteps = config.epochs * streams.chunksPerEpoch;
  let seconds = 0;
  let progressReport = { tokens: 0, seconds: 0 };
  let epochReport = progressReport;
  try {
    while (trainer.epoch < config.epochs) {
      const start = performance.now();
      trainer.advance();
      seconds += (performance.now() - start) / 1000;
      const { tokens } = trainer;
      const last = trainer.atEpochEnd ? epochReport : progressReport;
      if (trainer.atEpochEnd || (seconds - progressReport.seconds) * 1000 >= progressInterval) {
        progressReport = { tokens, seconds };
        if (trainer.atEpochEnd) epochReport = progressReport;
        yield {
          event: trainer.atEpochEnd ? "epoch" : "progress",
          epoch: trainer.atEpochEnd ? trainer.epoch : trainer.epoch + 1,
          epochs: trainer.epoch,
          step: trainer.step,
          tokens,
          trainLoss: trainer.meanLoss,
          gradientNorm: trainer.gradientNorm,
          learningRate: config.learningRate,
          tokensPerSecond: (tokens - last.tokens) / (seconds - last.seconds),
          seconds,
          done: trainer.step / totalSteps,
        };
      }
      if (pauses.due) await pauses.take();
    }
  } finally {
    trainer.free();
  }
}
