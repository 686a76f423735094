import { display, toJson } from "../common/show.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { type Forecaster, getForecaster } from "../series/forecaster.js";
import { HISTORICAL_OPTIONS } from "../series/forecaster-options.js";
import type { Forecast } from "../series/forecasts.js";
import type { BacktestScores, ErrorScores, IntervalScores } from "../series/scores.js";
import { datesOf, timesOf } from "../series/target-series.js";
import type { TimeSeries } from "../tables/time-series.js";
import { stacked } from "./chart.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags } from "./flags.js";
import { refuseSameFiles, targetOf } from "./paths.js";
import { readForModel, SERIES_FILE_FLAGS, seriesFileOf } from "./series-files.js";
import { backtestPlot, fanOf, MOST_DRAWN } from "./series-plot.js";
import { aheadOf, backtestEvent, describeScores, describeSteps } from "./series-report.js";
import { cell } from "./tables.js";
import { count, counted } from "./terminal.js";
import { checkWritable, writeWhole } from "./write.js";

const HISTORICAL_FLAGS: Record<string, Flag> = Object.fromEntries(
  Object.entries(flagsOf("HISTORICAL_OPTIONS", HISTORICAL_OPTIONS)).map(([name, flag]) => [
    name,
    flag.sets === undefined ? { ...flag, value: "N", number: true } : flag,
  ]),
);

export const BACKTEST_FLAGS = {
  ...SERIES_FILE_FLAGS,
  ...HISTORICAL_FLAGS,
  scores: { value: "FILE", help: "write errors and intervals, by rows ahead and by series, as a CSV file" },
  forecasts: { value: "FILE", help: "write all forecasts, beside what came, as a CSV file" },
  plot: { value: "FILE", help: "draw forecasts beside what came as an SVG picture, of up to 12 series" },
  ...(flagsOf("CREATE_OPTIONS", CREATE_OPTIONS) as Record<string, Flag>),
  json: { help: 'print one JSON object: {"rows", "rmse", "mae", "mase", "smape", …, "naive", "steps", "series"}' },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm backtest --model FILE --csv FILE [options]

Forecasts the past again and again, each time from the rows before, and compares with
what came and with naive forecasts. Without options, each row that was not trained on
is forecast once.

options:
${describeFlags(BACKTEST_FLAGS)}
`;

/** `lstm-wasm backtest`. */
export async function backtestCommand(args: string[]): Promise<number> {
  const flags = parseFlags(BACKTEST_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { model: path, file } = seriesFileOf(flags);
  const { forecasts: past, scores: table, plot } = flags;
  await refuseSameFiles({ model: path, csv: file, forecasts: past, scores: table, plot });
  const [out, summary, picture] = await Promise.all(
    [past, table, plot].map((name) => (name === undefined ? undefined : targetOf(name))),
  );
  for (const target of [out, summary, picture]) if (target) await checkWritable(target);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  const forecaster = getForecaster(model);
  const series = await readForModel(model, forecaster.reading, file, flags);
  const options = optionsFrom(HISTORICAL_OPTIONS, flags);
  const forecasts = await forecaster.historicalForecasts(series, options);
  const scores = forecaster.score(series, forecasts);
  const known = options.refit ? 0 : forecasts.filter(({ id, from }) => from < forecaster.trainedRows(id)).length;
  if (known > 0)
    process.stderr.write(
      `${known} of ${forecasts.length} forecasts begin in rows that the model was trained on: their errors say little\n`,
    );
  if (flags.json) process.stdout.write(`${toJson(backtestEvent(scores))}\n`);
  else {
    const horizon = scores.steps.length;
    const title = `${aheadOf(forecaster, horizon)}, ${counted(forecasts.length, "forecast")} of ${count(scores.rows)} rows:`;
    const lines = [...describeScores(title, scores), ...describeSteps(scores)];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  // Last, because it may fail.
  if (out) await writeWhole(out, tableOf(forecaster, series, forecasts));
  if (summary) await writeWhole(summary, scoresTable(scores));
  if (picture) await writeWhole(picture, pictureOf(forecaster, series, forecasts));
  return 0;
}

/** Errors by rows ahead and by series, a line for each, and one for all. */
function scoresTable(scores: BacktestScores): string {
  const shares = Object.keys(scores.intervals?.coverage ?? {});
  const bounds = shares.flatMap((share) => [`coverage ${share}`, `width ${share}`]);
  const head = ["step", "id", "rows", "rmse", "mae", "mape", "smape", "mase", ...bounds, "pinball"];
  const lineOf = (step: string, id: string, one: Partial<ErrorScores>, rows: number, intervals?: IntervalScores) => {
    const errors = [one.rmse, one.mae, one.mape, one.smape, one.mase].map((error) => error ?? "");
    const of = shares.flatMap((share) => [intervals!.coverage[share]!, intervals!.width[share]!]);
    return [step, cell(id), rows, ...errors, ...of, intervals?.pinball ?? ""].join(",");
  };
  const lines = [
    lineOf("", "", scores, scores.rows, scores.intervals),
    ...scores.steps.map((step, i) => lineOf(String(i + 1), "", step, step.rows, step.intervals)),
    ...scores.series.map(({ id = "", scores, rows, intervals }) => lineOf("", id, scores, rows, intervals)),
  ];
  return `${[head.join(","), ...lines].join("\n")}\n`;
}

/** Forecasts beside what came, a picture for each of the first series that have some. */
function pictureOf(forecaster: Forecaster, series: readonly TimeSeries[], forecasts: readonly Forecast[]): string {
  const { target } = forecaster.settings;
  const pictures = series.flatMap((one) => {
    const own = forecasts.filter(({ id }) => id === one.id);
    if (own.length === 0) return [];
    const values = Array.from(one.columns[target]!);
    const title = `${target}${one.id === undefined ? "" : ` of ${display(one.id, 60)}`} and its forecasts of the past`;
    const past = own.map((forecast) => ({ ...forecast, bands: fanOf(forecast) }));
    return [backtestPlot(values, past, title, { unit: target, times: timesOf(one, 0, values.length) })];
  });
  return stacked(pictures.slice(0, MOST_DRAWN));
}

/** All forecasts, a line for each row. */
function tableOf(forecaster: Forecaster, series: readonly TimeSeries[], forecasts: readonly Forecast[]): string {
  const { target, quantiles: levels } = forecaster.settings;
  const values = new Map(series.map(({ id, columns }) => [id, columns[target]!]));
  const hasId = series.some(({ id }) => id !== undefined);
  const head = [...(hasId ? ["id"] : []), "origin", "step", "row", target, "mean", ...levels];
  const starts = new Map(series.map((one) => [one.id, one]));
  const lines = forecasts.flatMap(({ id, from, dates, mean, quantiles }) => {
    const origin = datesOf(starts.get(id)!, from - 1, 1)?.[0] ?? String(from);
    return mean.map((value, i) => {
      const row = dates?.[i] ?? String(from + i + 1);
      const cells = [...(hasId ? [id!] : []), origin, String(i + 1), row].map(cell);
      return [...cells, values.get(id)![from + i]!, value, ...levels.map((level) => quantiles[level]![i]!)].join(",");
    });
  });
  return `${[head.map((name) => cell(String(name))).join(","), ...lines].join("\n")}\n`;
}
