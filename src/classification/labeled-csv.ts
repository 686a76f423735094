import { InputError, OptionError } from "../common/errors.js";
import { type OptionsOf, pick, refuseUnknown, settle } from "../common/options.js";
import { quote } from "../common/show.js";
import { checkArray, checkString } from "../common/validate.js";
import { CSV_OPTIONS, type CsvTable, placeOf, splitCsv } from "../tables/csv.js";
import { namedColumns } from "../tables/names.js";
import { decimalOf, isMissing, parseNumber } from "../tables/numbers.js";
import { describeCsv, readCsv, TABLE_OPTIONS } from "../tables/read-csv.js";
import type { TimeSeries } from "../tables/time-series.js";
import { classesOf, fillMissing, type LabeledSequence, type LabeledSequences, notesOf } from "./sequences.js";

/** Options of {@link readLabeledCsv}. */
export interface LabeledCsvOptions extends OptionsOf<typeof TABLE_OPTIONS> {
  /** Column with the class of each sequence. Default: none, for sequences whose class is unknown. */
  label?: string | undefined;
  /** Columns of numbers: the dimensions or, without an id, the steps. Default: all columns that hold numbers only. */
  columns?: readonly string[] | undefined;
  /** Without `id`: whether the table is a single sequence, with a row per step. */
  isWhole?: boolean | undefined;
}

/**
 * Reads labeled sequences from delimited text. With `id`, each row is a step: the rows with the same id are a sequence, and
 * the columns its dimensions. Without `id`, each row is a sequence of one dimension, its columns are the steps, and cells
 * without a value at its end make it shorter.
 *
 * @throws OptionError for an invalid option value
 * @throws InputError, with line and column, as readCsv, and for a sequence with several classes
 */
export function readLabeledCsv(text: string, options: LabeledCsvOptions = {}): LabeledSequences {
  refuseUnknown([...Object.keys(TABLE_OPTIONS), "label", "columns", "isWhole"], options);
  const { label, columns = numericColumns(text, options), isWhole = false, ...reading } = options;
  for (const name of checkArray("columns", columns)) checkString("columns", name);
  if (label !== undefined) checkString("label", label);
  if (columns.length === 0) throw new InputError("expected columns of numbers besides the id and the label, got none");
  const { sequences, notes, dimensions } =
    reading.id === undefined && !isWhole
      ? readRows(text, columns, label, reading)
      : readSteps(text, columns, label, reading);
  return { dimensions, classes: classesOf(sequences.map((sequence) => sequence.label)), sequences, notes };
}

type Reading = OptionsOf<typeof TABLE_OPTIONS>;
type Sequences = Required<Pick<LabeledSequences, "dimensions" | "sequences" | "notes">>;

/** The columns that hold nothing but numbers, without those that mean something else. */
function numericColumns(text: string, options: LabeledCsvOptions): readonly string[] {
  const { id, label, date } = options;
  return describeCsv(text, pick(CSV_OPTIONS, options)).numeric.filter((name) => ![id, label, date].includes(name));
}

/** A step per row. */
function readSteps(text: string, columns: readonly string[], label: string | undefined, reading: Reading): Sequences {
  const { series, notes } = readCsv(text, { ...reading, columns, ...(label === undefined ? {} : { label }) });
  return { dimensions: columns, notes, sequences: series.map((part) => ofSeries(part, columns)) };
}

function ofSeries({ id = "", label, columns }: TimeSeries, names: readonly string[]): LabeledSequence {
  const dimensions = names.map((name) => columns[name]!);
  const values = new Float64Array(dimensions.length * dimensions[0]!.length);
  if (values.length === 0) throw new InputError(`sequence ${quote(id)} has no row without missing values`);
  for (const [d, column] of dimensions.entries())
    for (const [t, value] of column.entries()) values[t * dimensions.length + d] = value;
  return { id, values, label };
}

/** The only dimension of sequences that are a row each. */
const VALUE = ["1"];

/** A sequence per row. */
function readRows(text: string, columns: readonly string[], label: string | undefined, reading: Reading): Sequences {
  const settings = settle(TABLE_OPTIONS, reading);
  const { missing } = settings;
  if (missing === "drop") throw new OptionError("missing", "error or interpolate for sequences of a row each", missing);
  const table = splitCsv(text, settings);
  const places = columns.map((name) => placeOf(table, name));
  const zero = namedColumns("missingAsZero", settings.missingAsZero, columns);
  const zeroPlaces = new Set(places.filter((_, c) => zero.has(columns[c]!)));
  const labelPlace = label === undefined ? undefined : placeOf(table, label);
  const decimal = settings.decimal ?? decimalOf(cellsOf(table, places), table.delimiter);
  let filled = 0;
  const sequences = table.rows.map((row, r): LabeledSequence => {
    const line = table.lines[r]!;
    const values = Float64Array.from(
      places.slice(0, 1 + places.findLastIndex((place) => zeroPlaces.has(place) || !isMissing(row[place]!))),
      (place) => {
        const cell = row[place]!;
        if (isMissing(cell) && zeroPlaces.has(place)) return 0;
        const value = isMissing(cell) && missing === "interpolate" ? Number.NaN : parseNumber(cell, decimal);
        if (value !== undefined) return value;
        const advice = isMissing(cell) ? ': set `missing: "interpolate"` to fill it in' : "";
        const where = `line ${line}, column ${quote(table.header[place]!)}`;
        throw new InputError(`${where}: expected a number, got ${quote(cell)}${advice}`);
      },
    );
    if (values.length === 0) throw new InputError(`line ${line}: expected numbers, got none`);
    filled += fillMissing(values, { line, dimensions: VALUE });
    const name = labelPlace === undefined ? undefined : row[labelPlace]!.trim();
    return { id: String(r + 1), values, label: name || undefined };
  });
  return { dimensions: VALUE, sequences, notes: [...table.notes, ...notesOf(filled)] };
}

function* cellsOf({ rows, lines, header }: CsvTable, places: readonly number[]) {
  for (const [r, row] of rows.entries())
    for (const place of places) yield { text: row[place]!, line: lines[r]!, column: header[place]! };
}
