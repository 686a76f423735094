import { describeCsv, type Frequency, type Missing, readCsv } from "lstm-wasm/forecast";
import { plural } from "../elements/format.js";

/** The numeric columns of a table. */
export interface Columns {
  readonly names: readonly string[];
  /** Empty cells, by column that has some. */
  readonly missing: Readonly<Record<string, number>>;
  /** Why there are no such columns. */
  readonly problem?: string;
}

/** The numeric columns of a table, those with empty cells included, or why there are none. */
export function columnsIn(text: string): Columns {
  let problem: string | undefined;
  const attempt = <Result>(action: () => Result): Result | undefined => {
    try {
      return action();
    } catch (error) {
      problem = messageOf(error);
      return undefined;
    }
  };
  const found = attempt(() => describeCsv(text));
  if (!found) return { names: [], missing: {}, problem: `The table cannot be read: ${problem}.` };
  const { missing } = found;
  const names = found.numeric.filter((name) =>
    attempt(() => readCsv(text, { columns: [name], date: false, missing: "interpolate" })),
  );
  if (names.length > 0) return { names, missing };
  const [first = ""] = found.names.filter((name) => !found.dates.includes(name));
  if (problem === undefined && first !== "") attempt(() => readCsv(text, { columns: [first] }));
  return { names: [], missing, problem: `No column is numeric${problem === undefined ? "" : `: ${problem}`}.` };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A column as a run reads it. */
export interface TargetRows {
  readonly values: readonly number[];
  /** Of each row, in milliseconds since 1970 began (UTC), and the step between them; of a table with dates. */
  readonly times?: Float64Array | undefined;
  readonly frequency?: Frequency | undefined;
  /** How the table was read: what its dates are, and what was sorted, filled in or left out. */
  readonly notes: readonly string[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** The target's rows, where it is read together with other columns. */
export function targetRows(text: string, target: string, columns: readonly string[], missing: Missing): TargetRows {
  try {
    const table = readCsv(text, { columns: [...new Set([target, ...columns])], missing });
    const { columns: read, times, frequency } = table.series[0]!;
    const values = Array.from(read[target]!);
    return { values, times, frequency, notes: [...datesIn(table.date, times, frequency), ...table.notes] };
  } catch (error) {
    return { values: [], notes: [], problem: `The table cannot be read: ${messageOf(error)}.` };
  }
}

function datesIn(column: string | undefined, times: Float64Array | undefined, frequency: Frequency | undefined) {
  if (column === undefined || !times || !frequency || times.length === 0) return [];
  const [first, last] = [times[0]!, times.at(-1)!].map((time) => frequency.format(time));
  return [`dates in “${column}” from ${first} to ${last}, a row every ${frequency.name.replace(/^1 /, "")}`];
}

/** The dates of so many rows after the last, in milliseconds; undefined for a table without dates. */
export function timesAfter({ times, frequency }: TargetRows, count: number): readonly number[] | undefined {
  const last = times?.at(-1);
  if (last === undefined || !frequency) return undefined;
  return Array.from({ length: count }, (_, step) => frequency.after(last, step + 1));
}

/** What is missing from the columns that are read, in words; undefined where nothing is. */
export function gapsIn({ missing }: Columns, columns: readonly string[]): string | undefined {
  const parts = columns
    .filter((name) => missing[name])
    .map((name) => `“${name}” has ${plural(missing[name]!, "empty cell")}`);
  return parts.length > 0 ? `${parts.join(", ")}.` : undefined;
}

/** A forecast as CSV: the date of each row, or its number, and its value. */
export function forecastCsv(rows: TargetRows, target: string, forecast: readonly number[]): string {
  const times = timesAfter(rows, forecast.length);
  const named = (name: string) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const lines = forecast.map((value, step) => {
    const time = times?.[step];
    return `${time === undefined ? rows.values.length + step + 1 : rows.frequency!.format(time)},${value}`;
  });
  return `${[`${times ? "date" : "row"},${named(target)}`, ...lines].join("\n")}\n`;
}
