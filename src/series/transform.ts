import { InputError, OptionError } from "../common/errors.js";
import {
  boolean,
  choice,
  integer,
  number,
  type OptionsOf,
  other,
  pick,
  type SettledOptions,
  settle,
} from "../common/options.js";
import { show } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import { fitColumn, place, prepare, SCALINGS, type Scale } from "./scaling.js";

/** Options of how series become training examples. */
export const SERIES_OPTIONS = {
  /** Input columns. The target is appended if it is not among them. */
  columns: other<readonly string[]>(checkColumns),
  /** Column to forecast. */
  target: other<string>(checkName),
  /** Rows per input window. */
  window: integer({ min: 1 }),
  /** How columns are scaled. */
  scaling: choice(SCALINGS, { default: "standard" }),
  /** Takes the natural logarithm of every column first. */
  logarithm: boolean({ default: false }),
  /** Takes the difference between consecutive rows, after any logarithm. */
  difference: boolean({ default: false }),
  /** Fraction of the rows, at the end, that is held out. */
  testFraction: number({ default: 0.2, min: 0, below: 1 }),
  /** Number of rows, at the end, that are held out instead of a fraction; 0 holds out the fraction. */
  testRows: integer({ default: 0, min: 0 }),
};

/** Options of {@link prepareSeries}: how series become training examples. */
export interface SeriesOptions extends OptionsOf<typeof SERIES_OPTIONS> {
  /** Input columns. The target is appended if it is not among them. */
  columns: readonly string[];
  /** Column to forecast. */
  target: string;
  /** Rows per input window. */
  window: number;
}

/** {@link SeriesOptions} with every default filled in and the target among the columns. */
export interface SeriesConfig extends SettledOptions<typeof SERIES_OPTIONS> {}

/** The result of {@link SeriesTransform.toJSON}: the transform as JSON. */
export interface SeriesDescription extends SeriesConfig {
  /** Subtracted from each column, in the order of the columns, after logarithm and difference. */
  readonly shifts: readonly number[];
  /** The divisor of each column after that. */
  readonly scales: readonly number[];
}

/** @throws OptionError for an invalid value */
export function settleSeries(options: SeriesOptions): SeriesConfig {
  const config = settle(SERIES_OPTIONS, options);
  const columns = checkColumns("columns", config.columns);
  const target = checkName("target", config.target);
  const window = checkInteger("window", config.window, 1);
  return { ...config, window, columns: columns.includes(target) ? [...columns] : [...columns, target] };
}

function checkName(option: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new OptionError(option, "a column's name", value);
}

function checkColumns(option: string, value: unknown): readonly string[] {
  const isNames = Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
  if (!isNames || new Set(value).size !== value.length)
    throw new OptionError(option, "an array of distinct column names", value);
  return value;
}

/**
 * The number of training rows: all but the rows or the fraction at the end, rounded to whole rows.
 *
 * @throws InputError where no more rows are left than are held out
 */
export function trainingRowsOf(rows: number, { testFraction, testRows }: HeldOut): number {
  if (testRows >= rows) throw new InputError(`testRows: ${testRows} rows cannot be held out of ${rows}`);
  return rows - (testRows || Math.round(rows * testFraction));
}

/** Which rows at the end are held out. */
type HeldOut = Pick<SeriesConfig, "testFraction" | "testRows">;

/**
 * Converts columns from their original units to a model's inputs, and its predictions back: for each column an optional
 * logarithm, an optional difference, and a scale. Logarithms and differences are taken in float64; the model's side is
 * float32.
 *
 * Rows are counted from 0 in the original table. The first row has no difference, so scaled element i corresponds to
 * row i + {@link offset}, where the offset is 1 with `difference`, else 0.
 */
export class SeriesTransform {
  private constructor(
    /** The options, with defaults filled in. */
    readonly config: SeriesConfig,
    private readonly scales: readonly Scale[],
  ) {}

  /**
   * Fits the scales to the first `trainingRows` rows only. A column that is constant there, up to rounding, gets a
   * scale of 1.
   *
   * @param columns one array of values per column, in the order of `settleSeries(options).columns`, of equal length
   * @throws OptionError for an invalid option value, or more training rows than rows
   * @throws InputError for too few training rows, a value that is not finite, or one that has no logarithm
   */
  static fit(columns: readonly Float64Array[], trainingRows: number, options: SeriesOptions): SeriesTransform {
    const config = settleSeries(options);
    const rows = countRows(columns, config.columns);
    checkInteger("trainingRows", trainingRows, 0, rows);
    const scales = columns.map((column, c) => fitColumn(column.subarray(0, trainingRows), config.columns[c]!, config));
    return new SeriesTransform(config, scales);
  }

  /**
   * Restores a transform from {@link toJSON}.
   *
   * @throws InputError for an invalid description
   */
  static fromJSON(description: unknown): SeriesTransform {
    if (typeof description !== "object" || description === null)
      throw new InputError("series description: expected an object");
    const whole = description as SeriesDescription;
    for (const name of ["scaling", "logarithm", "difference", "testFraction"] as const) {
      if (whole[name] === undefined) throw new InputError(`series description: ${name} is missing`);
    }
    const config = resolveDescribed(whole);
    const isScales = (list: unknown, fits: (value: number) => boolean): list is number[] =>
      Array.isArray(list) && list.length === config.columns.length && list.every((x) => Number.isFinite(x) && fits(x));
    const { shifts, scales } = whole;
    const unscaled = config.scaling === "none";
    if (!isScales(shifts, (x) => !unscaled || x === 0) || !isScales(scales, (x) => (unscaled ? x === 1 : x > 0)))
      throw new InputError(
        `series description: expected ${config.columns.length} finite shifts and scales above 0` +
          (unscaled ? ", which are 0 and 1 without scaling" : ""),
      );
    return new SeriesTransform(
      config,
      shifts.map((shift, c) => ({ shift, scale: scales[c]! })),
    );
  }

  /** Rows at the start of a table without a scaled element: 1 with `difference`, else 0. */
  get offset(): 0 | 1 {
    return this.config.difference ? 1 : 0;
  }

  /** The target's index among the columns. */
  get targetIndex(): number {
    return this.config.columns.indexOf(this.config.target);
  }

  /**
   * Transforms columns into the model's inputs: n rows become n − {@link offset} elements per column, where element i
   * corresponds to row i + offset. The rows need not be those the transform was fitted to: to continue a series, its
   * last `window + offset` rows are enough.
   *
   * @param columns one array of values per column, in the order of `config.columns`, of equal length
   * @throws InputError, with column and row, for a value that is not finite, has no logarithm, or exceeds float32 once
   *   scaled
   */
  transform(columns: readonly Float64Array[]): Float32Array[] {
    countRows(columns, this.config.columns);
    return columns.map((column, c) => {
      const name = this.config.columns[c]!;
      const { shift, scale } = this.scales[c]!;
      const scaled = Float32Array.from(prepare(column, name, this.config).steps, (x) => (x - shift) / scale);
      const beyond = scaled.findIndex((x) => !Number.isFinite(x));
      if (beyond >= 0) {
        const row = beyond + this.offset;
        throw new InputError(`${place(name, row)}: ${column[row]} is too large once scaled`);
      }
      return scaled;
    });
  }

  /**
   * Converts the model's prediction of the next row back to the original units.
   *
   * @param scaledNext [columns], the model's output
   * @param previousRow [columns], the row before, actual or forecast, in the original units; used with `difference`
   * @returns [columns]; a forecast that exceeds float64 is infinite
   * @throws InputError for the wrong number of columns, or a previous value without a required logarithm
   */
  inverseTransform(scaledNext: ArrayLike<number>, previousRow: readonly number[]): number[] {
    const { columns, difference, logarithm } = this.config;
    for (const { length } of [scaledNext, previousRow]) {
      if (length !== columns.length) throw new InputError(`expected a row of ${columns.length} columns, got ${length}`);
    }
    return this.scales.map(({ shift, scale }, c) => {
      const previous = previousRow[c]!;
      for (const value of [scaledNext[c], previous])
        if (typeof value !== "number")
          throw new InputError(`column ${show(columns[c])}: expected a number, got ${show(value)}`);
      if (difference && logarithm && !(previous > 0))
        throw new InputError(`column ${show(columns[c])}: the previous value, ${previous}, has no logarithm`);
      const step = scaledNext[c]! * scale + shift;
      if (!logarithm) return difference ? previous + step : step;
      return difference ? previous * Math.exp(step) : Math.exp(step);
    });
  }

  /** The transform as JSON, as stored with a model. */
  toJSON(): SeriesDescription {
    return {
      ...this.config,
      shifts: this.scales.map(({ shift }) => shift),
      scales: this.scales.map(({ scale }) => scale),
    };
  }
}

/** A window of rows and the row after it. */
export interface SeriesExample {
  /** The predicted row, in the original table. */
  readonly row: number;
  /** [window, columns], by time. */
  readonly inputs: Float32Array;
  /** [columns] */
  readonly targets: Float32Array;
}

/**
 * The examples for rows `from` to `to` − 1 of the original table, one for each row with a full window before it.
 * Windows may reach back before `from`. The examples overlap in memory: do not write to them.
 *
 * @param scaled as from {@link SeriesTransform.transform}
 * @param offset of the transform: rows of the table before the first scaled element
 * @throws OptionError for rows out of range
 * @throws InputError if no row before `to` has a full window before it
 */
export function windowsOf(
  scaled: readonly Float32Array[],
  window: number,
  from: number,
  to: number,
  offset = 0,
): SeriesExample[] {
  const width = scaled.length;
  const length = scaled[0]?.length ?? 0;
  checkInteger("window", window, 1);
  checkInteger("to", to, 0, length + offset);
  checkInteger("from", from, 0, to);
  const first = offset + window;
  if (to <= first) {
    const difference = offset > 0 ? " and the row before it to take differences from" : "";
    throw new InputError(
      `too few rows: a window of ${window} with the row after it${difference} ` +
        `needs at least ${first + 1} rows, got ${to}`,
    );
  }
  const byTime = new Float32Array(length * width);
  for (let i = 0; i < byTime.length; i++) byTime[i] = scaled[i % width]![Math.floor(i / width)]!;
  const examples: SeriesExample[] = [];
  for (let row = Math.max(from, first); row < to; row++) {
    const end = (row - offset) * width;
    examples.push({
      row,
      inputs: byTime.subarray(end - window * width, end),
      targets: byTime.subarray(end, end + width),
    });
  }
  return examples;
}

/** @throws InputError unless there is a column for every name, all of equal length */
function countRows(columns: readonly Float64Array[], names: readonly string[]): number {
  if (columns.length !== names.length)
    throw new InputError(`expected ${names.length} columns (${names.join(", ")}), got ${columns.length}`);
  const rows = columns[0]!.length;
  const odd = columns.findIndex((column) => column.length !== rows);
  if (odd >= 0)
    throw new InputError(
      `column ${show(names[odd])} has ${columns[odd]!.length} rows, ` + `column ${show(names[0])} has ${rows}`,
    );
  return rows;
}

/** The options in a description. @throws InputError for an invalid one */
function resolveDescribed(whole: SeriesDescription): SeriesConfig {
  let config: SeriesConfig;
  try {
    config = settleSeries(pick(SERIES_OPTIONS, whole) as SeriesOptions);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new InputError(`series description: ${error.message}`);
  }
  if (config.columns.length !== whole.columns.length)
    throw new InputError("series description: the target is not among the columns");
  return config;
}
