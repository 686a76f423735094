import { InputError } from "../common/errors.js";
import { checkInteger } from "../common/validate.js";

/**
 * Forecasts each row as the row before it: what a model must beat.
 *
 * @param from the first row to forecast, at least 1
 * @returns one forecast for each row from there to the end
 * @throws OptionError for a row that there is not
 */
export function persistence(values: ArrayLike<number>, from: number): number[] {
  checkInteger("from", from, 1, values.length);
  return seasonalNaive(values, from, 1);
}

/**
 * Forecasts each row as the one a season before it, such as 12 for months of a year.
 *
 * @param from the first row to forecast
 * @param season rows in a season, from 1 to `from`
 * @returns one forecast for each row from there to the end
 * @throws OptionError for a row that there is not, or a season longer than the rows before it
 */
export function seasonalNaive(values: ArrayLike<number>, from: number, season: number): number[] {
  checkInteger("from", from, 1, values.length);
  checkInteger("season", season, 1, from);
  return Array.from({ length: values.length - from }, (_, i) => values[from + i - season]!);
}

/**
 * The root of the mean squared error, in the values' unit. Errors are squared as shares of the largest: of one whose square
 * is beyond a float64, the root need not be.
 *
 * @throws InputError for no values or lists of different lengths
 */
export function rmse(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  const errors = errorsOf(actual, forecast);
  const largest = errors.reduce((most, error) => Math.max(most, error), 0);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(meanOf(errors.map((error) => (error / largest) ** 2)));
}

/**
 * The mean absolute error, in the values' unit.
 *
 * @throws InputError for no values or lists of different lengths
 */
export const mae = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  meanOf(errorsOf(actual, forecast));

/** Absolute errors. */
function errorsOf(actual: ArrayLike<number>, forecast: ArrayLike<number>): number[] {
  const n = actual.length;
  if (n === 0 || forecast.length !== n)
    throw new InputError(`an error needs as many forecasts as values, at least 1: got ${forecast.length} for ${n}`);
  return Array.from({ length: n }, (_, i) => Math.abs(forecast[i]! - actual[i]!));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
