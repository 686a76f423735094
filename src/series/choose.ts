import { InputError } from "../common/errors.js";
import type { TrainOptions } from "../training/options.js";
import { train } from "../training/train.js";
import { conformalOffsets, type StepResiduals } from "./conformal.js";
import { encodersOf, examplesOf, fitGains, type Origin, originsIn, type SeriesPart, thinned } from "./dataset.js";
import { type Encoding, layoutOf, type SeriesEncoder } from "./encoder.js";
import { meanOf, naiveError } from "./metrics.js";
import { createNetwork, medianOf, type NetworkOptions, type Outputs, outputFor, outputsOf } from "./network.js";
import type { ForecasterSettings } from "./options.js";
import { FORECASTER_RECIPE } from "./recipe.js";
import type { TargetTransform } from "./target-transform.js";

/** Windows that a trial learns from, and is judged by, at most. */
const MOST_EXAMPLES = 4096;
const MOST_JUDGED = 1024;
/** Epochs of a trial at most, and without a smaller error; fewer where that would be many windows. */
const EPOCHS = 200;
const PATIENCE = 20;
const MOST_READ = 200_000;
/** Epochs where the series are too short for a trial. */
const UNTRIED_EPOCHS = 30;
/** Series with fewer windows are tried at several ends: one would decide by chance. */
const FEW_EXAMPLES = 500;
const FOLDS = 3;
/** The fewest windows that a trial learns from. */
const FEWEST_EXAMPLES = 4;
/** The share of the rows that a validation part has. */
const SHARE = 0.15;

/** One way to represent the series, tried on validation parts at their ends. */
export interface Trial {
  /** How the series were represented. */
  readonly encoding: Encoding;
  /** Mean absolute error on the validation parts, in units of each series' mean change from row to row. */
  readonly error: number;
  /** The error of what the network's outputs are added to: a forecast without a network. */
  readonly naiveError: number;
  /** The epoch with the smallest error. */
  readonly epochs: number;
}

/** How far the trials have come. */
export interface TrialProgress {
  /** The trial in progress, counted from 1. */
  readonly trial: number;
  /** How many there are. */
  readonly trials: number;
  /** Whether they are done, and their best network is trained on further parts, to calibrate its quantiles. */
  readonly isCalibrating: boolean;
  /** What is tried. */
  readonly encoding: Encoding;
  /** Epochs of the network that is being trained. */
  readonly epoch: number;
  /** Its smallest error so far, in the unit of a trial's. */
  readonly error: number;
}

/** Who is told of trials. */
export interface TrialListeners {
  /** Is told of each trial, once it is done. */
  readonly onTrial?: ((trial: Trial) => void) | undefined;
  /** Is told of each epoch of a trial. */
  readonly onProgress?: ((progress: TrialProgress) => void) | undefined;
}

/** What was chosen, and why. */
export interface Choice {
  /** How the series are represented. */
  readonly encoding: Encoding;
  /** How long the network is trained. */
  readonly epochs: number;
  /** Whether no network was better than the naive forecast of its encoding, which is then the forecast. */
  readonly isNaive: boolean;
  /** All that was tried, the best first; empty where the series are too short, or nothing was left to choose. */
  readonly trials: readonly Trial[];
  /** [horizon][quantiles]: what is added to forecasts to make quantiles of them. */
  readonly offsets: readonly (readonly number[])[];
}

/** What was missing from forecasts on a validation part, by output. */
type Residuals = readonly StepResiduals[];

/** A trial, and what was missing from its forecasts, and from the naive ones: on each validation part, the newest first. */
interface Attempt {
  readonly trial: Trial;
  /** The index of the best epoch, of a network that learns from no more windows than a trial takes. */
  readonly best: number;
  readonly residuals: readonly Residuals[];
  readonly naiveResiduals: readonly Residuals[];
}

/** What trials share. */
interface Trying {
  readonly parts: readonly SeriesPart[];
  readonly network: NetworkOptions;
  /** The quantiles that a network puts out. */
  readonly levels: readonly number[];
  readonly training: TrainOptions;
  /** Is told of each epoch, and the smallest error so far. */
  readonly onEpoch?: (epoch: number, error: number) => void;
}

/** The encodings that `auto` stands for, the simplest first. */
export function candidates(settings: ForecasterSettings, parts: readonly SeriesPart[]): Encoding[] {
  const { horizon, season } = settings;
  const least = parts.reduce((least, part) => Math.min(least, leastOf(part)), Number.POSITIVE_INFINITY);
  const positive: readonly TargetTransform[] = parts.every(isFarAboveZero) ? ["none", "log"] : ["none"];
  const transforms = least === 0 ? (["none", "log1p"] as const) : positive;
  const longest = parts.reduce((most, { to }) => Math.max(most, to), 0);
  const hasSeasons = season > 1 && longest >= 2 * season + horizon;
  const differences = hasSeasons ? (["seasonal", "first", "none"] as const) : (["first", "none"] as const);
  const all: Encoding[] = [];
  for (const transform of settings.transform === "auto" ? transforms : [settings.transform])
    for (const difference of settings.difference === "auto" ? differences : [settings.difference]) {
      // Levels and changes mean something by themselves within one series; among many, beside what came before.
      const usual = difference === "none" || parts.length > 1 ? "window" : "standard";
      const scaling = settings.scaling === "auto" ? usual : settings.scaling;
      const window = windowFor(settings, difference, parts);
      const floor = transform === "log" ? least / 2 : least;
      all.push({ transform, floor, difference, scaling, window, horizon, season });
    }
  return all;
}

/** Values below this share of the largest make logarithms that say more about the small ones than about the rest. */
const FAR_ABOVE_ZERO = 0.05;

/** Whether a series is so far above 0 that a usual change does not take it there. */
function isFarAboveZero(part: SeriesPart): boolean {
  const values = part.input.target.subarray(0, part.to);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return leastOf(part) > Math.max(naiveError(values), FAR_ABOVE_ZERO * most);
}

const leastOf = ({ input, to }: SeriesPart): number =>
  input.target.subarray(0, to).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

/** A window that nine in ten series can fill. */
function windowFor(
  { window, season }: ForecasterSettings,
  difference: Encoding["difference"],
  parts: readonly SeriesPart[],
): number {
  const lag = { none: 0, first: 1, seasonal: season }[difference];
  const rows = parts.map(({ to }) => to - lag).sort((a, b) => a - b);
  return Math.max(1, Math.min(window, rows[Math.floor(rows.length / 10)]!));
}

/**
 * Tries encodings, each on the series without validation parts at their ends, and chooses the best one and its number of
 * epochs.
 */
export async function choose(
  settings: ForecasterSettings,
  trying: Omit<Trying, "onEpoch">,
  { onTrial, onProgress }: TrialListeners = {},
): Promise<Choice> {
  const all = candidates(settings, trying.parts);
  const { quantiles } = settings;
  const { epochs } = trying.training;
  const untried = { encoding: all[0]!, epochs: epochs ?? UNTRIED_EPOCHS, isNaive: false, trials: [], offsets: [] };
  if (all.length === 1 && epochs !== undefined && quantiles.length === 0) return untried;
  const attempts: Attempt[] = [];
  const telling = (encoding: Encoding, i: number, isCalibrating: boolean): Trying => ({
    ...trying,
    onEpoch: (epoch, error) =>
      onProgress?.({ trial: i + 1, trials: all.length, isCalibrating, encoding, epoch, error }),
  });
  for (const [i, encoding] of all.entries()) {
    const one = await attempt(encoding, telling(encoding, i, false));
    if (!one) continue;
    attempts.push(one);
    onTrial?.(one.trial);
  }
  attempts.sort((a, b) => a.trial.error - b.trial.error);
  const [best] = attempts;
  if (!best && quantiles.length > 0)
    throw new InputError(
      "too few rows for a validation part, on which quantiles are calibrated: leave `quantiles` out",
    );
  if (!best) return untried;
  const naive = attempts.reduce((least, one) => (one.trial.naiveError < least.trial.naiveError ? one : least));
  const isNaive = best.trial.error > naive.trial.naiveError;
  const chosen = isNaive ? naive : best;
  const { encoding } = chosen.trial;
  const calibrating = telling(encoding, all.length - 1, true);
  return {
    encoding,
    epochs: epochs ?? best.trial.epochs,
    isNaive,
    trials: attempts.map(({ trial }) => trial),
    offsets: quantiles.length > 0 ? await offsetsOf(chosen, isNaive, quantiles, calibrating) : [],
  };
}

/** [horizon][quantiles]: what makes each quantile of the output for it, or of the forecast itself. */
async function offsetsOf(
  { trial, best, ...seen }: Attempt,
  isNaive: boolean,
  quantiles: readonly number[],
  trying: Trying,
): Promise<number[][]> {
  const { encoding } = trial;
  const parts = [...(isNaive ? seen.naiveResiduals : seen.residuals)];
  const training = { ...trying.training, epochs: best + 1 };
  for (let fold = parts.length; fold < FOLDS; fold++) {
    const curve = await curveOf(cutParts(trying.parts, fold, encoding), encoding, { ...trying, training });
    if (!curve) break;
    parts.push(isNaive ? curve.naiveResiduals : curve.residualsAt(curve.errors.length - 1));
  }
  const all = quantiles.map((quantile) => {
    const output = outputFor(quantile, trying.levels);
    return conformalOffsets(
      parts.map((residuals) => residuals[output]!),
      quantile,
    );
  });
  return Array.from(all[0]!, (_, step) => all.map((offsets) => offsets[step]!));
}

/** A part of a series, cut into rows to learn from and rows to judge by. */
interface CutPart extends SeriesPart {
  /** The first row to judge by. */
  readonly cut: number;
}

/** The series without their last rows, which a fold farther back leaves out more of. */
function cutParts(parts: readonly SeriesPart[], fold: number, { horizon }: Encoding): CutPart[] {
  return parts.map((part) => {
    const rows = part.to - part.from;
    const held = Math.max(Math.min(horizon, Math.floor(rows / 3)), Math.round(rows * SHARE), 1);
    return { ...part, to: part.to - fold * held, cut: part.to - (fold + 1) * held };
  });
}

async function attempt(encoding: Encoding, trying: Trying): Promise<Attempt | undefined> {
  const curves: Curve[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const curve = await curveOf(cutParts(trying.parts, fold, encoding), encoding, trying);
    if (!curve) break;
    curves.push(curve);
    if (curve.examples >= FEW_EXAMPLES) break;
  }
  if (curves.length === 0) return undefined;
  const length = curves.reduce((least, { errors }) => Math.min(least, errors.length), EPOCHS);
  const means = Array.from({ length }, (_, epoch) => meanOf(curves.map(({ errors }) => errors[epoch]!)));
  const error = means.reduce((a, b) => Math.min(a, b));
  // What was thinned out is trained on in the end: as many updates are fewer epochs.
  const best = means.indexOf(error);
  const epochs = Math.max(1, Math.ceil((best + 1) * curves[0]!.share));
  const naiveError = meanOf(curves.map(({ naiveError }) => naiveError));
  return {
    trial: { encoding, error, naiveError, epochs },
    best,
    residuals: curves.map((curve) => curve.residualsAt(best)),
    naiveResiduals: curves.map((curve) => curve.naiveResiduals),
  };
}

/** How the error of a fold goes down. */
interface Curve {
  /** After each epoch. */
  readonly errors: readonly number[];
  readonly naiveError: number;
  /** After an epoch. */
  residualsAt(epoch: number): Residuals;
  readonly naiveResiduals: Residuals;
  readonly examples: number;
  /** The share of all windows that these examples are. */
  readonly share: number;
}

/** The error after each epoch, until it has not fallen for a while; undefined for series too short to learn from. */
async function curveOf(
  parts: readonly CutPart[],
  encoding: Encoding,
  { network, levels, training, onEpoch }: Trying,
): Promise<Curve | undefined> {
  const fitted = parts.map((part): SeriesPart => ({ ...part, to: part.cut }));
  const gains = fitGains(fitted, encoding);
  const encoders = encodersOf(fitted, encoding, gains, levels.length);
  const origins = originsIn(fitted, encoders);
  const learned = thinned(origins, MOST_EXAMPLES);
  const judged = thinned(
    originsIn(
      parts.map((part) => ({ ...part, from: part.cut })),
      encoders,
    ),
    MOST_JUDGED,
  );
  if (learned.length < FEWEST_EXAMPLES || judged.length === 0) return undefined;
  const judge = new Judge(judged, encoders, parts, medianOf(levels));
  const nothing = judged.map(() => levels.map(() => new Float32Array(encoding.horizon)));
  const outputs: Outputs[] = [];
  const model = await createNetwork(encoding, layoutOf(parts[0]!.input, levels.length), levels, network);
  const most = Math.min(EPOCHS, Math.ceil(MOST_READ / learned.length));
  const errors: number[] = [];
  try {
    for await (const _ of train(model, examplesOf(learned), trialOptions(training, most))) {
      const latest = await outputsOf(model, judge.inputs, encoding.horizon);
      outputs.push(latest);
      errors.push(judge.errorOf(latest));
      const best = errors.reduce((a, b) => Math.min(a, b));
      onEpoch?.(errors.length, best);
      if (errors.length - errors.indexOf(best) > Math.min(PATIENCE, most / 2)) break;
    }
  } finally {
    model.free();
  }
  return {
    errors,
    naiveError: judge.errorOf(nothing),
    residualsAt: (epoch) => judge.residualsOf(outputs[epoch]!),
    naiveResiduals: judge.residualsOf(nothing),
    examples: learned.length,
    share: learned.length / origins.length,
  };
}

/** A trial has an end and validation parts of its own. */
function trialOptions(training: TrainOptions, most: number): TrainOptions {
  const { validationFraction: _, patience: _p, validationData: _d, progressInterval: _i, epochs, ...others } = training;
  return { ...FORECASTER_RECIPE.training, ...others, epochs: Math.min(epochs ?? most, most) };
}

/** Errors of forecasts after some rows, as far as there are rows to compare them with. */
class Judge {
  /** What a network reads, for each origin. */
  readonly inputs: readonly Float32Array[];
  private readonly series: ReadonlyMap<SeriesEncoder, { values: Float64Array; unit: number; errors: number[] }>;

  constructor(
    private readonly origins: readonly Origin[],
    encoders: readonly SeriesEncoder[],
    parts: readonly CutPart[],
    /** Which output is the forecast itself. */
    private readonly median: number,
  ) {
    this.inputs = origins.map(({ encoder, origin }) => encoder.inputs(origin));
    this.series = new Map(
      encoders.map((encoder, s) => {
        const { input, cut } = parts[s]!;
        const unit = naiveError(input.target.subarray(0, cut)) || 1;
        return [encoder, { values: input.target, unit, errors: [] }];
      }),
    );
  }

  /** What is missing from each of the outputs. */
  residualsOf(outputs: Outputs): Residuals {
    return outputs[0]!.map((first, q) => {
      const all = this.origins.map(({ encoder, origin, end }, i) => encoder.residuals(outputs[i]![q]!, origin, end));
      return Array.from(first, (_, step) => all.map((residuals) => residuals[step]!));
    });
  }

  /** The mean over the series of the mean absolute errors of a network's outputs, in units of their mean changes before. */
  errorOf(outputs: Outputs): number {
    for (const { errors } of this.series.values()) errors.length = 0;
    for (const [i, { encoder, origin, end }] of this.origins.entries()) {
      const { values, errors } = this.series.get(encoder)!;
      const forecast = encoder.decode(outputs[i]![this.median]!, origin);
      for (let row = origin + 1; row < Math.min(end, origin + 1 + forecast.length); row++)
        errors.push(Math.abs(forecast[row - origin - 1]! - values[row]!));
    }
    const judged = [...this.series.values()].filter(({ errors }) => errors.length > 0);
    return meanOf(judged.map(({ errors, unit }) => meanOf(errors) / unit));
  }
}
