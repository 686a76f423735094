import { DivergenceError, type Model, save, type TrainOptions, type TrainReport, train } from "lstm-wasm";
import { getTrainingRun, type TrainingRun } from "lstm-wasm/inspect";
import { lookupOf, type Segment, segmentsOf } from "../../common/highlight.js";
import type { Progress, Report } from "../../common/protocol.js";
import type { SeriesMoment } from "../../common/series.js";
import { generateSample } from "../inference/sample.js";
import type { Observer } from "../inside/observer.js";
import { describeRun, nameOf, type Run } from "../run/run.js";
import type { RunStore } from "../run/run-store.js";
import type { Mutex } from "../scheduling/mutex.js";
import { Throttle } from "../scheduling/throttle.js";
import { LossCurve } from "./loss-curve.js";
import { Snapshots } from "./snapshots.js";

/** Milliseconds between progress checks within a long epoch. */
const CHECK_INTERVAL = 50;
/** Milliseconds between reports to the page. */
const REPORT_INTERVAL = 100;
/** Share of the time spent on samples, while nobody looks inside, and on both. */
const SAMPLE_SHARE = 0.02;
const WATCHED_SHARE = 0.08;
/** Milliseconds between two moments to look back at. */
const MOMENT_INTERVAL = 100;
const WATCHED_INTERVAL = 30;

/** Characters of the training text to look samples up in. */
const LOOKUP_LIMIT = 200_000;

/** How a run goes. */
export interface Pace {
  readonly isStep?: boolean | undefined;
  readonly onStart: () => void;
}

/** Trains a run, and reports on it at intervals. */
export class TrainingLoop {
  /** Whether a step has been made. */
  hasBegun = false;
  private readonly curve = new LossCurve();
  private readonly snapshots: Snapshots;
  private readonly reporting = new Throttle(0.5, REPORT_INTERVAL);
  private readonly sampling = new Throttle(SAMPLE_SHARE, MOMENT_INTERVAL);
  private readonly watching = new Throttle(WATCHED_SHARE, WATCHED_INTERVAL);
  private isPauseRequested = false;
  /** How the run is to go on. */
  private adjusted: TrainOptions | undefined;
  /** Of the samples, where the user chose one. */
  private temperature: number | undefined;
  private ended: Promise<void> = Promise.resolve();
  private epoch = 0;
  private epochs = 0;
  /** Epochs of the run's first plan. */
  private round = 0;
  /** Epochs so far, a fraction of one included. */
  private position = 0;
  /** Tokens per second of training alone, since the last start or resume. */
  private rate = 0;
  private start: { readonly tokens: number; readonly seconds: number } | undefined;
  /** Those that compute, once a step has been made. */
  private threads: number | undefined;
  /** What samples are looked up in, once there is one. */
  private known: ReadonlySet<string> | undefined;
  private isShown = false;
  private hasDiverged = false;

  constructor(
    private readonly run: Run,
    private readonly mutex: Mutex,
    private readonly store: Promise<RunStore | undefined>,
    private readonly observer: Observer,
    /** What a network of series forecasts, and what goes on in it; undefined where it has no part in the forecast. */
    private readonly momentOf: (epoch: number, model: Model) => Promise<SeriesMoment | undefined>,
    private readonly post: (report: Report) => void,
  ) {
    this.snapshots = new Snapshots(run.model);
  }

  /**
   * Trains until all epochs are done or {@link pause} is called.
   *
   * @param pace.isStep makes one update only
   * @param pace.onStart is called after the first step
   * @throws what train throws
   */
  async train(options: TrainOptions, pace: Pace): Promise<void> {
    let end = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    try {
      this.isPauseRequested = false;
      let next: TrainOptions | undefined = options;
      while (next) {
        this.adjusted = undefined;
        await this.follow(next, pace);
        // A run whose learning rate was changed goes on with the new one.
        next = this.isPauseRequested ? undefined : this.adjusted;
      }
    } finally {
      end();
    }
  }

  private async follow(options: TrainOptions, { isStep = false, onStart }: Pace): Promise<void> {
    const { run, mutex } = this;
    this.start = undefined;
    const progressInterval = isStep ? 0 : CHECK_INTERVAL;
    const reports = train(run.model, run.data as Int32Array, { ...options, progressInterval });
    const store = await this.store;
    let isFirst = true;
    let last: TrainReport | undefined;
    try {
      while (!this.isPauseRequested && !this.adjusted) {
        const next = await mutex.runExclusive(() => reports.next());
        if (next.done) break;
        last = next.value;
        if (isFirst) {
          this.isShown = false;
          this.hasBegun = true;
          onStart();
          const state = getTrainingRun(run.model)!;
          this.threads = state.threads;
          this.postAll(state, state.threads);
          isFirst = false;
        }
        this.record(last);
        if (this.reporting.isDue) await this.reporting.run(() => this.postProgress(last!));
        const looking = this.observer.isWatching ? this.watching : this.sampling;
        if (looking.isDue) await looking.run(() => this.show(false));
        if (store?.isDue) await this.persist();
        if (isStep) break;
      }
    } catch (error) {
      this.hasDiverged = error instanceof DivergenceError;
      throw error;
    } finally {
      await mutex.runExclusive(() => reports.return());
      // It may have diverged before it reported anything.
      if (this.hasDiverged) this.postAll(getTrainingRun(run.model), this.threads);
      else if (last) this.postProgress(last);
    }
    if (last && !this.adjusted) {
      await this.show(true);
      await this.persist();
      await store?.flush();
    }
  }

  /** Changes the run under way. */
  adjust({ learningRate, temperature }: { readonly learningRate?: number; readonly temperature?: number }): void {
    if (temperature !== undefined) this.temperature = temperature;
    if (learningRate !== undefined) this.adjusted = { learningRate, resume: true };
  }

  /** Resolves once training has stopped. */
  async pause(): Promise<void> {
    this.isPauseRequested = true;
    await this.ended;
  }

  /** Saves the run for the next visit. */
  async persist(): Promise<void> {
    const store = await this.store;
    const { run, epoch, epochs } = this;
    // A diverged run cannot be resumed: its last good state stays in the store.
    if (this.isShown && !this.hasDiverged)
      await this.mutex.runExclusive(() => store?.write({ ...nameOf(run), epoch, epochs }, () => save(run.model)));
  }

  /**
   * Reports everything about the run: what it is, and its losses so far.
   *
   * @param threads those that compute, where it is being trained
   */
  postAll(state: TrainingRun | undefined, threads?: number): void {
    const { run, curve } = this;
    this.round ||= state?.options.epochs ?? 0;
    this.post({ type: "run", run: describeRun(run, state, threads, this.round) });
    if (!state) return;
    const { options, epoch, trainLosses, validationLosses } = state;
    this.epochs = options.epochs;
    this.isShown = !run.isModelOnly;
    for (let i = Math.max(0, this.epoch); i < epoch; i++) curve.add(i + 1, trainLosses[i]!, validationLosses[i]);
    this.epoch = Math.max(this.epoch, epoch);
    this.position = Math.max(this.position, epoch);
    if (epoch === 0) return;
    this.post({ type: "curve", curve: curve.decimated() });
    const validationLoss = validationLosses[epoch - 1];
    this.post({
      type: "progress",
      progress: {
        epoch,
        epochs: options.epochs,
        trainLoss: trainLosses[epoch - 1]!,
        ...(validationLoss === undefined ? {} : { validationLoss }),
        ...bestOf(state),
        tokensPerSecond: this.rate,
      },
    });
  }

  /** Reports what the model generates or forecasts now, and what goes on in it. */
  async show(isIdle: boolean): Promise<void> {
    const { run, mutex, position } = this;
    const report = await mutex.runExclusive(() => this.momentReport(run, position, isIdle, this.temperature));
    if (report) this.post(report);
  }

  /** Reports earlier moments of the run, which are only looked at when there is time. */
  async recall(signal: AbortSignal): Promise<void> {
    for await (const { epoch, model } of this.snapshots.recall()) {
      if (signal.aborted) return;
      // The model as it is now has been shown.
      if (epoch >= this.position) return;
      const report = await this.momentReport({ ...this.run, model }, epoch, false);
      // The run may have been let go of meanwhile.
      if (signal.aborted) return;
      if (report) this.post(report);
      // Commands come first.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /**
   * What the model generates or forecasts, and what goes on in it.
   *
   * @param run as it is now, or with the model as it was after an epoch
   */
  private async momentReport(
    run: Run,
    epoch: number,
    isIdle: boolean,
    temperature?: number,
  ): Promise<Report | undefined> {
    if (run.subject) {
      const moment = await this.momentOf(epoch, run.model);
      return moment && { type: "seriesMoment", moment };
    }
    if (run.kind !== "text" || !run.model.isLanguageModel) return undefined;
    const insight = this.observer.look(run);
    const text = await generateSample(run, isIdle, temperature);
    const segments = this.segmentsOf(text);
    return {
      type: "moment",
      moment: { epoch, text, ...(segments ? { segments } : {}), ...(insight ? { insight } : {}) },
    };
  }

  /** A sample, cut where what is in the training text begins or ends, if there is one. */
  private segmentsOf(sample: string): Segment[] | undefined {
    const { content, model } = this.run;
    const { level } = model.vocabulary;
    if (content.text !== "") this.known ??= lookupOf(content.text.slice(0, LOOKUP_LIMIT), level);
    return this.known && segmentsOf(sample, this.known, level);
  }

  private record(report: TrainReport): void {
    const { event, epoch, trainLoss, validationLoss, tokens, seconds, tokensPerSecond, progress } = report;
    this.start ??= { tokens, seconds };
    const time = seconds - this.start.seconds;
    this.rate = time > 0 ? (tokens - this.start.tokens) / time : tokensPerSecond;
    this.position = event === "epoch" ? epoch : Math.max(this.position, progress * this.epochs);
    if (event !== "epoch" || epoch <= this.epoch) {
      this.curve.extend(this.position, trainLoss);
      return;
    }
    this.epoch = epoch;
    this.curve.add(epoch, trainLoss, validationLoss);
    this.snapshots.take(epoch);
  }

  private postProgress(report: TrainReport): void {
    const { event, epoch, trainLoss, validationLoss, bestEpoch, progress, tokens } = report;
    const left = progress > 0 && this.rate > 0 ? (tokens / progress - tokens) / this.rate : undefined;
    this.post({
      type: "progress",
      progress: {
        epoch: event === "epoch" ? epoch : epoch - 1,
        epochs: this.epochs,
        trainLoss,
        ...(validationLoss === undefined ? {} : { validationLoss }),
        // The run knows what it went back to.
        ...(bestEpoch === undefined ? {} : bestOf(getTrainingRun(this.run.model)!)),
        tokensPerSecond: this.rate,
        ...(left === undefined ? {} : { secondsLeft: left }),
      },
    });
    this.post({ type: "curve", curve: this.curve.decimated() });
  }
}

/** The epoch whose parameters the model keeps, and its training loss where nothing was held out. */
function bestOf({ bestEpoch, trainLosses, validationLosses }: TrainingRun): Pick<Progress, "bestEpoch" | "keptLoss"> {
  if (bestEpoch === undefined) return {};
  return validationLosses.length > 0 ? { bestEpoch } : { bestEpoch, keptLoss: trainLosses[bestEpoch - 1]! };
}
