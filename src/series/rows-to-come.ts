import { InputError } from "../common/errors.js";
import { quote } from "../common/show.js";
import type { EncoderInput } from "./encoder.js";
import type { Unforecastable } from "./forecasts.js";
import { datesOf, nameOf, rowsOf, type TargetSeries, timesOf } from "./target-series.js";

// Whether the rows after a series can be forecast.

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** A series, its rows, and how many a forecast needs. */
interface Reach {
  readonly series: TargetSeries;
  readonly rows: number;
  readonly needed: number;
}

/**
 * Those of several series of which there is nothing to forecast, and why.
 *
 * @param knownFuture columns that have to be known in advance
 */
export function unforecastable(all: readonly Reach[], knownFuture: readonly string[]): Unforecastable[] {
  const endOf = ({ series, rows }: Reach) =>
    (rows > 0 ? timesOf(series, rows - 1, 1)?.[0] : undefined) ?? Number.NEGATIVE_INFINITY;
  const latest = all.reduce((latest, one) => Math.max(latest, endOf(one)), Number.NEGATIVE_INFINITY);
  return all.flatMap((one): Unforecastable[] => {
    const { series, rows, needed } = one;
    const { id } = series;
    if (rows < needed) return [{ id, reason: `it has ${counted(rows, "row")}, and a forecast needs ${needed}` }];
    const hasRowsToCome = knownFuture.every((name) => rowsOf(series, name) > rows);
    if (hasRowsToCome || endOf(one) === latest) return [];
    const [date] = datesOf(series, rows - 1, 1)!;
    return [{ id, reason: `it ended at ${date}, before others, and has no rows to come` }];
  });
}

/**
 * @param horizon rows to forecast
 * @throws InputError where columns would have to be known in advance that are not
 */
export function refuseUnknownFuture(
  series: TargetSeries,
  { target, knownFuture }: EncoderInput,
  horizon: number,
  names: { readonly target: string; readonly knownFuture: readonly string[] },
): void {
  const needed = target.length + horizon;
  const short = names.knownFuture.filter((_, c) => knownFuture[c]!.length < needed);
  if (short.length === 0) return;
  const from = knownFuture[names.knownFuture.indexOf(short[0]!)]!.length;
  const dates = datesOf(series, from, needed - from);
  const ends = dates ? [dates[0]!, dates.at(-1)!] : [String(from), String(needed - 1)];
  const isOne = needed - from === 1;
  const which = isOne ? `row ${ends[0]}` : `rows ${ends[0]} to ${ends[1]}`;
  throw new InputError(
    `${nameOf(series)}: to forecast ${counted(horizon, "row")}, ${short.map(quote).join(", ")} must be known in advance, ` +
      `but ${which}${dates ? "" : " (counted from 0)"} ${isOne ? "is" : "are"} missing: append ` +
      `${isOne ? "it" : "them"}, without a value of ${quote(names.target)}`,
  );
}
