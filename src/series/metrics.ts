import { InputError } from "../common/errors.js";

/**
 * Root mean squared error, in the unit of the values. Errors are divided by the largest before squaring, which could
 * overflow.
 *
 * @throws InputError for no values or lists of different lengths
 */
export function rmse(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  const errors = errorsOf(actual, forecast);
  const largest = errors.reduce((most, error) => Math.max(most, error), 0);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(meanOf(errors.map((error) => square(error / largest))));
}

/**
 * Mean absolute error, in the unit of the values.
 *
 * @throws InputError for no values or lists of different lengths
 */
export const mae = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  meanOf(errorsOf(actual, forecast));

/**
 * Mean absolute percentage error, as a fraction of the actual values. Infinite if one of these is 0 and its forecast not.
 *
 * @throws InputError for no values or lists of different lengths
 */
export const mape = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  meanOf(errorsOf(actual, forecast).map((error, i) => ratio(error, Math.abs(actual[i]!))));

/**
 * Symmetric mean absolute percentage error, from 0 to 2: 2 |y − ŷ| / (|y| + |ŷ|), as in the M4 competition.
 *
 * @throws InputError for no values or lists of different lengths
 */
export const smape = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  meanOf(errorsOf(actual, forecast).map((error, i) => ratio(2 * error, Math.abs(actual[i]!) + Math.abs(forecast[i]!))));

/**
 * The mean absolute error of the seasonal naive forecast within a series, the unit of the mean absolute scaled error
 * (Hyndman and Koehler 2006).
 *
 * @returns 0 for a series without a change, or not longer than a season
 */
export function naiveError(values: ArrayLike<number>, season = 1): number {
  const count = values.length - season;
  let sum = 0;
  for (let i = season; i < values.length; i++) sum += Math.abs(values[i]! - values[i - season]!);
  return count > 0 ? sum / count : 0;
}

const square = (x: number): number => x * x;

/**
 * Mean pinball loss of a quantile's forecasts, in the unit of the values: it is smallest, on average, for the quantile itself.
 *
 * @param quantile between 0 and 1
 * @throws InputError for no values or lists of different lengths
 */
export const pinball = (actual: ArrayLike<number>, forecast: ArrayLike<number>, quantile: number): number =>
  meanOf(errorsOf(actual, forecast).map((error, i) => (actual[i]! >= forecast[i]! ? quantile : 1 - quantile) * error));

/** 0 / 0 is no error. */
const ratio = (error: number, unit: number): number => (error === 0 ? 0 : error / unit);

/** Absolute errors. */
function errorsOf(actual: ArrayLike<number>, forecast: ArrayLike<number>): number[] {
  const n = actual.length;
  if (n === 0 || forecast.length !== n)
    throw new InputError(`expected as many forecasts as values, at least 1, got ${forecast.length} for ${n}`);
  return Array.from({ length: n }, (_, i) => Math.abs(forecast[i]! - actual[i]!));
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
