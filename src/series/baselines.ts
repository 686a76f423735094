import { InputError } from "../common/errors.js";
import { checkInteger } from "../common/validate.js";

/**
 * The persistence forecast: each row equals the one before. A model should beat it.
 *
 * @param from the first row to forecast, at least 1
 * @returns one forecast for each row from there to the end
 * @throws OptionError for a row out of range
 */
export function persistence(values: ArrayLike<number>, from: number): number[] {
  checkInteger("from", from, 1, values.length);
  return seasonalNaive(values, from, 1);
}

/**
 * The seasonal naive forecast: each row equals the one a season before, such as 12 rows for monthly data.
 *
 * @param from the first row to forecast
 * @param season rows in a season, from 1 to `from`
 * @returns one forecast for each row from there to the end
 * @throws OptionError for a row out of range, or a season longer than the rows before it
 */
export function seasonalNaive(values: ArrayLike<number>, from: number, season: number): number[] {
  checkInteger("from", from, 1, values.length);
  checkInteger("season", season, 1, from);
  return Array.from({ length: values.length - from }, (_, i) => values[from + i - season]!);
}

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

/** Absolute errors. */
function errorsOf(actual: ArrayLike<number>, forecast: ArrayLike<number>): number[] {
  const n = actual.length;
  if (n === 0 || forecast.length !== n)
    throw new InputError(`expected as many forecasts as values, at least 1, got ${forecast.length} for ${n}`);
  return Array.from({ length: n }, (_, i) => Math.abs(forecast[i]! - actual[i]!));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const square = (x: number): number => x * x;
