import { InputError, OptionError } from "../common/errors.js";
import { type OptionsOf, pick, settle } from "../common/options.js";
import { display, quote } from "../common/show.js";
import { type ColumnChoice, readCsv, TABLE_OPTIONS } from "../tables/read-csv.js";
import type { TimeSeries } from "../tables/time-series.js";
import { isTsf, readTsf, TSF_COLUMN } from "../tables/tsf.js";
import { type Flag, flagsOf, optionsFrom, UsageError } from "./flags.js";
import { shownPath } from "./paths.js";
import { checkEncoding, readText, type TextReading } from "./texts.js";

/** How a table is read. */
export type TableReading = OptionsOf<typeof TABLE_OPTIONS>;

/** Options without a derived flag: false has one of its own. */
const NO_FLAG = ["date"] as const;

/** What the switch does that turns an option off. */
const OFF = { header: "the first line does not name the columns: they are named 1, 2, 3 and so on" };

const DERIVED = flagsOf("TABLE_OPTIONS", TABLE_OPTIONS, NO_FLAG, {}, OFF);

/** Flags of how a table is read. */
export const TABLE_FLAGS = {
  date: {
    value: "NAME",
    help: "column of dates, by which rows are sorted (default: the only column of dates)",
  },
  "no-date": { help: "ignore dates: rows are in the order of time" },
  ...DERIVED,
  "missing-as-zero": { ...DERIVED["missing-as-zero"]!, value: "A,B" },
} as const satisfies Record<string, Flag>;

/** What a .tsf file has no use for: it says itself how it is read. */
export const ONLY_TABLES = Object.keys(TABLE_FLAGS).filter((name) => name !== "missing");

/**
 * The file of series that flags name: a table or, in its place, a .tsf file.
 *
 * @throws UsageError for both, and for flags of tables beside a .tsf file
 */
export function seriesPath(flags: Readonly<Record<string, unknown>>): string | undefined {
  const { csv, tsf } = flags as { readonly csv?: string; readonly tsf?: string };
  if (tsf === undefined) return csv;
  if (csv !== undefined) throw new UsageError("--tsf cannot be combined with --csv");
  const other = ONLY_TABLES.find((name) => flags[name] !== undefined);
  if (other !== undefined)
    throw new UsageError(`--${other} cannot be combined with --tsf, whose file says itself how it is read`);
  return tsf;
}

/** How the flags say that a table is read. */
export function tableReading(flags: Readonly<Record<string, unknown>>): TableReading {
  const { date, "no-date": none } = flags;
  if (date !== undefined && none) throw new UsageError("--date cannot be combined with --no-date");
  return {
    ...(none ? { date: false } : date === undefined ? {} : { date: date as string }),
    ...optionsFrom(TABLE_OPTIONS, flags, NO_FLAG),
  };
}

/** What a checkpoint says of how its table is read. @throws OptionError where that cannot be */
export function checkedReading(stored: unknown): TableReading {
  settle(TABLE_OPTIONS, stored as TableReading);
  return pick(TABLE_OPTIONS, stored as TableReading);
}

/** Series, and what there is to say of how they were read. */
export interface SeriesFile {
  readonly series: readonly TimeSeries[];
  readonly notes: readonly string[];
}

/** The series of a .tsf file, which have one column. */
function readValues(text: string, choice: ColumnChoice, { missing }: TableReading): SeriesFile {
  const { columns, knownFuture = [], static: statics = [] } = choice;
  const other = [...columns, ...knownFuture, ...statics].find((name) => name !== TSF_COLUMN);
  if (other === undefined) return readTsf(text, { missing });
  throw new InputError(`no column ${quote(other)}: the only one of a .tsf file is ${quote(TSF_COLUMN)}`);
}

/** Reads columns of a file as series: of a table or, if it is one, of a .tsf file. @throws InputError, UsageError for a file that has no such series */
export async function readSeries(
  path: string,
  choice: ColumnChoice,
  table: TableReading = {},
  reading: TextReading = {},
): Promise<SeriesFile> {
  checkEncoding(reading.encoding);
  const text = await readText(path, reading);
  try {
    return isTsf(text) ? readValues(text, choice, table) : readCsv(text, { ...choice, ...table });
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof OptionError) throw error;
    throw new InputError(`${shownPath(path)}: ${error.message}`, { cause: error });
  }
}

/** A text as a CSV cell. */
export function cell(name: string): string {
  const shown = display(name);
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
