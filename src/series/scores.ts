import { coverageError, type Held } from "./coverage-error.js";
import { mae, mape, meanOf, naiveError, pinball, rmse, smape } from "./metrics.js";
import { naiveForecasts } from "./naive.js";

/** Errors of forecasts, in the target's unit where nothing else is said. */
export interface ErrorScores {
  /** Root mean squared error, over all forecast rows. */
  readonly rmse: number;
  /** Mean absolute error, over all forecast rows. */
  readonly mae: number;
  /** Mean absolute percentage error, as a fraction; infinite where a value is 0 and its forecast not. */
  readonly mape: number;
  /** Symmetric mean absolute percentage error, from 0 to 2. */
  readonly smape: number;
  /**
   * Mean absolute scaled error: each series' mean absolute error divided by that of the seasonal naive forecast one step
   * ahead in the rows before the first forecast, averaged over the series. NaN where none of them ever changed.
   */
  readonly mase: number;
}

/** Errors of a naive forecast. */
export interface NaiveScores extends ErrorScores {
  /** Such as "persistence". */
  readonly name: string;
}

/** Errors of a forecaster on rows that it did not see. */
export interface BacktestScores extends ErrorScores {
  /** Forecast rows of all series. */
  readonly rows: number;
  /** Of forecasts with quantiles; absent without. */
  readonly intervals: IntervalScores | undefined;
  /** The errors of naive forecasts of the same rows. */
  readonly naive: readonly NaiveScores[];
  /** Errors by how many rows ahead, from 1. */
  readonly steps: readonly StepScores[];
  /** Errors by series, the naive ones in the order of `naive`. */
  readonly series: readonly SeriesScores[];
  /** What to try, where a naive forecast is better by more than 5 %, by the scaled or by the squared error. */
  readonly advice: string | undefined;
}

/** Errors so many rows ahead, over all series. */
export interface StepScores extends Omit<ErrorScores, "mase"> {
  /** Forecasts that reach so far. */
  readonly rows: number;
  /** Of forecasts with quantiles; absent without. */
  readonly intervals: IntervalScores | undefined;
}

/** Errors on one series. */
export interface SeriesScores {
  /** Its name, in a table of several. */
  readonly id: string | undefined;
  /** Its forecast rows. */
  readonly rows: number;
  /** Its errors. */
  readonly scores: ErrorScores;
  /** Of forecasts with quantiles; absent without. */
  readonly intervals: IntervalScores | undefined;
}

/** How good quantiles are. */
export interface IntervalScores {
  /** The share of rows that lie between two quantiles, by the share that should: "0.8" for 0.1 and 0.9. */
  readonly coverage: Readonly<Record<string, number>>;
  /**
   * The standard error of these shares, which says how far from the share that should lie there chance alone may take them.
   * Forecasts that overlap count as dependent, series as independent. Absent for fewer than ten forecasts.
   */
  readonly coverageError: Readonly<Record<string, number>>;
  /** The mean distance of these quantiles, in the target's unit. */
  readonly width: Readonly<Record<string, number>>;
  /** The mean pinball loss of all quantiles, in the target's unit. */
  readonly pinball: number;
}

/** A forecast and where it begins. */
interface Forecast {
  readonly id: string | undefined;
  readonly from: number;
  readonly mean: readonly number[];
  readonly quantiles?: Readonly<Record<string, readonly number[]>>;
}

/** A forecast's values beside what came. */
interface Compared extends Forecast {
  readonly actual: readonly number[];
  /** The unit of the scaled error. */
  readonly unit: number;
}

/** A naive forecast that is better by less is not called better. */
const TOLERANCE = 0.05;
/** Nor is it where the error is less than this share of persistence's: such a forecast is good. */
const NEGLIGIBLE = 0.01;

/**
 * Compares forecasts with what came.
 *
 * @param values of each series, by id
 */
export function score(
  forecasts: readonly Forecast[],
  values: ReadonlyMap<string | undefined, Float64Array>,
  { season, quantiles }: { readonly season: number; readonly quantiles: readonly number[] },
): BacktestScores {
  const units = new Map<string | undefined, number>();
  const compared = forecasts.map(({ id, from, mean, quantiles = {} }): Compared => {
    const target = values.get(id)!;
    // Forecasts of a series are in order: the first one has the fewest rows before it.
    const unit = units.get(id) ?? naiveError(target.subarray(0, from), season);
    units.set(id, unit);
    return { id, from, mean, quantiles, actual: Array.from(target.subarray(from, from + mean.length)), unit };
  });
  const groups = groupsOf(compared);
  const naive = naiveForecasts(season).map((one): NaiveScores => {
    const extrapolated = [...groups].flatMap(([id, group]) => {
      const target = values.get(id)!;
      const extrapolate = one.fit(target.subarray(0, group[0]!.from));
      return group.map((part) => ({
        ...part,
        mean: extrapolate(target.subarray(0, part.from), part.mean.length),
      }));
    });
    return { name: one.name, ...errorsOf(extrapolated) };
  });
  const own = errorsOf(compared);
  const longest = compared.reduce((most, { mean }) => Math.max(most, mean.length), 0);
  const steps = Array.from({ length: longest }, (_, step): StepScores => {
    const reaching = compared.flatMap((one) => (one.mean.length > step ? [stepOf(one, step)] : []));
    const { mase: _mase, ...errors } = errorsOf(reaching);
    return { rows: reaching.length, ...errors, intervals: intervalsOf(reaching, quantiles, step + 1) };
  });
  const series = [...groups].map(([id, group]): SeriesScores => {
    const scores = errorsOf(group);
    return { id, rows: rowsOf(group), scores, intervals: intervalsOf(group, quantiles, longest) };
  });
  const intervals = intervalsOf(compared, quantiles, longest);
  return { rows: rowsOf(compared), ...own, intervals, naive, steps, series, advice: adviceFor(own, naive, season) };
}

const rowsOf = (compared: readonly Compared[]): number => compared.reduce((sum, { mean }) => sum + mean.length, 0);

/** One row of a forecast. */
function stepOf(one: Compared, step: number): Compared {
  const quantiles = Object.entries(one.quantiles ?? {}).map(([name, values]) => [name, [values[step]!]] as const);
  const [actual, mean] = [[one.actual[step]!], [one.mean[step]!]];
  return { ...one, from: one.from + step, actual, mean, quantiles: Object.fromEntries(quantiles) };
}

function groupsOf(compared: readonly Compared[]): Map<string | undefined, Compared[]> {
  const groups = new Map<string | undefined, Compared[]>();
  for (const one of compared) {
    const group = groups.get(one.id);
    if (group) group.push(one);
    else groups.set(one.id, [one]);
  }
  return groups;
}

function errorsOf(compared: readonly Compared[]): ErrorScores {
  const actual = compared.flatMap((one) => one.actual);
  const mean = compared.flatMap((one) => one.mean);
  const scaled = [...groupsOf(compared).values()].flatMap((group) => {
    const error = mae(
      group.flatMap((one) => one.actual),
      group.flatMap((one) => one.mean),
    );
    const { unit } = group[0]!;
    return unit > 0 ? [error / unit] : [];
  });
  return {
    rmse: rmse(actual, mean),
    mae: mae(actual, mean),
    mape: mape(actual, mean),
    smape: smape(actual, mean),
    mase: scaled.length > 0 ? meanOf(scaled) : Number.NaN,
  };
}

/** @param horizon rows ahead of the last of the rows */
function intervalsOf(
  compared: readonly Compared[],
  quantiles: readonly number[],
  horizon: number,
): IntervalScores | undefined {
  if (quantiles.length === 0) return undefined;
  const actual = compared.flatMap((one) => one.actual);
  const bounds = new Map(quantiles.map((quantile) => [quantile, compared.flatMap((one) => one.quantiles![quantile]!)]));
  const coverage: Record<string, number> = {};
  const coverageErrors: Record<string, number> = {};
  const width: Record<string, number> = {};
  for (const [low, lower] of bounds) {
    const upper = quantiles.find((high) => high > 0.5 && Math.abs(low + high - 1) < 1e-9);
    if (upper === undefined) continue;
    const above = bounds.get(upper)!;
    const share = Number((upper - low).toFixed(9));
    const held = [...groupsOf(compared).values()]
      .flat()
      .map((one) => heldBy(one, one.quantiles![low]!, one.quantiles![upper]!));
    coverage[share] = meanOf(held.flatMap(({ isHeld }) => isHeld).map(Number));
    const error = coverageError(held, horizon);
    if (error !== undefined) coverageErrors[share] = error;
    width[share] = meanOf(above.map((value, i) => value - lower[i]!));
  }
  const losses = [...bounds].map(([quantile, forecast]) => pinball(actual, forecast, quantile));
  return { coverage, coverageError: coverageErrors, width, pinball: meanOf(losses) };
}

const heldBy = ({ id, from, actual }: Compared, low: readonly number[], high: readonly number[]): Held => ({
  id,
  from,
  isHeld: actual.map((value, i) => value >= low[i]! && value <= high[i]!),
});

/** What to try where a naive forecast is better. */
function adviceFor(own: ErrorScores, naive: readonly NaiveScores[], season: number): string | undefined {
  const aboutSeason = season > 1 ? "" : "set `season` if there are seasons, ";
  const more = `give the model more rows or series, ${aboutSeason}or add columns that tell of what is to come`;
  // Errors of series of several sizes are compared as scaled ones.
  const better = betterThan(own, naive, ({ mase, mae }) => (Number.isNaN(mase) ? mae : mase));
  if (better) return `${better} is better here: trust it rather than this model, or ${more}`;
  const withoutOutliers = betterThan(own, naive, ({ rmse }) => rmse);
  if (!withoutOutliers) return undefined;
  return (
    `${withoutOutliers} has a smaller root mean squared error here, in which large errors count most: ` +
    `try \`loss: "mse"\`, ${more}`
  );
}

/** The best naive forecast, where it is better than ours by more than what is tolerated. */
function betterThan(
  own: ErrorScores,
  naive: readonly NaiveScores[],
  errorOf: (scores: ErrorScores) => number,
): string | undefined {
  const best = naive.reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a));
  const tolerated = (1 + TOLERANCE) * errorOf(best) + NEGLIGIBLE * errorOf(naive[0]!);
  if (errorOf(own) <= tolerated) return undefined;
  return `${best.name.startsWith("Holt's") ? "" : "the "}${best.name} forecast`;
}
