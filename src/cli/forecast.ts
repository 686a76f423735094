import { display, quote, toJson } from "../common/show.js";
import type { Model } from "../model/model.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { forecast, getSeriesTransform } from "../series/forecast.js";
import { type Forecaster, getForecaster, isForecaster } from "../series/forecaster.js";
import { datesOf, timesOf } from "../series/target-series.js";
import type { TimeSeries } from "../tables/time-series.js";
import { stacked } from "./chart.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, given, optionsFrom, parseFlags } from "./flags.js";
import { refuseSameFiles, type Target, targetOf } from "./paths.js";
import { readForModel, SERIES_FILE_FLAGS, seriesFileOf } from "./series-files.js";
import { fanOf, forecastPlot, MOST_DRAWN } from "./series-plot.js";
import { cell } from "./tables.js";
import { checkWritable, writeWhole } from "./write.js";

const BACKEND: Record<string, Flag> = flagsOf("CREATE_OPTIONS", CREATE_OPTIONS);

export const FORECAST_FLAGS = {
  ...SERIES_FILE_FLAGS,
  horizon: { value: "N", number: true, help: "rows to forecast (default: as many as the model was trained for)" },
  plot: { value: "FILE", help: "draw the target and its forecast as an SVG picture, of up to 12 series" },
  ...BACKEND,
  json: { help: 'print one JSON object: {"target", "horizon", "rows": [{"id", "date", "mean"}]}' },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm forecast --model FILE --csv FILE [options]

Continues a series, or each of several, in the units of the file. Prints the new rows as CSV
unless --json is given. The table is read as it was for training, unless flags say
otherwise.

options:
${describeFlags(FORECAST_FLAGS)}
`;

/** `lstm-wasm forecast`. */
export async function forecastCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FORECAST_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { model: path, file } = seriesFileOf(flags);
  await refuseSameFiles({ model: path, csv: file, plot: flags.plot });
  const plot = flags.plot === undefined ? undefined : await targetOf(flags.plot);
  if (plot) await checkWritable(plot);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  const choice = isForecaster(model)
    ? getForecaster(model).reading
    : { columns: getSeriesTransform(model).config.columns };
  const series = await readForModel(model, choice, file, flags);
  const print = { json: flags.json ?? false, plot };
  if (isForecaster(model)) {
    const forecaster = getForecaster(model);
    await printForecasts(forecaster, forecastable(forecaster, series), flags.horizon, print);
  } else await printRecursive(model, series, flags.horizon ?? 1, print);
  return 0;
}

/** Series that are named where they are left out. */
const MOST_NAMED = 10;

/** Those of several series of which there is something to forecast. Says on stderr which others there are, and why. */
function forecastable(forecaster: Forecaster, series: readonly TimeSeries[]): readonly TimeSeries[] {
  const others = series.length > 1 ? forecaster.unforecastable(series) : [];
  // Without any, the forecast itself says why.
  if (others.length === 0 || others.length === series.length) return series;
  for (const { id, reason } of others.slice(0, MOST_NAMED))
    process.stderr.write(`Left out the series ${quote(id!)}: ${reason}\n`);
  if (others.length > MOST_NAMED) process.stderr.write(`Left out ${others.length - MOST_NAMED} more\n`);
  const left = new Set(others.map(({ id }) => id));
  return series.filter(({ id }) => !left.has(id));
}

/** What is done with a forecast, besides printing a table. */
interface Printing {
  /** Prints JSON in its place. */
  readonly json: boolean;
  /** Draws it. */
  readonly plot: Target | undefined;
}

async function printForecasts(
  forecaster: Forecaster,
  series: readonly TimeSeries[],
  horizon: number | undefined,
  { json, plot }: Printing,
): Promise<void> {
  const { target } = forecaster.settings;
  const forecasts = await forecaster.predict(series, { horizon });
  const { quantiles: levels } = forecaster.settings;
  const rows = forecasts.flatMap(({ id, dates, mean, quantiles }) =>
    mean.map((value, i) => {
      const bounds = Object.fromEntries(levels.map((level) => [level, quantiles[level]![i]!]));
      return { ...given({ id, date: dates?.[i] }), mean: value, ...(levels.length > 0 ? { quantiles: bounds } : {}) };
    }),
  );
  const [first] = forecasts;
  const steps = first!.mean.length;
  if (json) {
    const alone = forecasts.length === 1 ? { forecast: first!.mean } : {};
    process.stdout.write(`${toJson({ target, horizon: steps, rows, ...alone })}\n`);
  } else {
    const names = ["id", "date", "mean"].filter((name) => Object.hasOwn(rows[0]!, name));
    const head = names.map((name) => (name === "mean" ? cell(target) : name));
    head.push(...levels.map((level) => cell(`${target} ${level}`)));
    const lines = rows.map((row) => {
      const cells = names.map((name) => cell(String(row[name as keyof typeof row])));
      return [...cells, ...levels.map((level) => row.quantiles![level]!)].join(",");
    });
    process.stdout.write(`${[head.join(","), ...lines].join("\n")}\n`);
  }
  // Last, because it may fail.
  if (!plot) return;
  const pictures = series.slice(0, MOST_DRAWN).map((one, s) => {
    const of = one.id === undefined ? "" : ` of ${display(one.id, 60)}`;
    const title = `${target}${of} and its forecast for ${steps} rows`;
    const known = Array.from(one.columns[target]!);
    const times = timesOf(one, 0, known.length + steps);
    return forecastPlot(known, forecasts[s]!.mean, title, { unit: target, times, bands: fanOf(forecasts[s]!) });
  });
  await writeWhole(plot, stacked(pictures));
}

/** Forecasts of all columns, one step at a time. */
async function printRecursive(
  model: Model,
  [series]: readonly TimeSeries[],
  horizon: number,
  { json, plot }: Printing,
): Promise<void> {
  const { columns, target } = getSeriesTransform(model).config;
  const table = series!.columns;
  const future = forecast(model, table, horizon);
  const dates = datesOf(series!, table[target]!.length, horizon);
  if (json) {
    const rows = future[target]!.map((mean, i) => ({ ...(dates ? { date: dates[i]! } : {}), mean }));
    process.stdout.write(`${toJson({ target, horizon, rows, forecast: future[target], columns: future })}\n`);
  } else {
    const head = [...(dates ? ["date"] : []), ...columns.map(cell)];
    const row = (_: unknown, i: number) =>
      [...(dates ? [dates[i]!] : []), ...columns.map((name) => future[name]![i]!)].join(",");
    process.stdout.write(`${[head.join(","), ...future[target]!.map(row)].join("\n")}\n`);
  }
  // Last, because it may fail.
  if (plot) {
    const title = `${target} and its forecast for ${horizon} rows`;
    const known = Array.from(table[target]!);
    const times = timesOf(series!, 0, known.length + horizon);
    await writeWhole(plot, forecastPlot(known, future[target]!, title, { unit: target, times }));
  }
}
