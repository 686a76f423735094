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
