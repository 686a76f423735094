import type { Model } from "../model/model.js";
import type { ColumnChoice } from "../tables/read-csv.js";
import type { TimeSeries } from "../tables/time-series.js";
import { type Flag, required, type Values } from "./flags.js";
import { storedSource } from "./source.js";
import { readSeries, seriesPath, TABLE_FLAGS, tableReading } from "./tables.js";

const FILES = {
  model: { value: "FILE", help: "checkpoint from lstm-wasm train --csv" },
  csv: { value: "FILE", help: "series, with the columns that the model was trained on" },
  tsf: { value: "FILE", help: "series of a .tsf file, in its place" },
  encoding: {
    value: "LABEL",
    help: "encoding of the file (default UTF-8, or UTF-16 if the bytes show it, or that of the file trained on)",
  },
} as const satisfies Record<string, Flag>;

/** Flags of a model and the series that it is for. */
export const SERIES_FILE_FLAGS = { ...FILES, ...TABLE_FLAGS } as const;

type FileFlags = Values<typeof FILES> & Readonly<Record<string, unknown>>;

/** The files of a model and of its series. @throws UsageError unless there is one of each */
export function seriesFileOf(flags: FileFlags): { model: string; file: string } {
  return { model: required("model", flags.model), file: required("csv", seriesPath(flags)) };
}

/** Reads series as those that a model was trained on, unless flags say otherwise. Says on stderr what it had to mend. */
export async function readForModel(
  model: Model,
  choice: ColumnChoice,
  file: string,
  flags: FileFlags,
): Promise<readonly TimeSeries[]> {
  const { table, encoding: fallback } = storedSource(model);
  const reading = { ...table, ...tableReading(flags) };
  const { series, notes } = await readSeries(file, choice, reading, { encoding: flags.encoding, fallback });
  if (notes.length > 0) process.stderr.write(`Table: ${notes.join("; ")}\n`);
  return series;
}
