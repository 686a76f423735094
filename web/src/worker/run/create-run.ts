import { characters, createModel, InputError, OptionError, words } from "lstm-wasm";
import {
  createForecaster,
  prepareSeries,
  readCsv,
  type Series,
  type SeriesOptions,
  type Table,
} from "lstm-wasm/forecast";
import type { Content, RunConfig, SeriesRunConfig, TextRunConfig } from "../../common/protocol.js";
import { type Run, recordSource, withNote } from "./run.js";

/**
 * Creates a run, ready for its first step.
 *
 * @throws OptionError, InputError, BackendError, OutOfMemoryError
 */
export function createRun(config: RunConfig): Promise<Run> {
  return config.kind === "text" ? createTextRun(config) : createSeriesRun(config);
}

async function createTextRun({ content, words: splitting, model: options }: TextRunConfig): Promise<Run> {
  const { text, preset, file } = content;
  if (text.length === 0) throw new InputError("there is no text yet: paste some, or drop a file");
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model = await createModel({ ...options, vocabulary });
  recordSource(model, { ...(preset ? { preset } : file ? { text: file } : {}) });
  return { kind: "text", content, data: vocabulary.encode(text), ...withNote(model, options.backend) };
}

async function createSeriesRun({
  content,
  series: seriesOptions,
  season,
  model: options,
}: SeriesRunConfig): Promise<Run> {
  const series = prepareSeries(tableOf(content, columnsOf(seriesOptions)), seriesOptions);
  const { testStart } = series;
  if (season !== undefined && !(Number.isInteger(season) && season >= 1 && season <= testStart))
    throw new OptionError("season", `an integer from 1 to ${testStart}, or nothing`, season);
  const model = await createForecaster(series, options);
  recordSource(model, {
    ...(content.file ? { csv: content.file } : {}),
    ...(season === undefined ? {} : { season }),
  });
  return seriesRun(content, series, withNote(model, options.backend), season);
}

/** A run on a prepared series. */
export const seriesRun = (
  content: Content,
  { examples }: Series,
  model: Pick<Run, "model" | "note">,
  season: number | undefined,
): Run => ({ kind: "series", content, data: examples, ...model, ...(season === undefined ? {} : { season }) });

/** @throws InputError for a cell that is not a number, or a malformed table */
export const tableOf = (content: Content, columns: readonly string[]): Table =>
  readCsv(content.text, { columns }).series[0]!.columns;

const columnsOf = ({ columns, target }: SeriesOptions): string[] => [...new Set([...columns, target])];
