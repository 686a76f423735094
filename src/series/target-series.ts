import { InputError } from "../common/errors.js";
import { quote, show } from "../common/show.js";
import type { Frequency } from "../tables/frequency.js";
import { type CalendarFeature, calendarColumns, calendarFeatures } from "./calendar.js";
import type { EncoderInput } from "./encoder.js";
import type { ForecasterSettings } from "./options.js";
import { place } from "./scaling.js";
import { describeStatics, type StaticColumn, type Statics, staticInputs } from "./static-columns.js";

/** A series to learn from or to forecast, such as {@link readCsv} reads. */
export interface TargetSeries {
  /** Tells it apart from others. */
  readonly id?: string | undefined;
  /** Numbers by column, row by row in time. Columns that are known in advance may be longer than the others. */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /** What it has one value of: numbers or texts by column. */
  readonly statics?: Statics | undefined;
  /** Each row's date, in milliseconds since 1970 began (UTC). */
  readonly times?: Float64Array | undefined;
  /** The step between the dates. */
  readonly frequency?: Frequency | undefined;
}

/** Which columns are read. */
export interface ColumnNames {
  readonly target: string;
  readonly columns: readonly string[];
  readonly knownFuture: readonly string[];
  readonly covariates: Covariates;
}

/** What is read besides columns of numbers. */
export interface Covariates {
  /** Features of the dates. */
  readonly calendar: readonly CalendarFeature[];
  /** Columns with one value in each series. */
  readonly statics: readonly StaticColumn[];
}

/**
 * What some series have besides columns of numbers.
 *
 * @param rows to learn from, of the longest one
 * @throws InputError for series without dates or static columns that are asked for
 */
export function settleCovariates(
  series: readonly TargetSeries[],
  rows: number,
  { calendar, static: names }: Pick<ForecasterSettings, "calendar" | "static">,
): Covariates {
  const statics = describeStatics(names, series);
  if (!calendar) return { calendar: [], statics };
  return { calendar: calendarFeatures(refuseUndated(series[0]!), rows), statics };
}

/** @throws InputError for a series without dates */
function refuseUndated(series: TargetSeries): Frequency {
  const { times, frequency } = series;
  if (times && frequency && times.length > 0) return frequency;
  throw new InputError(
    `calendar: ${nameOf(series)} has no equally spaced dates: read it with readCsv and a column of dates, or leave ` +
      "`calendar` out",
  );
}

/** One or several series as a list. @throws InputError for no series, or two with the same id */
export function listOf(series: TargetSeries | readonly TargetSeries[]): readonly TargetSeries[] {
  const all = Array.isArray(series) ? (series as readonly TargetSeries[]) : [series as TargetSeries];
  if (all.length === 0) throw new InputError("expected at least one series, got none");
  for (const one of Array.from(all)) {
    const { id } = Object(one) as TargetSeries;
    if (id !== undefined && typeof id !== "string") throw new InputError(`id: expected a text, got ${show(id)}`);
    refuseNoSeries(one);
  }
  if (new Set(all.map(({ id }) => id)).size < all.length)
    throw new InputError("several series have the same id: give each one of its own");
  return all;
}

/** @throws InputError for anything but an object with columns */
function refuseNoSeries(series: TargetSeries): void {
  const { columns } = Object(series) as TargetSeries;
  if (typeof columns === "object" && columns !== null) return;
  const advice = typeof series === "number" ? ": an array of numbers is one of its columns" : "";
  throw new InputError(`expected a series, { columns: { name: numbers } }, got ${show(series)}${advice}`);
}

/**
 * What a forecaster reads of a series.
 *
 * @param future rows beyond the last of the target that features of the date are made for
 * @throws InputError for a column that is missing, too short, or has anything but finite numbers
 */
export function readColumns(
  series: TargetSeries,
  { target, columns, knownFuture, covariates }: ColumnNames,
  future: number,
): EncoderInput {
  const { calendar, statics } = covariates;
  const values = numbersOf(series, target);
  const read = (name: string, isKnown: boolean) => {
    const column = numbersOf(series, name);
    if (isKnown ? column.length >= values.length : column.length === values.length) return column;
    throw new InputError(
      `columns differ in length: ${quote(name)} has ${column.length} rows, ${quote(target)} ${values.length}`,
    );
  };
  return {
    target: values,
    columns: columns.map((name) => read(name, false)),
    knownFuture: [
      ...knownFuture.map((name) => read(name, true)),
      ...(calendar.length > 0 ? calendarOf(series, values.length + future, calendar) : []),
    ],
    statics: staticInputs(statics, series.statics),
  };
}

/** Rows of a column, such as the target. @throws InputError for a missing one */
export const rowsOf = (series: TargetSeries, name: string): number => numbersOf(series, name).length;

function numbersOf({ columns }: TargetSeries, name: string): Float64Array {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column === undefined) {
    const known = Object.keys(columns).slice(0, 20).join(", ");
    throw new InputError(`no column ${quote(name)}; the columns are ${known || "none"}`);
  }
  if (typeof column !== "object" || column === null)
    throw new InputError(`column ${quote(name)}: expected an array, got ${show(column)}`);
  return Float64Array.from(column as ArrayLike<unknown>, (value, row) => {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new InputError(`${place(name, row)}: expected a finite number, got ${show(value)}`);
  });
}

/** The name of a series in messages. */
export const nameOf = ({ id }: TargetSeries): string => (id === undefined ? "the series" : `the series ${quote(id)}`);

/** Features of the dates of the first rows. @throws InputError for a series without dates */
function calendarOf(series: TargetSeries, rows: number, features: readonly CalendarFeature[]): Float64Array[] {
  refuseUndated(series);
  return calendarColumns(Float64Array.from(timesOf(series, 0, rows)!), features);
}

/** The times of some rows, which may lie after the last one; undefined for a series without dates. */
export function timesOf({ times, frequency }: TargetSeries, from: number, count: number): number[] | undefined {
  const last = times?.at(-1);
  if (!times || last === undefined || !frequency) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const row = from + i;
    return row < times.length ? times[row]! : frequency.after(last, row - times.length + 1);
  });
}

/** Their dates, as the series has them. */
export const datesOf = (series: TargetSeries, from: number, count: number): string[] | undefined =>
  timesOf(series, from, count)?.map((time) => series.frequency!.format(time));
