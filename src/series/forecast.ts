import { InputError, OptionError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import { quote, show } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import { predict } from "../inference/predict.js";
import { checkModel, createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { mae, persistence, rmse, seasonalNaive } from "./baselines.js";
import { place } from "./scaling.js";
import { type SeriesOptions, SeriesTransform, settleSeries, trainingRowsOf, windowsOf } from "./transform.js";

/** Columns of numbers by name, equally long. */
export type Table = Readonly<Record<string, ArrayLike<number>>>;

/** Series made ready for training. */
export interface Series {
  /** Turns rows into what the model reads, and its predictions into the user's units. */
  readonly transform: SeriesTransform;
  /** A window of rows and the row after it, for every row of the training part that has a whole window before it. */
  readonly examples: readonly Example[];
  /** The first row that is held out. */
  readonly testStart: number;
  /** Tells the rows before it from others. */
  readonly fingerprint: string;
}

/** Which rows {@link backtest} predicts, and what it compares with. */
export interface BacktestOptions {
  /**
   * The first row to predict. Default: the first that the model was not prepared with, where the table begins with the rows
   * that it was.
   */
  from?: number | undefined;
  /** How many rows a season has, for the seasonal-naive forecast. */
  season?: number | undefined;
}

/** How well a model foretells the held-out rows, one step ahead, in the user's units. */
export interface Backtest {
  /** The first row that was foretold. */
  readonly from: number;
  /** The target's values from there on. */
  readonly actual: readonly number[];
  /** The model's forecast of each. */
  readonly predicted: readonly number[];
  /** Root mean squared error of the model's forecasts. */
  readonly rmse: number;
  /** Mean absolute error of the model's forecasts. */
  readonly mae: number;
  /** Root mean squared error of foretelling that nothing changes. */
  readonly persistenceRmse: number;
  /** That of foretelling the value a season ago; absent without a season. */
  readonly seasonalNaiveRmse?: number;
}

/** A model's options, but for those that the series settle. */
export type ForecasterOptions = Omit<
  ModelOptions,
  "inputSize" | "outputSize" | "classes" | "returnSequences" | "window"
>;

/** Where a model keeps its transform, among its texts. */
const KEY = "series";

/**
 * Cuts series into training examples: the model will read windows of all columns, and predict their next row.
 *
 * @param how options, with which a transform is fitted to the training part, or the transform of an earlier run
 * @throws OptionError for an option that cannot be
 * @throws InputError for a missing column, too few rows, or a value that cannot be
 */
export function prepareSeries(table: Table, how: SeriesOptions | SeriesTransform): Series {
  const { columns: names, window, testFraction } = how instanceof SeriesTransform ? how.config : settleSeries(how);
  const columns = columnsOf(table, names);
  const testStart = trainingRowsOf(columns[0]!.length, testFraction);
  const transform = how instanceof SeriesTransform ? how : SeriesTransform.fit(columns, testStart, how);
  const examples = windowsOf(transform.transform(columns), window, 0, testStart, transform.offset);
  return { transform, examples, testStart, fingerprint: fingerprintOf(columns, testStart) };
}

/**
 * A model for prepared series, which knows how to read them and to give its predictions in their units.
 *
 * @throws as createModel does
 */
export async function createForecaster(series: Series, options: ForecasterOptions = {}): Promise<Model<"vectors">> {
  const { transform, testStart, fingerprint } = series;
  const { columns, window } = transform.config;
  const width = columns.length;
  const { loss = "mse" } = options;
  if (loss !== "mse" && loss !== "huber") throw new OptionError("loss", "mse or huber", loss);
  const shape = { inputSize: width, outputSize: width, classes: [], returnSequences: false, window, loss } as const;
  const model = await createModel({ ...options, ...shape });
  model.metadata.set(KEY, JSON.stringify({ ...transform.toJSON(), trained: { rows: testStart, fingerprint } }));
  return model;
}

/**
 * The transform that a model was trained with.
 *
 * @throws InputError for a model that was not made by {@link createForecaster}
 */
export function getSeriesTransform(model: Model): SeriesTransform {
  return SeriesTransform.fromJSON(describedBy(model));
}

/** What a model keeps of its series. */
function describedBy(model: Model): unknown {
  checkModel(model);
  const stored = model.metadata.get(KEY);
  if (stored === undefined) throw new InputError("this model was not trained on a series: it cannot forecast one");
  try {
    return parseJson(stored);
  } catch {
    throw new InputError("this model's description of its series cannot be read");
  }
}

/** The first row of a table that a model was not prepared with. */
function heldOutFrom(model: Model, columns: readonly Float64Array[], testFraction: number): number {
  const rows = columns[0]!.length;
  const { trained } = describedBy(model) as { trained?: { rows?: unknown; fingerprint?: unknown } };
  // A file of before this was kept says nothing.
  if (trained === undefined) return trainingRowsOf(rows, testFraction);
  const known = Number(trained.rows);
  if (known <= rows && fingerprintOf(columns, known) === trained.fingerprint) return known;
  throw new InputError(
    "the table does not begin with the rows that the model was prepared with, so which of its rows are new to the model is " +
      "not known: give the first to predict as `from`",
  );
}

/** Tells the first rows of some columns from others. */
function fingerprintOf(columns: readonly Float64Array[], rows: number): string {
  const all = new Float64Array(columns.length * rows);
  columns.forEach((column, c) => {
    all.set(column.subarray(0, rows), c * rows);
  });
  return fingerprint(new Int32Array(all.buffer));
}

/**
 * The rows that come after the table's last, foretold one after the other, each from the ones before it.
 *
 * @param horizon how many rows
 * @returns for each column its future values, in its own units
 * @throws InputError for a missing column, fewer rows than the window needs, or a model that is no forecaster
 */
export function forecast(model: Model, table: Table, horizon: number): Record<string, number[]> {
  checkInteger("horizon", horizon, 1, 1_000_000);
  const transform = getSeriesTransform(model);
  const { columns: names, window } = transform.config;
  const columns = columnsOf(table, names);
  const known = columns[0]!.length;
  const needed = window + transform.offset;
  if (known < needed) throw new InputError(`a forecast needs at least ${needed} rows, got ${known}`);
  // Each prediction joins the rows as a value in the user's units, so that a forecast can be gone on with.
  const rows = Array.from({ length: needed }, (_, i) => columns.map((column) => column[known - needed + i]!));
  const future: number[][] = [];
  for (let step = 0; step < horizon; step++) {
    const recent = names.map((_, c) => Float64Array.from(rows, (row) => row[c]!));
    const next = transform.inverseTransform(predict(model, interleave(transform.transform(recent))), rows.at(-1)!);
    if (!next.every(Number.isFinite))
      throw new InputError(`the forecast leaves the range of numbers at step ${step + 1}: ask for fewer rows`);
    future.push(next);
    rows.push(next);
    rows.shift();
  }
  return Object.fromEntries(names.map((name, c) => [name, future.map((row) => row[c]!)]));
}

/**
 * Foretells every held-out row of the target from the true rows before it, beside the naive forecasts. Rows that the model was
 * prepared with are not held out: in their table, also when it has grown, prediction begins after them.
 *
 * @param options or the season alone
 * @throws InputError for a missing column, no held-out rows, a table of which it is not known which rows are held out, or a
 *   model that is no forecaster
 */
export function backtest(model: Model, table: Table, options: BacktestOptions | number = {}): Backtest {
  const { season, from: wanted } = typeof options === "object" ? options : { season: options, from: undefined };
  const transform = getSeriesTransform(model);
  const { columns: names, window, testFraction } = transform.config;
  const columns = columnsOf(table, names);
  const rows = columns[0]!.length;
  const from =
    wanted === undefined ? heldOutFrom(model, columns, testFraction) : checkInteger("from", wanted, 0, rows - 1);
  if (from >= rows) throw new InputError("no rows are held out: give a testFraction above 0, or `from`");
  const target = columns[transform.targetIndex]!;
  const examples = windowsOf(transform.transform(columns), window, from, rows, transform.offset);
  const predicted = examples.map(({ row, inputs }) => {
    const before = columns.map((column) => column[row - 1]!);
    return transform.inverseTransform(predict(model, inputs), before)[transform.targetIndex]!;
  });
  const first = examples[0]?.row ?? rows;
  const actual = Array.from(target.subarray(first));
  return {
    from: first,
    actual,
    predicted,
    rmse: rmse(actual, predicted),
    mae: mae(actual, predicted),
    persistenceRmse: rmse(actual, persistence(target, first)),
    ...(season === undefined ? {} : { seasonalNaiveRmse: rmse(actual, seasonalNaive(target, first, season)) }),
  };
}

/** @throws InputError for a column that is missing, or not as long as the others */
function columnsOf(table: Table, names: readonly string[]): Float64Array[] {
  if (typeof table !== "object" || table === null) throw new InputError("expected a table: columns of numbers by name");
  const columns = names.map((name) => {
    const column = Object.hasOwn(table, name) ? table[name] : undefined;
    if (column) return numbersOf(column, name);
    const known = Object.keys(table).slice(0, 20).join(", ");
    throw new InputError(`no column ${quote(name)}; there are ${known || "none"}`);
  });
  const odd = columns.findIndex(({ length }) => length !== columns[0]!.length);
  if (odd > 0)
    throw new InputError(
      `the columns are not equally long: ${names[0]} has ${columns[0]!.length} rows, ${names[odd]} ${columns[odd]!.length}`,
    );
  return columns;
}

/** @throws InputError for what is not an array of numbers */
function numbersOf(column: ArrayLike<unknown>, name: string): Float64Array {
  if (typeof column !== "object") throw new InputError(`column ${quote(name)}: expected an array, got ${show(column)}`);
  return Float64Array.from(column, (value, row) => {
    if (typeof value === "number") return value;
    throw new InputError(`${place(name, row)}: expected a number, got ${show(value)}`);
  });
}

/** Columns [columns][rows] as [rows, columns]. */
function interleave(columns: readonly Float32Array[]): Float32Array {
  const width = columns.length;
  const rows = new Float32Array(width * columns[0]!.length);
  columns.forEach((column, c) => {
    column.forEach((value, row) => {
      rows[row * width + c] = value;
    });
  });
  return rows;
}
