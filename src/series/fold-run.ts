import type { TrainOptions } from "../training/options.js";
import { type Training, train } from "../training/train.js";
import { encodersOf, examplesOf, fitGains, originsIn, type SeriesPart, thinned } from "./dataset.js";
import { type Encoding, layoutOf } from "./encoder.js";
import type { CutPart } from "./folds.js";
import { Judge, type Residuals } from "./judge.js";
import { createNetwork, medianOf, type NetworkOptions, type Outputs, outputsOf } from "./network.js";
import { FORECASTER_RECIPE } from "./recipe.js";

/** Windows that a network learns from, and is judged by, at most: evenly spread over those of a long table. */
const MOST_EXAMPLES = 4096;
const MOST_JUDGED = 1024;
/** The fewest windows that a network learns from. */
const FEWEST_EXAMPLES = 4;
/** Epochs at most. */
const EPOCHS = 200;
/** Rows that a network reads in all its epochs, about: some seconds. There are fewer epochs for it, and then fewer windows. */
const MOST_READ = 2_400_000;
const FEWEST_EPOCHS = 20;
/** Shorter windows cost about as much as these. */
const SHORT_WINDOW = 12;

/** What all networks of the trials share. */
export interface Trying {
  readonly parts: readonly SeriesPart[];
  readonly network: NetworkOptions;
  /** The quantiles that a network puts out. */
  readonly levels: readonly number[];
  readonly training: TrainOptions;
}

/** A network that learns from the series up to a validation part, and its error there after each epoch. */
export class FoldRun {
  /** After each epoch so far. */
  readonly errors: number[] = [];
  private readonly outputs: Outputs[] = [];

  private constructor(
    private readonly encoding: Encoding,
    private readonly levels: readonly number[],
    private readonly judge: Judge,
    private readonly model: Awaited<ReturnType<typeof createNetwork>>,
    private readonly training: Training,
    /** Windows that it learns from, and how many there are. */
    readonly windows: number,
    readonly allWindows: number,
    /** Epochs at most, unless the training has fewer. */
    readonly epochs: number,
  ) {}

  /** @returns undefined for series that are too short to learn from, or to be judged by */
  static async start(
    parts: readonly CutPart[],
    encoding: Encoding,
    { network, levels, training }: Trying,
  ): Promise<FoldRun | undefined> {
    const fitted = parts.map((part): SeriesPart => ({ ...part, to: part.cut }));
    const gains = fitGains(fitted, encoding);
    const encoders = encodersOf(fitted, encoding, gains, levels.length);
    const origins = originsIn(fitted, encoders);
    const rows = Math.max(SHORT_WINDOW, encoding.window);
    const learned = thinned(origins, Math.min(MOST_EXAMPLES, Math.ceil(MOST_READ / rows / FEWEST_EPOCHS)));
    const validated = parts.map((part): SeriesPart => ({ ...part, from: part.cut }));
    const judged = thinned(originsIn(validated, encoders), MOST_JUDGED);
    if (learned.length < FEWEST_EXAMPLES || judged.length === 0) return undefined;
    const model = await createNetwork(encoding, layoutOf(parts[0]!.input, levels.length), levels, network);
    const epochs = Math.min(EPOCHS, Math.ceil(MOST_READ / rows / learned.length));
    const own = { ...ownEnd(training), epochs: Math.min(training.epochs ?? epochs, epochs) };
    return new FoldRun(
      encoding,
      levels,
      new Judge(judged, encoders, parts, medianOf(levels)),
      model,
      train(model, examplesOf(learned), own),
      learned.length,
      origins.length,
      epochs,
    );
  }

  /** Trains for an epoch. @returns whether there was one left */
  async advance(): Promise<boolean> {
    const { done } = await this.training.next();
    if (done) return false;
    const latest = await outputsOf(this.model, this.judge.inputs, this.encoding.horizon);
    this.outputs.push(latest);
    this.errors.push(this.judge.errorOf(latest));
    return true;
  }

  /** The error of forecasts without a network. */
  get naiveError(): number {
    return this.judge.errorOf(this.nothing);
  }

  /** What was missing from its forecasts after an epoch, counted from 0. */
  residualsAt(epoch: number): Residuals {
    return this.judge.residualsOf(this.outputs[epoch]!);
  }

  /** What was missing from forecasts without a network. */
  get naiveResiduals(): Residuals {
    return this.judge.residualsOf(this.nothing);
  }

  /** Ends the training, and frees the network. */
  async end(): Promise<void> {
    await this.training.return();
    this.model.free();
  }

  private get nothing(): Outputs {
    return this.judge.inputs.map(() => this.levels.map(() => new Float32Array(this.encoding.horizon)));
  }
}

/** A trial has an end and validation parts of its own. */
function ownEnd(training: TrainOptions): TrainOptions {
  const { validationFraction: _, patience: _p, validationData: _d, progressInterval: _i, ...others } = training;
  return { ...FORECASTER_RECIPE.training, ...others };
}
