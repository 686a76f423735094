import { DivergenceError, InputError, LstmError } from "../common/errors.js";
import { TimeSlice } from "../common/event-loop.js";
import { type Data, encodeData } from "../model/dataset.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import { splitData } from "./dataset.js";
import { encodeValidationData } from "./encoded.js";
import { methodsOf } from "./methods.js";
import { settleExecution, type TrainOptions } from "./options.js";
import { isTrainingGroup, type SharedRun } from "./process-group.js";
import { resolveRun, threadCount } from "./resolve.js";
import { Trainer } from "./trainer.js";
import {
  finishOf,
  type StopReason,
  setDiverged,
  setTraining,
  type TrainingState,
  trainingOf,
} from "./training-state.js";

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
  /** Mean loss on the held-out part or the validation data after the epoch; absent without, and from `progress`. */
  readonly validationLoss?: number;
  /**
   * The epoch with the best validation loss so far. Without held-out data only of a run that ends more than a tenth above its
   * best training loss, and goes back to the parameters of that epoch; {@link train} with `resume` goes on from the last ones.
   */
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
  /**
   * Why the run ended, in its last report: all `epochs` are done, or `patience` ran out. `interrupted` if the run was
   * stopped early and then awaited. `getTrainingRun` of lstm-wasm/inspect also reports a run that diverged.
   */
  readonly stopReason?: StopReason;
}

/** A training run: iterate over its reports, or await the last one. */
export interface Training extends AsyncGenerator<TrainReport, void, void>, PromiseLike<TrainReport> {}

/**
 * Trains a model on a text or on examples. Iterate over the result for a report after each epoch, or await it for the
 * last report. (Because it can be awaited, an `async` function that returns it waits until training ends.)
 *
 * The call checks the options and data and copies the data; errors are thrown when the first report is requested, or by
 * the `await`. Training never runs ahead of the reports: it advances only while one is awaited, and stops when the
 * caller stops iterating (`break`, `return`). It yields to the event loop about 60 times a second.
 *
 * However training ends, the model keeps the state to resume exactly (`resume: true`), and `save` includes it. With
 * held-out data or `validationData`, the model ends with the parameters that did best on them. If each example has one
 * class, the same fraction of every class is held out, drawn with the model's seed (`stratify: false` holds out the
 * last examples instead); otherwise the end of the data is held out.
 *
 * @throws OptionError for an invalid option value, or one that a resumed run cannot change
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, data that do not fit the model, or other data than those of the resumed run
 * @throws DivergenceError if the loss, the gradient or the optimizer's state is no longer finite, an epoch's mean loss
 *   explodes, or a language model is for 50 epochs nearer to an untrained network than to its best; the model keeps the
 *   parameters of its best epoch
 * @throws OutOfMemoryError if a training step does not fit into memory
 * @throws WorkerError if a thread fails; the model is as it was before that step, and the run can be resumed
 * @throws RankError if another process of `processGroup` fails, ends the run or differs
 * @throws the signal's reason if it is aborted
 */
export function train<Reads extends InputKind>(
  model: Model<Reads>,
  data: Data<Reads>,
  options: TrainOptions = {},
): Training {
  const checked = attempt(() => check(model, data, options));
  let prepared: Promise<Setup> | undefined;
  const setup = async (): Promise<Setup> => {
    prepared ??= prepare(model, checked());
    return prepared;
  };
  let last: TrainReport | undefined;

  // Any other value is rejected by the setup.
  const group = isTrainingGroup(options?.processGroup) ? options.processGroup : undefined;

  async function* reports(): AsyncGenerator<TrainReport, void, void> {
    const prepareAll = async () => ({ model, ...(await setup()) });
    const runs = group ? group.share(prepareAll, (shared) => run(model, setup, shared)) : run(model, setup);
    for await (const report of runs) {
      if (report.event === "end") last = { ...report, event: "epoch" };
      else {
        last = report as TrainReport;
        yield last;
      }
    }
  }

  return awaitable(reports(), () => last);
}

/**
 * Lets a run be iterated over for its reports, or awaited for the last of them.
 *
 * @param last the last report so far
 * @internal
 */
export function awaitable<Report extends Pick<TrainReport, "stopReason">>(
  reports: AsyncGenerator<Report, void, void>,
  last: () => Report | undefined,
): AsyncGenerator<Report, void, void> & PromiseLike<Report> {
  let awaited: Promise<Report> | undefined;
  async function finish(): Promise<Report> {
    let { done } = await reports.next();
    while (!done) ({ done } = await reports.next());
    const report = last();
    if (!report) throw new LstmError("this run was ended before it could report");
    return report.stopReason ? report : { ...report, stopReason: "interrupted" };
  }
  const then: PromiseLike<Report>["then"] = (fulfilled, rejected) => {
    awaited ??= finish();
    return awaited.then(fulfilled, rejected);
  };
  return Object.assign(reports, { then });
}

/** Runs an action now; the function returned gives its result or throws its error. */
function attempt<Result>(action: () => Result): () => Result {
  try {
    const result = action();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Validates the options, and copies the data. */
function check(model: Model, data: Data, options: TrainOptions) {
  checkModel(model);
  const execution = settleExecution(options);
  execution.signal?.throwIfAborted();
  const before = execution.resume ? leftRun(model) : undefined;
  const { validationData } = options;
  const encoded = encodeData(model, data);
  const config = resolveRun(model, encoded, options, before?.config);
  const held = validationData === undefined ? undefined : encodeValidationData(model, validationData);
  const threads = threadCount(model, encoded, config, execution.threads, execution.processGroup);
  return { ...execution, encoded, held, config, before, threads };
}

/** Validates the rest, before any of the model's memory is used. */
async function prepare(model: Model, { encoded, held, ...checked }: ReturnType<typeof check>) {
  const { config, before } = checked;
  const dataset = await splitData(model, encoded, config, held);
  const { fingerprint, validationFingerprint } = dataset;
  const refuse = (data: string, done: string) => {
    throw new InputError(
      `these are not the ${data} that the run was ${done}: pass the same data, or train without resume`,
    );
  };
  if (before && before.fingerprint !== fingerprint) refuse("data", "trained on");
  if (before && before.validationFingerprint !== validationFingerprint) refuse("validation data", "evaluated on");
  const [methods] = await Promise.all([methodsOf(config, checked.processGroup !== undefined), model.engine.complete()]);
  return { ...dataset, ...checked, methods };
}

type Setup = Awaited<ReturnType<typeof prepare>>;
type Reports = AsyncGenerator<Omit<TrainReport, "event"> & { event: TrainReport["event"] | "end" }, void, void>;

/** The reports of a run, plus one at its end. */
async function* run(model: Model, setup: () => Promise<Setup>, group?: SharedRun): Reports {
  const prepared = await setup();
  const { training, validation, config, before, methods, threads, signal, progressInterval } = prepared;
  signal?.throwIfAborted();
  if (before && leftRun(model) !== before)
    throw new LstmError("the model was trained further since this call of train: call it again to resume");
  const trainer = new Trainer(model, training, config, methods, threads, prepared, before, group);
  const pauses = new TimeSlice(signal);
  const stopwatch = new Stopwatch(trainer.progress.tokens);
  const totalSteps = config.epochs * trainer.stepsPerEpoch;
  setTraining(model, trainer);

  function report<Event extends "epoch" | "progress" | "end">(event: Event) {
    const { epoch, step, tokens, gradientNorm, validationLosses } = trainer.progress;
    const isProgress = event === "progress";
    const validationLoss = isProgress ? undefined : validationLosses[epoch - 1];
    const stopReason = finishOf(trainer);
    return {
      event,
      epoch: isProgress ? epoch + 1 : epoch,
      completedEpochs: epoch,
      step,
      tokens,
      trainLoss: trainer.meanLoss,
      ...(validationLoss === undefined ? {} : { validationLoss }),
      ...(trainer.bestEpoch === 0 ? {} : { bestEpoch: trainer.bestEpoch }),
      gradientNorm,
      learningRate: trainer.learningRate,
      tokensPerSecond: stopwatch.lap(isProgress ? event : "epoch", tokens),
      seconds: stopwatch.seconds,
      progress: stopReason ? 1 : step / totalSteps,
      ...(stopReason ? { stopReason } : {}),
    };
  }

  try {
    // A resumed run may have nothing left to do.
    if (trainer.finished) yield report("end");
    await trainer.prepare();
    while (!trainer.finished) {
      if (!trainer.awaitsValidation) {
        const start = performance.now();
        await trainer.advance();
        stopwatch.seconds += (performance.now() - start) / 1000;
      }
      if (trainer.awaitsValidation && validation)
        trainer.validated(await validation.meanLoss(model, validation.batches, pauses, trainer.threads, group));
      if (trainer.atEpochEnd) yield report("epoch");
      else if (stopwatch.sinceLap("progress") * 1000 >= progressInterval) {
        trainer.checkOptimizerState();
        yield report("progress");
      }
      if (pauses.isOver) await pauses.yieldToEventLoop();
    }
  } catch (error) {
    // Anything but a diverged run can be resumed.
    if (error instanceof DivergenceError) setDiverged(model, trainer);
    throw error;
  } finally {
    try {
      if (trainingOf(model) === trainer) setTraining(model, leave(model, trainer));
    } finally {
      trainer.free();
    }
  }
}

/** @throws DivergenceError if the last update diverged */
function leave(model: Model, trainer: Trainer): TrainingState {
  try {
    return trainer.leave();
  } catch (error) {
    setDiverged(model, trainer);
    throw error;
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
