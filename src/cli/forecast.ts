import { display, toJson } from "../common/show.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { forecast, getSeriesTransform } from "../series/forecast.js";
import type { TimeSeries } from "../tables/time-series.js";
import { forecastPlot } from "./chart.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags, required } from "./flags.js";
import { refuseSameFiles, targetOf } from "./paths.js";
import { storedSource } from "./source.js";
import { readSeries, TABLE_FLAGS, tableReading } from "./tables.js";
import { checkWritable, writeWhole } from "./write.js";

const BACKEND: Record<string, Flag> = flagsOf("CREATE_OPTIONS", CREATE_OPTIONS);

export const FORECAST_FLAGS = {
  model: { value: "FILE", help: "checkpoint from lstm-wasm train --csv" },
  csv: { value: "FILE", help: "series to continue, with the columns that the model was trained on" },
  encoding: { value: "LABEL", help: "encoding of the file (default UTF-8, or UTF-16 if the bytes show it)" },
  ...TABLE_FLAGS,
  horizon: { value: "N", number: true, help: "rows to forecast (default 1)" },
  plot: { value: "FILE", help: "draw the target and its forecast as an SVG picture" },
  ...BACKEND,
  json: { help: 'print one JSON object: {"target", "horizon", "rows": [{"date", "mean"}], "forecast", "columns"}' },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm forecast --model FILE --csv FILE [options]

Continues a series, row by row, in the units of the file. Prints the new rows as CSV
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
  const path = required("model", flags.model);
  const csv = required("csv", flags.csv);
  await refuseSameFiles({ model: path, csv, plot: flags.plot });
  const plot = flags.plot === undefined ? undefined : await targetOf(flags.plot);
  if (plot) await checkWritable(plot);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  const { columns, target } = getSeriesTransform(model).config;
  const reading = { ...storedSource(model).table, ...tableReading(flags) };
  const { series, table, notes } = await readSeries(csv, columns, reading, { encoding: flags.encoding });
  if (notes.length > 0) process.stderr.write(`Table: ${notes.join("; ")}\n`);
  const horizon = flags.horizon ?? 1;
  const future = forecast(model, table, horizon);
  const dates = datesAfter(series, horizon);
  if (flags.json) {
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
    const ends = dates && series.times && [series.frequency!.format(series.times[0]!), dates.at(-1)!];
    await writeWhole(plot, forecastPlot(Array.from(table[target]!), future[target]!, title, ends));
  }
  return 0;
}

/** The dates of the rows after a series' last one, if it has dates. */
function datesAfter({ times, frequency }: TimeSeries, horizon: number): string[] | undefined {
  const last = times?.at(-1);
  if (last === undefined || !frequency) return undefined;
  return Array.from({ length: horizon }, (_, i) => frequency.format(frequency.after(last, i + 1)));
}

/** A column's name as a CSV cell. */
function cell(name: string): string {
  const shown = display(name);
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
