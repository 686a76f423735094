import { type Model, OptionError } from "lstm-wasm";
import {
  backtest,
  createForecaster,
  forecast,
  getSeriesTransform,
  type Missing,
  prepareSeries,
  readCsv,
  type Series,
  type Table,
} from "lstm-wasm/forecast";
import type { Content, SeriesEvaluation, SeriesRunConfig } from "../../common/protocol.js";
import { type Run, recordSource, withNote } from "./run.js";

// Imported only where a series is trained on: it brings what reads tables.

/** @throws OptionError, InputError, BackendError, OutOfMemoryError */
export async function createSeriesRun({
  content,
  series: options,
  missing,
  season,
  model,
}: SeriesRunConfig): Promise<Run> {
  const columns = [...new Set([...options.columns, options.target])];
  const series = prepareSeries(tableOf(content, columns, missing), options);
  const { testStart } = series;
  if (season !== undefined && !(Number.isInteger(season) && season >= 1 && season <= testStart))
    throw new OptionError("season", `an integer from 1 to ${testStart}, or nothing`, season);
  const forecaster = await createForecaster(series, model);
  recordSource(forecaster, {
    ...(content.file ? { csv: content.file } : {}),
    ...(season === undefined ? {} : { season }),
    ...(missing === "error" ? {} : { table: { missing } }),
  });
  return { ...seriesRun({ content, missing, season }, series, forecaster), ...withNote(forecaster, model.backend) };
}

/** The run of a model on the data that it may have been trained on. @throws InputError where they do not fit */
export function reopenSeriesRun(
  model: Model,
  content: Content,
  missing: Missing = "error",
  season: number | undefined,
): Run {
  const transform = getSeriesTransform(model);
  const series = prepareSeries(tableOf(content, transform.config.columns, missing), transform);
  return seriesRun({ content, missing, season }, series, model);
}

/** What a run reads. */
interface Reading {
  readonly content: Content;
  readonly missing: Missing;
  /** Rows per season, for the seasonal naive forecast. */
  readonly season: number | undefined;
}

function seriesRun(reading: Reading, { examples, transform }: Series, model: Model): Run {
  const { content, missing, season } = reading;
  const { columns, ...config } = transform.config;
  const options = { ...config, columns: [...columns] };
  return {
    kind: "series",
    content,
    data: examples,
    model,
    series: { options, missing, ...(season === undefined ? {} : { season }) },
    evaluateSeries: () => evaluateSeries(model, reading),
    forecast: (horizon) => forecast(model, tableOf(content, columns, missing), horizon)[config.target]!,
  };
}

/** A forecaster's errors on the held-out rows. */
function evaluateSeries(model: Model, { content, missing, season }: Reading): SeriesEvaluation {
  const { columns, target, testFraction, testRows } = getSeriesTransform(model).config;
  const table = tableOf(content, columns, missing);
  const actual = Array.from(table[target]!);
  if (testFraction === 0 && testRows === 0) return { target, actual };
  const { actual: _, from: testStart, ...test } = backtest(model, table, season);
  return { target, actual, testStart, ...test, ...(season === undefined ? {} : { season }) };
}

/** @throws InputError for a table that cannot be read */
const tableOf = (content: Content, columns: readonly string[], missing: Missing): Table =>
  readCsv(content.text, { columns, missing }).series[0]!.columns;
