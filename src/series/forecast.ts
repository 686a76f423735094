import { InputError, OptionError } from "../common/errors.js";
import { refuseUnknown } from "../common/options.js";
import { parseJson } from "../common/parse-json.js";
import { quote, show } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import { predict } from "../inference/predict.js";
import { checkModel, createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { persistence, seasonalNaive } from "./baselines.js";
import { mae, rmse } from "./metrics.js";
import { place } from "./scaling.js";
import {
  type SeriesConfig,
  type SeriesOptions,
  SeriesTransform,
  settleSeries,
  trainingRowsOf,
  windowsOf,
} from "./transform.js";

/** Columns of numbers by name, of equal length. */
export type Table = Readonly<Record<string, ArrayLike<number>>>;

/** Series prepared for training. */
export interface Series {
  /** Converts rows to the model's inputs, and its predictions back to the original units. */
  readonly transform: SeriesTransform;
  /** A window and the row after it, for every training row that has a full window before it. */
  readonly examples: readonly Example[];
  /** The first held-out row. */
  readonly testStart: number;
  /** Identifies the rows before it. */
  readonly fingerprint: string;
}

/** Options of {@link backtest}. */
export interface BacktestOptions {
  /** The first row to predict. Default: the first after the training rows, if the table begins with these. */
  from?: number | undefined;
  /** Rows per season, for the seasonal naive forecast. */
  season?: number | undefined;
}

/** How well a model predicts the held-out rows, one step ahead, in the original units. */
export interface Backtest {
  /** The first predicted row. */
  readonly from: number;
  /** The target's values from that row on. */
  readonly actual: readonly number[];
  /** The model's forecasts of them. */
  readonly predicted: readonly number[];
  /** Root mean squared error of the model's forecasts. */
  readonly rmse: number;
  /** Mean absolute error of the model's forecasts. */
  readonly mae: number;
  /** Root mean squared error of the persistence forecast, the row before. */
  readonly persistenceRmse: number;
  /** Root mean squared error of the seasonal naive forecast, the value a season before; absent without a season. */
  readonly seasonalNaiveRmse?: number;
}

/** Options of {@link createForecaster}: those of a model, except the ones that the series determine. */
export type SeriesModelOptions = Omit<
  ModelOptions,
  "inputSize" | "outputSize" | "classes" | "returnSequences" | "window"
>;

/** The attribute of a model that contains its transform. */
const KEY = "series";

/**
 * Splits series into training examples: the model reads windows of all columns, and predicts their next row.
 *
 * @param how options, to fit a transform to the training rows, or the transform of an earlier run
 * @throws OptionError for an invalid option value
 * @throws InputError for a missing column, too few rows, or an invalid value
 */
export function prepareSeries(table: Table, how: SeriesOptions | SeriesTransform): Series {
  const config = how instanceof SeriesTransform ? how.config : settleSeries(how);
  const { columns: names, window } = config;
  const columns = columnsOf(table, names);
  const testStart = trainingRowsOf(columns[0]!.length, config);
  const transform = how instanceof SeriesTransform ? how : SeriesTransform.fit(columns, testStart, how);
  const examples = windowsOf(transform.transform(columns), window, 0, testStart, transform.offset);
  return { transform, examples, testStart, fingerprint: fingerprintOf(columns, testStart) };
}

/**
 * Creates a model for prepared series. It keeps their transform, to make forecasts in the original units.
 *
 * @throws as createModel
 */
export async function createForecaster(series: Series, options: SeriesModelOptions = {}): Promise<Model<"vectors">> {
  const { transform, testStart, fingerprint } = Object(series) as Series;
  if (!(transform instanceof SeriesTransform)) throw new InputError("expected the result of prepareSeries()");
  const { columns, window } = transform.config;
  const width = columns.length;
  const { loss = "mse" } = Object(options) as SeriesModelOptions;
  if (loss !== "mse" && loss !== "huber") throw new OptionError("loss", "mse or huber", loss);
  const shape = { inputSize: width, outputSize: width, classes: [], returnSequences: false, window, loss } as const;
  const model = await createModel({ ...options, ...shape });
  model.attributes.set(KEY, JSON.stringify({ ...transform.toJSON(), trained: { rows: testStart, fingerprint } }));
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

/** The series description that a model keeps. */
function describedBy(model: Model): unknown {
  checkModel(model);
  const stored = model.attributes.get(KEY);
  if (stored === undefined) throw new InputError("this model was not trained on a series: it cannot forecast one");
  try {
    return parseJson(stored);
  } catch {
    throw new InputError("this model's series description is not valid JSON");
  }
}

/** The first row after the training rows. */
function heldOutFrom(model: Model, columns: readonly Float64Array[], config: SeriesConfig): number {
  const rows = columns[0]!.length;
  const { trained } = describedBy(model) as { trained?: { rows?: unknown; fingerprint?: unknown } };
  // Older files do not have it.
  if (trained === undefined) return trainingRowsOf(rows, config);
  // A file is not to be trusted.
  const { rows: known, fingerprint } = Object(trained) as { rows?: unknown; fingerprint?: unknown };
  if (isCount(known) && known <= rows && fingerprintOf(columns, known) === fingerprint) return known;
  throw new InputError(
    "this table does not begin with the model's training rows, so its held-out rows are unknown: pass the first row to " +
      "predict as `from`",
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Identifies the first rows of some columns. */
function fingerprintOf(columns: readonly Float64Array[], rows: number): string {
  const all = new Float64Array(columns.length * rows);
  columns.forEach((column, c) => {
    all.set(column.subarray(0, rows), c * rows);
  });
  return fingerprint(new Int32Array(all.buffer));
}

/**
 * Forecasts the rows after the table's last one, each from the rows before it, including earlier forecasts.
 *
 * @param horizon number of rows to forecast
 * @returns the forecast values of each column, in the original units
 * @throws InputError for a missing column, fewer rows than the window needs, or a model that is not a forecaster
 */
export function forecast(model: Model, table: Table, horizon: number): Record<string, number[]> {
  checkInteger("horizon", horizon, 1, 1_000_000);
  const transform = getSeriesTransform(model);
  const { columns: names, window } = transform.config;
  const columns = columnsOf(table, names);
  const known = columns[0]!.length;
  const needed = window + transform.offset;
  if (known < needed) throw new InputError(`a forecast needs at least ${needed} rows, got ${known}`);
  // Each prediction is appended to the rows in the original units, so that a forecast can be continued from it.
  const rows = Array.from({ length: needed }, (_, i) => columns.map((column) => column[known - needed + i]!));
  const future: number[][] = [];
  for (let step = 0; step < horizon; step++) {
    const recent = names.map((_, c) => Float64Array.from(rows, (row) => row[c]!));
    const next = transform.inverseTransform(predict(model, interleave(transform.transform(recent))), rows.at(-1)!);
    if (!next.every(Number.isFinite))
      throw new InputError(`the forecast is no longer finite at step ${step + 1}: forecast fewer rows`);
    future.push(next);
    rows.push(next);
    rows.shift();
  }
  return Object.fromEntries(names.map((name, c) => [name, future.map((row) => row[c]!)]));
}

/**
 * Predicts every held-out row of the target from the true rows before it, and compares with naive forecasts. In the table
 * that the model was created for, also after rows were appended, the held-out rows are those after the training rows.
 *
 * @param options or only the season
 * @throws InputError for a missing column, no held-out rows, another table without the option `from`, or a model that is not
 *   a forecaster
 */
export function backtest(model: Model, table: Table, options: BacktestOptions | number = {}): Backtest {
  if (typeof options !== "number") refuseUnknown(["season", "from"], options);
  const { season, from: wanted } = typeof options === "object" ? options : { season: options, from: undefined };
  const transform = getSeriesTransform(model);
  const { columns: names, window } = transform.config;
  const columns = columnsOf(table, names);
  const rows = columns[0]!.length;
  const from =
    wanted === undefined ? heldOutFrom(model, columns, transform.config) : checkInteger("from", wanted, 0, rows - 1);
  if (from >= rows) throw new InputError("no rows are held out: set a testFraction above 0, or `from`");
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

/** @throws InputError for a missing column, or one of another length */
function columnsOf(table: Table, names: readonly string[]): Float64Array[] {
  if (typeof table !== "object" || table === null) throw new InputError("expected a table: columns of numbers by name");
  const columns = names.map((name) => {
    const column = Object.hasOwn(table, name) ? table[name] : undefined;
    if (column) return numbersOf(column, name);
    const known = Object.keys(table).slice(0, 20).join(", ");
    throw new InputError(`no column ${quote(name)}; the columns are ${known || "none"}`);
  });
  const odd = columns.findIndex(({ length }) => length !== columns[0]!.length);
  if (odd > 0)
    throw new InputError(
      `columns differ in length: ${names[0]} has ${columns[0]!.length} rows, ${names[odd]} ${columns[odd]!.length}`,
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
