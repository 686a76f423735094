import { toJson } from "../common/show.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { getForecaster } from "../series/forecaster.js";
import { DETECT_OPTIONS } from "../series/forecaster-options.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags } from "./flags.js";
import { readForModel, SERIES_FILE_FLAGS, seriesFileOf } from "./series-files.js";
import { cell } from "./tables.js";

export const DETECT_FLAGS = {
  ...SERIES_FILE_FLAGS,
  from: {
    value: "N",
    number: true,
    help: "first row to look at, counted from 0 (default: the first that was not trained on)",
  },
  ...(flagsOf("CREATE_OPTIONS", CREATE_OPTIONS) as Record<string, Flag>),
  json: {
    help: 'print one JSON object: {"target", "outside": [{"id", "row", "date", "value", "low", "high", "score"}]}',
  },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm detect --model FILE --csv FILE [options]

Finds the rows outside the interval that the model, trained with --quantiles, forecasts
for them from the rows before. Prints them as CSV unless --json is given: a score of 2
is twice as far from the middle as the end of the interval.

options:
${describeFlags(DETECT_FLAGS)}
`;

/** `lstm-wasm detect`. */
export async function detectCommand(args: string[]): Promise<number> {
  const flags = parseFlags(DETECT_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { model: path, file } = seriesFileOf(flags);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  const forecaster = getForecaster(model);
  const series = await readForModel(model, forecaster.reading, file, flags);
  const outside = await forecaster.detect(series, optionsFrom(DETECT_OPTIONS, flags));
  if (flags.json) {
    process.stdout.write(`${toJson({ target: forecaster.settings.target, outside })}\n`);
    return 0;
  }
  const hasId = series.some(({ id }) => id !== undefined);
  const lines = outside.map(({ id, row, date, value, low, high, score }) => {
    const place = [...(hasId ? [id!] : []), date ?? String(row)].map(cell);
    return [...place, value, low, high, score.toPrecision(4)].join(",");
  });
  const isDated = series.every(({ times }) => times !== undefined);
  const head = [...(hasId ? ["id"] : []), isDated ? "date" : "row", "value", "low", "high", "score"];
  process.stdout.write(`${[head.join(","), ...lines].join("\n")}\n`);
  return 0;
}
