import { getTrainingRun, save, type TrainingRun, type TrainOptions, type TrainReport, train } from "lstm-wasm";
import type { Report } from "../protocol.js";
import type { RunStore } from "./keeper.js";
import { LossCurve } from "./loss-curve.js";
import { describeRun, type Run } from "./run.js";
import { sampleOf } from "./sample.js";
import { Throttle } from "./spacing.js";
import type { Mutex } from "./turns.js";

/** How often a long epoch is looked at, in milliseconds. */
const LOOK = 50;
/** How often the page hears of the run. */
const TELL = 100;
/** Of the time, for samples. */
const SAMPLE_SHARE = 0.02;

/** Trains a run, and tells of it now and then. */
export class TrainingLoop {
  /** Whether a step has been made. */
  hasBegun = false;
  private readonly curve = new LossCurve();
  private readonly telling = new Throttle(0.5, TELL);
  private readonly sampling = new Throttle(SAMPLE_SHARE, TELL);
  private wantsPause = false;
  private ended: Promise<void> = Promise.resolve();
  private epoch = 0;
  private epochs = 0;
  /** Tokens per second in training alone, since the run last began or went on. */
  private rate = 0;
  private start: { readonly tokens: number; readonly seconds: number } | undefined;
  private isShown = false;

  constructor(
    private readonly run: Run,
    private readonly turns: Mutex,
    private readonly keeper: Promise<RunStore | undefined>,
    private readonly tell: (report: Report) => void,
  ) {}

  /**
   * Trains until the epochs are done or {@link pause} is called.
   *
   * @param onStart is called after the first step
   * @throws as train does
   */
  async train(options: TrainOptions, onStart: () => void): Promise<void> {
    let end = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await this.follow(options, onStart);
    } finally {
      end();
    }
  }

  private async follow(options: TrainOptions, onStart: () => void): Promise<void> {
    const { run, turns } = this;
    this.wantsPause = false;
    this.start = undefined;
    const reports = train(run.model, run.data as Int32Array, { ...options, progressInterval: LOOK });
    const keeper = await this.keeper;
    let isFirst = true;
    let last: TrainReport | undefined;
    try {
      while (!this.wantsPause) {
        const next = await turns.take(() => reports.next());
        if (next.done) break;
        last = next.value;
        if (isFirst) {
          this.isShown = false;
          this.hasBegun = true;
          onStart();
          await this.showAll();
          isFirst = false;
        }
        this.note(last);
        if (this.telling.isDue) await this.telling.spend(() => this.tellOf(last!));
        if (this.sampling.isDue) await this.sampling.spend(() => this.sample(false));
        if (keeper?.isDue) await this.keep();
      }
    } finally {
      await turns.take(() => reports.return());
      if (last) this.tellOf(last);
    }
    if (last) {
      await this.sample(true);
      await this.keep();
      await keeper?.settled();
    }
  }

  /** Ends when the run rests. */
  async pause(): Promise<void> {
    this.wantsPause = true;
    await this.ended;
  }

  /** Writes the run to where it is kept. */
  async keep(): Promise<void> {
    const keeper = await this.keeper;
    const { run, epoch, epochs } = this;
    // What has diverged cannot go on: the last good state stays kept.
    if (this.isShown && getTrainingRun(run.model))
      await this.turns.take(() => keeper?.write(run.content, epoch, epochs, () => save(run.model)));
  }

  /** Tells all of the run: what it is, and its losses so far. */
  async showAll(state: TrainingRun = getTrainingRun(this.run.model)!): Promise<void> {
    const { run, curve } = this;
    const { options, epoch, trainLosses, validationLosses } = state;
    this.epochs = options.epochs;
    this.isShown = true;
    this.tell({ type: "run", run: describeRun(run, state) });
    for (let i = Math.max(0, this.epoch); i < epoch; i++) curve.add(i + 1, trainLosses[i]!, validationLosses[i]);
    this.epoch = Math.max(this.epoch, epoch);
    if (epoch === 0) return;
    this.tell({ type: "curve", curve: curve.decimated() });
    const validationLoss = validationLosses[epoch - 1];
    this.tell({
      type: "progress",
      progress: {
        epoch,
        epochs: options.epochs,
        trainLoss: trainLosses[epoch - 1]!,
        ...(validationLoss === undefined ? {} : { validationLoss }),
        tokensPerSecond: this.rate,
      },
    });
  }

  /** Lets a text's model write its passage. */
  async sample(isResting: boolean): Promise<void> {
    const { run, turns, epoch } = this;
    if (run.kind !== "text") return;
    const text = await turns.take(() => sampleOf(run, isResting));
    this.tell({ type: "sample", sample: { epoch, text } });
  }

  private note({ event, epoch, trainLoss, validationLoss, tokens, seconds, tokensPerSecond }: TrainReport): void {
    this.start ??= { tokens, seconds };
    const time = seconds - this.start.seconds;
    this.rate = time > 0 ? (tokens - this.start.tokens) / time : tokensPerSecond;
    if (event !== "epoch" || epoch <= this.epoch) return;
    this.epoch = epoch;
    this.curve.add(epoch, trainLoss, validationLoss);
  }

  private tellOf({ event, epoch, trainLoss, validationLoss, progress, tokens }: TrainReport): void {
    const left = progress > 0 && this.rate > 0 ? (tokens / progress - tokens) / this.rate : undefined;
    this.tell({
      type: "progress",
      progress: {
        epoch: event === "epoch" ? epoch : epoch - 1,
        epochs: this.epochs,
        trainLoss,
        ...(validationLoss === undefined ? {} : { validationLoss }),
        tokensPerSecond: this.rate,
        ...(left === undefined ? {} : { secondsLeft: left }),
      },
    });
    this.tell({ type: "curve", curve: this.curve.decimated() });
  }
}
