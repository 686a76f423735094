import { InputError, OptionError } from "../common/errors.js";
import { choice, type OptionsOf, other, type SettledOptions, settle } from "../common/options.js";
import { quote } from "../common/show.js";
import { checkArray } from "../common/validate.js";
import { CSV_OPTIONS, type CsvOptions, type CsvTable, placeOf, shownDelimiter, splitCsv } from "./csv.js";
import { checkDateFormat, type DateColumn, type Dates, looksLikeDate, readDates } from "./dates.js";
import { gapsIn, inferFrequency } from "./frequency.js";
import { completeRows, fillZeros, interpolate, MISSING_CHOICES } from "./missing.js";
import { namedColumns, splitNames } from "./names.js";
import {
  type Cell,
  checkDecimal,
  type Decimal,
  decimalOf,
  isMissing,
  looksLikeNumber,
  parseNumber,
} from "./numbers.js";
import type { TimeSeries } from "./time-series.js";

/** How a table's columns are read. */
export const TABLE_OPTIONS = {
  /** Column of dates: rows are sorted by it. Default: the only column of dates. With false, rows stay as they are. */
  date: other<string | false | undefined>(checkDate),
  /** How dates are written: ymd, dmy, mdy, seconds or milliseconds since 1970, or a pattern such as %d.%m.%Y. */
  dateFormat: other<string | undefined>(checkDateFormat),
  /** Column that tells series apart, which stand one below the other. */
  id: other<string | undefined>(checkName),
  /** What to do about cells without a value, and dates that are missing. */
  missing: choice(MISSING_CHOICES, { default: "error" }),
  /** Columns in which a missing value is 0, as where promotions alone are marked: an array, or names between commas. */
  missingAsZero: other<string | readonly string[] | undefined>(checkNames),
  ...CSV_OPTIONS,
  /** Character before decimals, "." or ",". Default: told by the numbers. */
  decimal: other<Decimal | undefined>(checkDecimal),
};

/** The columns that are read as parts of a series. */
export interface ColumnChoice {
  /** Columns of numbers to read; all others may hold anything. */
  columns: readonly string[];
  /**
   * Columns of numbers that may be known in advance: the rows at the end of a series in which no other column has a value
   * are read of these alone.
   */
  knownFuture?: readonly string[] | undefined;
  /** Columns with one value in each series, of numbers or texts. */
  static?: readonly string[] | undefined;
}

/** Options of {@link readCsv}. */
export interface ReadCsvOptions extends OptionsOf<typeof TABLE_OPTIONS>, ColumnChoice {
  /** Column with the class that each series belongs to, the same in all its rows. */
  label?: string | undefined;
}

/** Series of a table. */
export interface SeriesTable {
  /** One series, or with `id` one per value of that column, in their order of appearance. */
  readonly series: readonly TimeSeries[];
  /** The column of dates, if there is one. */
  readonly date: string | undefined;
  /** The character between cells; absent in a table with a single column. */
  readonly delimiter: string | undefined;
  /** The character before decimals. */
  readonly decimal: Decimal;
  /** What was sorted, filled in or left out, for the user. */
  readonly notes: readonly string[];
}

function checkName(option: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new OptionError(option, "a column's name", value);
}

function checkNames(option: string, value: unknown): string | readonly string[] {
  const names = typeof value === "string" ? splitNames(value) : checkArray(option, value as readonly string[]);
  if (names.length === 0) throw new OptionError(option, "names of columns", value);
  for (const name of names) checkName(option, name);
  return value as string | readonly string[];
}

function checkDate(option: string, value: unknown): string | false {
  return value === false ? value : checkName(option, value);
}

/**
 * Reads series from delimited text, as spreadsheets and data frames export it. Delimiter, decimal separator and the
 * notation of dates are told by the text, where no option says otherwise. Only the columns that are asked for are read.
 *
 * With dates, rows are sorted, and have to be equally spaced: a repeated or missing date is an error. With `missing:
 * "interpolate"`, missing values and dates become points on a line between their neighbors; with `missing: "drop"`, rows
 * with a missing value are left out, and those that remain count as neighbors.
 *
 * @throws OptionError for an invalid option value
 * @throws InputError, with line and column, for a text that is not such a table, a missing column, a value that is not a
 *   number, and dates as above
 */
export function readCsv(text: string, how: ReadCsvOptions): SeriesTable {
  const { columns, knownFuture = [], static: statics = [], label, ...options } = Object(how) as ReadCsvOptions;
  for (const [option, names] of Object.entries({ columns, knownFuture, static: statics }))
    for (const name of checkArray(option, names)) checkName(option, name);
  if (label !== undefined) checkName("label", label);
  const settings = settle(TABLE_OPTIONS, options);
  const table = splitCsv(text, settings);
  return new TableReader(table, { columns, knownFuture, static: statics, label }, settings).read();
}

/** A table's columns. */
export interface CsvDescription {
  /** All that have a name of their own. */
  readonly names: readonly string[];
  /** Those that hold nothing but numbers and missing values. */
  readonly numeric: readonly string[];
  /** Those that hold nothing but dates. */
  readonly dates: readonly string[];
  /** How many values are missing, by numeric column that lacks some. */
  readonly missing: Readonly<Record<string, number>>;
}

/**
 * The columns of a table, and what each holds.
 *
 * @throws OptionError, InputError as {@link readCsv}
 */
export function describeCsv(text: string, options: CsvOptions = {}): CsvDescription {
  const { header, rows } = splitCsv(text, settle(CSV_OPTIONS, options));
  const uses = new Map<string, number>();
  for (const name of header) uses.set(name, (uses.get(name) ?? 0) + 1);
  const places = [...header.entries()].filter(([, name]) => name !== "" && uses.get(name) === 1);
  const holding = (holds: (cell: string) => boolean) =>
    places.filter(([place]) => rows.some((row) => !isMissing(row[place]!)) && rows.every((row) => holds(row[place]!)));
  const numeric = holding((cell) => isMissing(cell) || looksLikeNumber(cell));
  const dates = holding(looksLikeDate).map(([, name]) => name);
  const counts = numeric.map(([place, name]) => [name, rows.filter((row) => isMissing(row[place]!)).length] as const);
  return {
    names: places.map(([, name]) => name),
    numeric: numeric.map(([, name]) => name),
    dates,
    missing: Object.fromEntries(counts.filter(([, count]) => count > 0)),
  };
}

/** A column, with NaN for a missing value. */
interface NumberColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** How many missing values were mended, and how many rows left out. */
interface Counts {
  zero: number;
  filled: number;
  dropped: number;
  cut: number;
}

/** The columns that are read. */
interface Wanted {
  readonly columns: readonly string[];
  readonly knownFuture: readonly string[];
  readonly static: readonly string[];
  readonly label: string | undefined;
}

class TableReader {
  private readonly notes: string[];
  /** Columns of numbers, row by row. */
  private readonly names: readonly string[];
  /** Those that may have values where no other column has one. */
  private readonly early: ReadonlySet<string>;
  /** Those in which a missing value is 0. */
  private readonly zero: ReadonlySet<string>;
  private decimal: Decimal = ".";

  constructor(
    private readonly table: CsvTable,
    private readonly wanted: Wanted,
    private readonly settings: SettledOptions<typeof TABLE_OPTIONS>,
  ) {
    this.notes = [...table.notes];
    this.names = [...new Set([...wanted.columns, ...wanted.knownFuture])];
    this.early = new Set(wanted.knownFuture);
    this.zero = namedColumns("missingAsZero", settings.missingAsZero, this.names);
  }

  read(): SeriesTable {
    const { notes, settings } = this;
    const columns = this.numbers();
    const ids = settings.id === undefined ? undefined : this.textsOf(settings.id);
    const { label } = this.wanted;
    const constants = [...this.wanted.static, ...(label === undefined ? [] : [label])].map(
      (name) => [name, this.textsOf(name)] as const,
    );
    const groups = this.groups(ids);
    const dates = this.dates(groups);
    const sorted = dates ? this.sorted(groups, dates) : groups;
    const frequency =
      dates &&
      inferFrequency(
        [...sorted.values()].map((rows) => pick(dates.times, rows)),
        dates.precision,
      );
    if (dates && !frequency && settings.missing !== "drop") this.refuseIrregular(sorted, dates);
    const counts = { zero: 0, filled: 0, dropped: 0, cut: 0 };
    const isNumeric = new Map(constants.map(([name, texts]) => [name, texts.every((text) => looksLikeNumber(text))]));
    const series = [...sorted].map(([id, rows]): TimeSeries => {
      const values = constants.map(([name, texts]) => [name, this.constantOf(name, texts, groups.get(id)!)] as const);
      const statics = values.filter(([name]) => name !== label || this.wanted.static.includes(name));
      const of = {
        id: ids && id,
        ...(label === undefined ? {} : { label: Object.fromEntries(values)[label] }),
        ...(statics.length > 0 ? { statics: this.staticsOf(statics, isNumeric, rows) } : {}),
        frequency,
      };
      const part = (rows: readonly number[], columns: readonly NumberColumn[]): TimeSeries => ({
        ...of,
        columns: Object.fromEntries(columns.map(({ name, values }) => [name, this.picked(name, values, rows, counts)])),
        times: dates && pick(dates.times, rows),
      });
      const known = this.knownRows(columns, rows);
      const before = rows.slice(0, known);
      const past = this.complete(part(before, columns), before, counts);
      if (known === rows.length) return past;
      const future = part(
        rows.slice(known),
        columns.filter(({ name }) => this.early.has(name)),
      );
      return this.joined(past, future, rows.slice(known));
    });
    if (counts.zero > 0) notes.push(`read ${plural(counts.zero, "missing value")} as 0`);
    if (counts.filled > 0) notes.push(`filled in ${plural(counts.filled, "missing value")} by interpolation`);
    if (counts.dropped > 0) notes.push(`left out ${plural(counts.dropped, "row")} with missing values`);
    if (counts.cut > 0) notes.push(`left out ${plural(counts.cut, "row")} with missing values at the ends`);
    return { series, date: dates?.name, delimiter: this.table.delimiter, decimal: this.decimal, notes };
  }

  private textsOf(name: string): readonly string[] {
    const place = placeOf(this.table, name);
    return this.table.rows.map((row) => row[place]!.trim());
  }

  /** The columns of numbers, with NaN for a missing value. */
  private numbers(): NumberColumn[] {
    const { rows, lines, delimiter } = this.table;
    const places = this.names.map((name) => [name, placeOf(this.table, name)] as const);
    function* cells(): Iterable<Cell> {
      for (const [column, place] of places)
        for (const [r, row] of rows.entries()) yield { text: row[place]!, line: lines[r]!, column };
    }
    const decimal = this.settings.decimal ?? decimalOf(cells(), delimiter);
    this.decimal = decimal;
    return places.map(([name, place]) => {
      const values = Float64Array.from(rows, (row, r) => {
        const cell = row[place]!;
        if (isMissing(cell)) return Number.NaN;
        const value = parseNumber(cell, decimal);
        if (value !== undefined) return value;
        const how = `${shownDelimiter(delimiter)}, ${decimal === "." ? "decimal point" : "decimal comma"}`;
        throw new InputError(
          `line ${lines[r]}, column ${quote(name)}: expected a number, got ${quote(cell)} (${how}: ` +
            "set `delimiter` or `decimal` if that is wrong)",
        );
      });
      return { name, values };
    });
  }

  /** Some rows of a column, with 0 where that is what a missing value stands for. */
  private picked(name: string, values: Float64Array, rows: readonly number[], counts: Counts): Float64Array {
    const picked = pick(values, rows);
    if (this.zero.has(name)) counts.zero += fillZeros(picked);
    return picked;
  }

  /** What some rows all have in a column. @throws InputError where that is not the same */
  private constantOf(name: string, texts: readonly string[], rows: readonly number[]): string | undefined {
    const text = texts[rows[0]!]!;
    const odd = rows.find((row) => texts[row] !== text);
    if (odd === undefined) return text || undefined;
    const { lines } = this.table;
    throw new InputError(
      `line ${lines[odd]}, column ${quote(name)}: expected ${quote(text)}, as in line ${lines[rows[0]!]} of the same ` +
        `series, got ${quote(texts[odd]!)}: set \`id\` to the column that tells the series apart`,
    );
  }

  /** Static columns: numbers where all series have one. @throws InputError for a missing value */
  private staticsOf(
    values: readonly (readonly [name: string, text: string | undefined])[],
    isNumeric: ReadonlyMap<string, boolean>,
    rows: readonly number[],
  ): Record<string, number | string> {
    const entries = values.map(([name, text]) => {
      if (text === undefined)
        throw new InputError(`line ${this.table.lines[rows[0]!]}, column ${quote(name)}: the value is missing`);
      return [name, (isNumeric.get(name) ? parseNumber(text, this.decimal) : undefined) ?? text] as const;
    });
    return Object.fromEntries(entries);
  }

  /**
   * The number of rows up to the last one in which more is known than what is known in advance. Where missing values are
   * mended, it has all of its values but those that may stand for 0.
   */
  private knownRows(columns: readonly NumberColumn[], rows: readonly number[]): number {
    const others = columns.filter(({ name }) => !this.early.has(name));
    if (this.early.size === 0 || others.length === 0) return rows.length;
    const isThere =
      (row: number) =>
      ({ values }: { values: Float64Array }) =>
        !Number.isNaN(values[row]!);
    const needed = others.filter(({ name }) => !this.zero.has(name));
    const isKnown = (row: number) =>
      this.settings.missing === "error" || needed.length === 0 ? others.some(isThere(row)) : needed.every(isThere(row));
    return rows.findLastIndex(isKnown) + 1;
  }

  /** A series with rows of which less is known behind it. @throws InputError for a missing value or date */
  private joined(past: TimeSeries, future: TimeSeries, rows: readonly number[]): TimeSeries {
    this.refuseMissing(future, rows, (count) =>
      count === 1
        ? "this row has no other value, and is read as one to come: complete it"
        : "these rows have no other value, and are read as rows to come: complete them",
    );
    const { frequency } = past;
    const times = past.times && future.times && Float64Array.from([...past.times, ...future.times]);
    const [gap] = times && frequency && this.settings.missing !== "drop" ? gapsIn(times, frequency) : [];
    if (gap && gap.row >= past.times!.length)
      throw new InputError(
        `line ${this.table.lines[rows[gap.row - past.times!.length]!]}: ${plural(gap.count, "date")} missing before ` +
          `${frequency!.format(times![gap.row]!)}: columns that are known in advance need a row for each date to come`,
      );
    const columns = Object.entries(past.columns).map(([name, values]) => {
      const more = future.columns[name];
      return [name, more ? Float64Array.from([...values, ...more]) : values] as const;
    });
    return { ...past, columns: Object.fromEntries(columns), times };
  }

  /** The rows of each series. */
  private groups(ids: readonly string[] | undefined): Map<string, number[]> {
    const groups = new Map<string, number[]>();
    for (let row = 0; row < this.table.rows.length; row++) {
      const id = ids?.[row] ?? "";
      if (ids && id === "")
        throw new InputError(`line ${this.table.lines[row]}, column ${quote(this.settings.id!)}: the id is missing`);
      const rows = groups.get(id);
      if (rows) rows.push(row);
      else groups.set(id, [row]);
    }
    return groups;
  }

  /** The dates by which rows are sorted. */
  private dates(groups: ReadonlyMap<string, readonly number[]>): (Dates & { name: string }) | undefined {
    const { date, dateFormat } = this.settings;
    if (date === false) return undefined;
    const name = date ?? this.onlyDate();
    if (name === undefined) return undefined;
    const { rows, lines } = this.table;
    const place = placeOf(this.table, name);
    const column: DateColumn = { name, cells: rows.map((row) => row[place]!), lines };
    const readings = readDates(column, dateFormat);
    if (readings.length === 1) return { ...readings[0]!, name };
    const [first, second] = readings;
    if (first!.times.every((time, row) => time === second!.times[row])) return { ...first!, name };
    // Day and month could be either way round: only one of these may be regular or, but for a few gaps, nearly so.
    const gaps = readings.map((reading) => missingDates(reading, groups));
    for (const most of [0, rows.length]) {
      const regular = readings.filter((_, i) => gaps[i]! <= most);
      if (regular.length === 1) return { ...regular[0]!, name };
      if (regular.length > 1) break;
    }
    throw new InputError(
      `column ${quote(name)}: ${quote(column.cells[0]!)} could begin with the day or with the month: ` +
        'set `dateFormat: "dmy"` or `dateFormat: "mdy"`',
    );
  }

  /** The only column of dates, if there is one that is not read as something else. */
  private onlyDate(): string | undefined {
    const { header, rows } = this.table;
    const used = new Set(["", ...this.names, ...this.wanted.static, this.settings.id]);
    const dates = header.filter((name, place) => !used.has(name) && rows.every((row) => looksLikeDate(row[place]!)));
    return dates.length === 1 ? dates[0] : undefined;
  }

  /** Each series' rows by date. @throws InputError for a date that a series has twice */
  private sorted(groups: ReadonlyMap<string, readonly number[]>, { name, times }: Dates & { name: string }) {
    const { lines } = this.table;
    let moved = 0;
    const sorted = new Map<string, readonly number[]>();
    for (const [id, rows] of groups) {
      const inOrder = [...rows].sort((a, b) => times[a]! - times[b]! || a - b);
      if (inOrder.some((row, i) => row !== rows[i])) moved++;
      const again = inOrder.findIndex((row, i) => i > 0 && times[row] === times[inOrder[i - 1]!]);
      if (again > 0) {
        const [first, second] = [inOrder[again - 1]!, inOrder[again]!];
        const shown = quote(this.table.rows[second]![placeOf(this.table, name)]!);
        throw new InputError(
          `lines ${lines[first]} and ${lines[second]} have the same date in column ${quote(name)}, ${shown}${this.idAdvice(rows, name)}`,
        );
      }
      sorted.set(id, inOrder);
    }
    if (moved > 0) this.notes.push(`sorted the rows by ${quote(name)}`);
    return sorted;
  }

  /** Which column may tell series apart that stand one below the other. */
  private idAdvice(rows: readonly number[], date: string): string {
    const { id } = this.settings;
    if (id !== undefined) return ` in the series ${quote(this.textsOf(id)[rows[0]!]!)}: leave one of them out`;
    const texts = this.table.header.filter((name, place) => {
      const values = new Set(this.table.rows.map((row) => row[place]!));
      return (
        name !== "" &&
        name !== date &&
        values.size > 1 &&
        values.size <= rows.length / 2 &&
        ![...values].every((value) => parseNumber(value, ".") !== undefined)
      );
    });
    const column = texts.length > 0 ? `, perhaps ${quote(texts[0]!)}` : "";
    return `: leave one of them out or, if the table holds several series, set \`id\` to the column that tells them apart${column}`;
  }

  private refuseIrregular(
    groups: ReadonlyMap<string, readonly number[]>,
    { name, times }: Dates & { name: string },
  ): void {
    // Without two dates there is nothing to space.
    const longest = [...groups.values()].reduce((a, b) => (b.length > a.length ? b : a));
    if (longest.length < 2) return;
    const steps = longest.slice(1).map((row, i) => times[row]! - times[longest[i]!]!);
    const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1]!;
    const odd = Math.max(1, steps.findIndex((step) => step % usual !== 0) + 1);
    throw new InputError(
      `line ${this.table.lines[longest[odd]!]}, column ${quote(name)}: the dates are not equally spaced: resample the ` +
        'table, or set `missing: "drop"` to count rows as neighbors whatever their dates, or `date: false` to ignore them',
    );
  }

  /** A series without missing values and dates. */
  private complete(part: TimeSeries, rows: readonly number[], counts: Counts): TimeSeries {
    const { missing } = this.settings;
    if (missing === "error") {
      this.refuseMissing(part, rows);
      return part;
    }
    const names = Object.keys(part.columns);
    if (missing === "drop") {
      const kept = Array.from(rows.keys()).filter((row) =>
        names.every((name) => !Number.isNaN(part.columns[name]![row]!)),
      );
      counts.dropped += rows.length - kept.length;
      return select(part, kept);
    }
    const whole = this.withMissingDates(part);
    for (const name of names) {
      const column = whole.columns[name]!;
      if (this.zero.has(name)) counts.zero += fillZeros(column);
      else counts.filled += interpolate(column);
    }
    const [from, to] = completeRows(Object.values(whole.columns));
    const length = whole.columns[names[0]!]!.length;
    counts.cut += length - (to - from);
    return to - from === length
      ? whole
      : select(
          whole,
          Array.from({ length: to - from }, (_, i) => from + i),
        );
  }

  /** @throws InputError for a missing value or date */
  private refuseMissing(
    { columns, times, frequency }: TimeSeries,
    rows: readonly number[],
    adviceFor = (_: number) =>
      'set `missing: "interpolate"` to fill them in, or `missing: "drop"` to leave such rows out',
  ): void {
    const { lines } = this.table;
    for (const [name, values] of Object.entries(columns)) {
      const row = values.findIndex((value) => Number.isNaN(value));
      if (row < 0) continue;
      const count = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
      const more = count > 1 ? `, and ${count - 1} more ${count > 2 ? "are" : "is"} missing in this column` : "";
      const shown = quote(this.table.rows[rows[row]!]![placeOf(this.table, name)]!);
      throw new InputError(
        `line ${lines[rows[row]!]}, column ${quote(name)}: expected a number, got ${shown}${more}: ${adviceFor(count)}; ` +
          `if ${count > 1 ? "they stand" : "it stands"} for 0, set \`missingAsZero: ${quote(name)}\``,
      );
    }
    if (!times || !frequency || this.settings.missing === "drop") return;
    const [gap] = gapsIn(times, frequency);
    if (!gap) return;
    const total = gapsIn(times, frequency).reduce((sum, { count }) => sum + count, 0);
    const [from, to] = [times[gap.row - 1]!, times[gap.row]!].map((time) => frequency.format(time));
    throw new InputError(
      `line ${lines[rows[gap.row]!]}: ${plural(gap.count, "date")} missing between ${from} and ${to}, where rows are ` +
        `${frequency.name} apart${total > gap.count ? ` (${total} in all)` : ""}: ` +
        'set `missing: "interpolate"` to fill them in, or `missing: "drop"` to count the rows as neighbors',
    );
  }

  /** A series with rows of missing values for its missing dates. */
  private withMissingDates(part: TimeSeries): TimeSeries {
    const { columns, times, frequency } = part;
    if (!times || !frequency) return part;
    const gaps = gapsIn(times, frequency);
    if (gaps.length === 0) return part;
    const missing = gaps.reduce((sum, { count }) => sum + count, 0);
    if (missing > MOST_MISSING + 4 * times.length) {
      const { row, count } = gaps.reduce((widest, gap) => (gap.count > widest.count ? gap : widest));
      const [from, to] = [times[row - 1]!, times[row]!].map((time) => frequency.format(time));
      throw new InputError(
        `${plural(missing, "date")} missing, ${count} of them between ${from} and ${to}, where rows are ${frequency.name} apart: ` +
          'are these dates right? Correct them, or set `missing: "drop"` to count the rows as neighbors',
      );
    }
    const places: number[] = [];
    const dates: number[] = [];
    const before = new Map(gaps.map(({ row, count }) => [row, count]));
    for (let row = 0; row < times.length; row++) {
      for (let i = 1; i <= (before.get(row) ?? 0); i++) {
        places.push(-1);
        dates.push(frequency.after(times[row - 1]!, i));
      }
      places.push(row);
      dates.push(times[row]!);
    }
    const filled = Object.entries(columns).map(([name, values]) => [
      name,
      Float64Array.from(places, (row) => (row < 0 ? Number.NaN : values[row]!)),
    ]);
    return { ...part, columns: Object.fromEntries(filled), times: Float64Array.from(dates) };
  }
}

/** Most missing dates that are filled in, besides four for each row: a wrong century would be a million rows. */
const MOST_MISSING = 100_000;

/** How many dates are missing between those of some series; infinitely many where they have no common step. */
function missingDates({ times, precision }: Dates, groups: ReadonlyMap<string, readonly number[]>): number {
  const series = [...groups.values()].map((rows) => pick(times, rows).sort());
  const frequency = inferFrequency(series, precision);
  if (!frequency) return Number.POSITIVE_INFINITY;
  return series.flatMap((times) => gapsIn(times, frequency)).reduce((sum, { count }) => sum + count, 0);
}

/** Some rows of a series. */
function select(part: TimeSeries, rows: readonly number[]): TimeSeries {
  const columns = Object.entries(part.columns).map(([name, values]) => [name, pick(values, rows)]);
  return { ...part, columns: Object.fromEntries(columns), times: part.times && pick(part.times, rows) };
}

const pick = (values: Float64Array, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row]!);

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;
