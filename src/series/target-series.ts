import { InputError } from "../common/errors.js";
import { quote, show } from "../common/show.js";
import type { Frequency } from "../tables/frequency.js";
import type { EncoderInput } from "./encoder.js";
import { place } from "./scaling.js";

/** A series to learn from or to forecast, such as {@link readCsv} reads. */
export interface TargetSeries {
  /** Tells it apart from others. */
  readonly id?: string | undefined;
  /** Numbers by column, row by row in time. Columns that are known in advance may be longer than the others. */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
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
}

/** @throws InputError for anything but an object with columns */
export function refuseNoSeries(series: TargetSeries): void {
  const { columns } = Object(series) as TargetSeries;
  if (typeof columns !== "object" || columns === null)
    throw new InputError(`expected a series, { columns: { name: numbers } }, got ${show(series)}`);
}

/**
 * The columns of a series that a forecaster reads.
 *
 * @throws InputError for a column that is missing, too short, or has anything but finite numbers
 */
export function readColumns(series: TargetSeries, { target, columns, knownFuture }: ColumnNames): EncoderInput {
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
    knownFuture: knownFuture.map((name) => read(name, true)),
  };
}

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

/** The dates of some rows, which may lie after the last one; undefined for a series without dates. */
export function datesOf({ times, frequency }: TargetSeries, from: number, count: number): string[] | undefined {
  const last = times?.at(-1);
  if (!times || last === undefined || !frequency) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const row = from + i;
    return frequency.format(row < times.length ? times[row]! : frequency.after(last, row - times.length + 1));
  });
}
