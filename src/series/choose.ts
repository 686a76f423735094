import { InputError } from "../common/errors.js";
import { candidates } from "./candidates.js";
import { conformalOffsets, type Spreads, spreadsOf } from "./conformal.js";
import type { Encoding } from "./encoder.js";
import { FoldRun, type Trying } from "./fold-run.js";
import { cutParts, FOLDS } from "./folds.js";
import type { Residuals } from "./judge.js";
import { meanOf } from "./metrics.js";
import { outputFor } from "./network.js";
import type { ForecasterSettings } from "./options.js";

/** Epochs where the series are too short for a trial. */
const UNTRIED_EPOCHS = 30;
/** Series with fewer windows are tried at several ends: one would decide by chance. */
const FEW_WINDOWS = 500;
/** Epochs without a smaller error, or half of all, after which a trial ends. */
const PATIENCE = 20;
/** A trial on many windows ends if it is so much worse than the best one was after as many epochs, from a share of them on. */
const HOPELESS = 1.1;
const GRACE = 0.25;

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
  /** Windows that its network learned from, without the validation part; of many, so many that are evenly spread. */
  readonly windows: number;
  /** How many there were. */
  readonly allWindows: number;
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
  /**
   * [parts][horizon]: how far the forecasts were off that the offsets are of, on the newest validation part first. Empty where there were so many that later ones say nothing
   * new, and where the network puts out quantiles itself.
   */
  readonly spreads: Spreads;
}

/** What makes quantiles of forecasts. */
type Calibration = Pick<Choice, "offsets" | "spreads">;

const UNCALIBRATED: Calibration = { offsets: [], spreads: [] };

/** A trial, and what was missing from its forecasts, and from the naive ones: on each validation part, the newest first. */
interface Attempt {
  readonly trial: Trial;
  /** The error after each epoch. */
  readonly errors: readonly number[];
  /** The index of the best epoch, of a network that learns from no more windows than a trial takes. */
  readonly best: number;
  readonly residuals: readonly Residuals[];
  readonly naiveResiduals: readonly Residuals[];
}

/** Is told of the error after each epoch, and the smallest so far. */
type EpochListener = (epoch: number, error: number) => void;

/**
 * Tries encodings, each on the series without validation parts at their ends, and chooses the best one and its number of
 * epochs.
 */
export async function choose(
  settings: ForecasterSettings,
  trying: Trying,
  { onTrial, onProgress }: TrialListeners = {},
): Promise<Choice> {
  const all = candidates(settings, trying.parts);
  const { quantiles } = settings;
  const { epochs } = trying.training;
  const untried = { encoding: all[0]!, epochs: epochs ?? UNTRIED_EPOCHS, isNaive: false, trials: [], ...UNCALIBRATED };
  if (all.length === 1 && epochs !== undefined && quantiles.length === 0) return untried;
  const attempts: Attempt[] = [];
  const telling = (encoding: Encoding, i: number, isCalibrating: boolean): EpochListener => {
    const what = { trial: i + 1, trials: all.length, isCalibrating, encoding };
    return (epoch, error) => onProgress?.({ ...what, epoch, error });
  };
  for (const [i, encoding] of all.entries()) {
    const rival = attempts.reduce<Attempt | undefined>(
      (a, b) => (a && a.trial.error <= b.trial.error ? a : b),
      undefined,
    );
    const one = await attempt(encoding, trying, rival, telling(encoding, i, false));
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
  const listener = telling(encoding, all.length - 1, true);
  return {
    encoding,
    epochs: epochs ?? best.trial.epochs,
    isNaive,
    trials: attempts.map(({ trial }) => trial),
    ...(quantiles.length > 0 ? await calibrate(chosen, isNaive, quantiles, trying, listener) : UNCALIBRATED),
  };
}

/** What makes each quantile of the output for it, or of the forecast itself. */
async function calibrate(
  { trial, best, ...seen }: Attempt,
  isNaive: boolean,
  quantiles: readonly number[],
  trying: Trying,
  onEpoch: EpochListener,
): Promise<Calibration> {
  const parts = [...(isNaive ? seen.naiveResiduals : seen.residuals)];
  while (parts.length < FOLDS) {
    const run = await startFold(parts.length, trial.encoding, trying);
    if (!run) break;
    try {
      while (run.errors.length <= best && !isNaive && (await run.advance()))
        onEpoch(run.errors.length, Math.min(...run.errors));
      parts.push(isNaive ? run.naiveResiduals : run.residualsAt(run.errors.length - 1));
    } finally {
      await run.end();
    }
  }
  const all = quantiles.map((quantile) => {
    const output = outputFor(quantile, trying.levels);
    return conformalOffsets(
      parts.map((residuals) => residuals[output]!),
      quantile,
    );
  });
  return {
    offsets: Array.from(all[0]!, (_, step) => all.map((offsets) => offsets[step]!)),
    spreads: trying.levels.length === 1 ? spreadsOf(parts.map(([residuals]) => residuals!)) : [],
  };
}

const startFold = (fold: number, encoding: Encoding, trying: Trying): Promise<FoldRun | undefined> =>
  FoldRun.start(cutParts(trying.parts, fold, encoding), encoding, trying);

/** Trains a network on each fold, and chooses the epoch with the smallest mean error. */
async function attempt(
  encoding: Encoding,
  trying: Trying,
  rival: Attempt | undefined,
  onEpoch: EpochListener,
): Promise<Attempt | undefined> {
  const runs: FoldRun[] = [];
  try {
    while (runs.length < FOLDS && runs.every(({ windows }) => windows < FEW_WINDOWS)) {
      const run = await startFold(runs.length, encoding, trying);
      if (!run) break;
      runs.push(run);
      await learn(run, run.windows < FEW_WINDOWS ? undefined : rival, onEpoch);
    }
    const [first] = runs;
    if (!first) return undefined;
    const length = Math.min(...runs.map(({ errors }) => errors.length));
    const errors = Array.from({ length }, (_, epoch) => meanOf(runs.map(({ errors }) => errors[epoch]!)));
    const error = Math.min(...errors);
    const best = errors.indexOf(error);
    const { windows, allWindows } = first;
    // What was thinned out is trained on in the end: as many updates are fewer epochs.
    const epochs = Math.max(1, Math.ceil(((best + 1) * windows) / allWindows));
    const naiveError = meanOf(runs.map((run) => run.naiveError));
    return {
      trial: { encoding, error, naiveError, epochs, windows, allWindows },
      errors,
      best,
      residuals: runs.map((run) => run.residualsAt(best)),
      naiveResiduals: runs.map((run) => run.naiveResiduals),
    };
  } finally {
    for (const run of runs) await run.end();
  }
}

/**
 * Trains until the error has not fallen for a while.
 *
 * @param rival the best attempt so far: if it is much better after as many epochs, this one ends
 */
async function learn(run: FoldRun, rival: Attempt | undefined, onEpoch: EpochListener): Promise<void> {
  const { errors } = run;
  const patience = Math.min(PATIENCE, run.epochs / 2);
  let best = 0;
  const isHopeless = () => {
    if (!rival || errors.length < GRACE * run.epochs) return false;
    return errors[best]! > HOPELESS * Math.min(...rival.errors.slice(0, errors.length));
  };
  while (errors.length - best <= patience && !isHopeless() && (await run.advance())) {
    if (errors.at(-1)! < errors[best]!) best = errors.length - 1;
    onEpoch(errors.length, errors[best]!);
  }
}
