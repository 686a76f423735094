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

/** How series become training examples. */
export const SERIES_OPTIONS = {
  /** Columns that the model reads. The target is added at the end if it is not among them. */
  columns: other<readonly string[]>(checkColumns),
  /** Column to forecast. */
  target: other<string>(checkName),
  /** Rows that the model sees before it predicts the next one. */
  window: integer({ min: 1 }),
  /** How columns are scaled. */
  scaling: choice(SCALINGS, { default: "standard" }),
  /** Takes the natural logarithm of every column first. */
  logarithm: boolean({ default: false }),
  /** Takes each row's difference from the row before, after the logarithm if any. */
  difference: boolean({ default: false }),
  /** Share of the rows, at the end, that is held out. */
  testFraction: number({ default: 0.2, min: 0, below: 1 }),
};

/** How series become training examples: the options of {@link prepareSeries}. */
export interface SeriesOptions extends OptionsOf<typeof SERIES_OPTIONS> {
  /** Columns that the model reads. The target is added at the end if it is not among them. */
  columns: readonly string[];
  /** Column to forecast. */
  target: string;
  /** Rows that the model sees before it predicts the next one. */
  window: number;
}

/** {@link SeriesOptions} with every default filled in and the target among the columns. */
export interface SeriesConfig extends SettledOptions<typeof SERIES_OPTIONS> {}

/** What {@link SeriesTransform.toJSON} gives: all of a transform, as JSON. */
export interface SeriesDescription extends SeriesConfig {
  /** What is subtracted from each column, in the order of the columns, after logarithm and difference. */
  readonly shifts: readonly number[];
  /** What each column is then divided by. */
  readonly scales: readonly number[];
}

/** @throws OptionError for a value that is not allowed */
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
    throw new OptionError(option, "names of columns, each once", value);
  return value;
}

/** How many of so many rows are for training: all but the share at the end, rounded to whole rows. */
export function trainingRowsOf(rows: number, testFraction: number): number {
  return rows - Math.round(rows * testFraction);
}

/**
 * Turns columns in the user's units into what a model reads, and what it predicts back: for each column a logarithm, a
 * difference and a scale, as the options say. Logarithms and differences are taken in float64; the model's side is
 * float32.
 *
 * Rows are counted from 0 in the user's table. A difference needs the row before, so the first row has none: scaled
 * element i stands for row i + {@link offset}, where the offset is 1 with `difference`, else 0.
 */
export class SeriesTransform {
  private constructor(
    /** What it was made with. */
    readonly config: SeriesConfig,
    private readonly scales: readonly Scale[],
  ) {}

  /**
   * A transform whose scales are those of the first `trainingRows` rows; no later row is looked at. A column that does
   * not vary there, but for rounding, keeps a scale of 1: nothing is divided by zero.
   *
   * @param columns one array of values per column, in the order of `settleSeries(options).columns`, equally long
   * @throws OptionError for an option that cannot be, or more training rows than there are rows
   * @throws InputError for too few training rows, a value that is not finite, or a logarithm of one that is not above 0
   */
  static fit(columns: readonly Float64Array[], trainingRows: number, options: SeriesOptions): SeriesTransform {
    const config = settleSeries(options);
    const rows = countRows(columns, config.columns);
    checkInteger("trainingRows", trainingRows, 0, rows);
    const scales = columns.map((column, c) => fitColumn(column.subarray(0, trainingRows), config.columns[c]!, config));
    return new SeriesTransform(config, scales);
  }

  /**
   * The transform that {@link toJSON} described.
   *
   * @throws InputError for anything that is not such a description
   */
  static fromJSON(description: unknown): SeriesTransform {
    if (typeof description !== "object" || description === null)
      throw new InputError("the description of a series is not an object");
    const whole = description as SeriesDescription;
    for (const name of ["scaling", "logarithm", "difference", "testFraction"] as const) {
      if (whole[name] === undefined) throw new InputError(`the description of a series has no ${name}`);
    }
    const config = resolveDescribed(whole);
    const isScales = (list: unknown, fits: (value: number) => boolean): list is number[] =>
      Array.isArray(list) && list.length === config.columns.length && list.every((x) => Number.isFinite(x) && fits(x));
    const { shifts, scales } = whole;
    const unscaled = config.scaling === "none";
    if (!isScales(shifts, (x) => !unscaled || x === 0) || !isScales(scales, (x) => (unscaled ? x === 1 : x > 0)))
      throw new InputError(
        `the description of a series has not got ${config.columns.length} usable shifts and scales above 0` +
          (unscaled ? ", which are 0 and 1 without scaling" : ""),
      );
    return new SeriesTransform(
      config,
      shifts.map((shift, c) => ({ shift, scale: scales[c]! })),
    );
  }

  /** Rows at the front of a table that have no scaled element: 1 with `difference`, else 0. */
  get offset(): 0 | 1 {
    return this.config.difference ? 1 : 0;
  }

  /** The target's index among the columns. */
  get targetIndex(): number {
    return this.config.columns.indexOf(this.config.target);
  }

  /**
   * The columns as the model reads them: n rows become n − {@link offset} elements of each column, where element i
   * stands for row i + offset. The rows need not be those that the transform was fitted to: to go on from the last
   * rows, `window + offset` of them are enough.
   *
   * @param columns one array of values per column, in the order of `config.columns`, equally long
   * @throws InputError for a value that is not finite, that has no logarithm, or that scaled is beyond a float32, with
   *   its column and row
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
   * The next row in the user's units, from the model's prediction of it.
   *
   * @param scaledNext [columns], as the model gives it
   * @param previousRow [columns], the row before it, actual or forecast, in the user's units; used with `difference`
   * @returns [columns]; a forecast beyond a float64 is infinite
   * @throws InputError for another number of columns, or a previous value that has no logarithm where it needs one
   */
  inverseTransform(scaledNext: ArrayLike<number>, previousRow: readonly number[]): number[] {
    const { columns, difference, logarithm } = this.config;
    for (const { length } of [scaledNext, previousRow]) {
      if (length !== columns.length)
        throw new InputError(`a row of this series has ${columns.length} columns, got ${length}`);
    }
    return this.scales.map(({ shift, scale }, c) => {
      const previous = previousRow[c]!;
      for (const value of [scaledNext[c], previous])
        if (typeof value !== "number")
          throw new InputError(`column ${show(columns[c])}: expected a number, got ${show(value)}`);
      if (difference && logarithm && !(previous > 0))
        throw new InputError(`column ${show(columns[c])}: no logarithm of the previous value, ${previous}`);
      const step = scaledNext[c]! * scale + shift;
      if (!logarithm) return difference ? previous + step : step;
      return difference ? previous * Math.exp(step) : Math.exp(step);
    });
  }

  /** All of the transform, as JSON: what a model keeps of it in its metadata. */
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
  /** The row that is predicted, in the user's table. */
  readonly row: number;
  /** [window, columns], by time. */
  readonly inputs: Float32Array;
  /** [columns] */
  readonly targets: Float32Array;
}

/**
 * The examples that predict rows `from` to `to` − 1 of the user's table, one for each row that has a whole window before
 * it. Windows may reach back before `from`. The examples overlap in memory: they are to be read only.
 *
 * @param scaled as {@link SeriesTransform.apply} gives it
 * @param offset of the transform: how many rows the table has before the first scaled element
 * @throws OptionError for rows that there are not
 * @throws InputError where no row before `to` has a whole window before it
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

/** @throws InputError unless there is a column for every name, all equally long */
function countRows(columns: readonly Float64Array[], names: readonly string[]): number {
  if (columns.length !== names.length)
    throw new InputError(`this series has ${names.length} columns (${names.join(", ")}), got ${columns.length}`);
  const rows = columns[0]!.length;
  const odd = columns.findIndex((column) => column.length !== rows);
  if (odd >= 0)
    throw new InputError(
      `column ${show(names[odd])} has ${columns[odd]!.length} rows, ` + `column ${show(names[0])} has ${rows}`,
    );
  return rows;
}

/** The options within a description. @throws InputError for one that cannot be */
function resolveDescribed(whole: SeriesDescription): SeriesConfig {
  let config: SeriesConfig;
  try {
    config = settleSeries(pick(SERIES_OPTIONS, whole) as SeriesOptions);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new InputError(`the description of a series: ${error.message}`);
  }
  if (config.columns.length !== whole.columns.length)
    throw new InputError("the description of a series: the target is not among the columns");
  return config;
}
