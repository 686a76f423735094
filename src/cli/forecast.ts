import { CREATE_OPTIONS } from "../model/options.js";
import { forecast, getSeriesTransform } from "../series/forecast.js";
import { forecastPlot } from "./chart.js";
import { checkWritable, loadModel, refuseSameFiles, writeWhole } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags, required } from "./flags.js";
import { readTable } from "./run.js";

const BACKEND: Record<string, Flag> = flagsOf("CREATE_OPTIONS", CREATE_OPTIONS);

const FLAGS = {
  model: { value: "FILE", help: "a checkpoint of lstm-wasm train --csv" },
  csv: { value: "FILE", help: "the series to go on from, with the columns that the model was trained on" },
  horizon: { value: "N", number: true, help: "rows to forecast (default 1)" },
  plot: { value: "FILE", help: "draw the target and its forecast as an SVG picture" },
  ...BACKEND,
  json: { help: 'one JSON object: {"target", "horizon", "forecast", "columns"}' },
  help: { help: "this text" },
} as const;

const HELP = `usage: lstm-wasm forecast --model FILE --csv FILE [options]

Goes on with a series, one row after the other, in the units of the file. Without
--json it prints a CSV table of the rows that follow.

options:
${describeFlags(FLAGS)}
`;

/** `lstm-wasm forecast`. */
export async function forecastCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const path = required("model", flags.model);
  const csv = required("csv", flags.csv);
  await refuseSameFiles({ model: path, csv, plot: flags.plot });
  if (flags.plot !== undefined) await checkWritable(flags.plot);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  const { columns, target } = getSeriesTransform(model).config;
  const table = await readTable(csv, columns);
  const horizon = flags.horizon ?? 1;
  const future = forecast(model, table, horizon);
  if (flags.plot !== undefined) {
    const title = `${target} and its forecast for ${horizon} rows`;
    await writeWhole(flags.plot, forecastPlot(Array.from(table[target]!), future[target]!, title));
  }
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ target, horizon, forecast: future[target], columns: future })}\n`);
    return 0;
  }
  const rows = future[target]!.map((_, i) => columns.map((name) => Number(future[name]![i]!.toPrecision(7))).join(","));
  process.stdout.write(`${[columns.map(quoted).join(","), ...rows].join("\n")}\n`);
  return 0;
}

/** A cell of CSV. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
