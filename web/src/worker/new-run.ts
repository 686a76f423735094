import {
  characters,
  createForecaster,
  createModel,
  InputError,
  OptionError,
  parseCsvColumns,
  prepareSeries,
  type Series,
  type SeriesOptions,
  words,
} from "lstm-wasm";
import type { Content, Plan, SeriesPlan, TextPlan } from "../protocol.js";
import { noteSource, type Run, withNote } from "./run.js";

/**
 * The run that a plan asks for, before its first step.
 *
 * @throws OptionError, InputError, BackendError, OutOfMemoryError for what cannot be
 */
export function newRun(plan: Plan): Promise<Run> {
  return plan.kind === "text" ? newTextRun(plan) : newSeriesRun(plan);
}

async function newTextRun({ content, words: splitting, model: options }: TextPlan): Promise<Run> {
  const { text, preset, file } = content;
  if (text.length === 0) throw new InputError("there is no text yet: paste one, or drop a file");
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model = await createModel({ ...options, vocabulary });
  noteSource(model, { ...(preset ? { preset } : file ? { text: file } : {}) });
  return { kind: "text", content, data: vocabulary.encode(text), ...withNote(model, options.backend) };
}

async function newSeriesRun({ content, series: how, season, model: options }: SeriesPlan): Promise<Run> {
  const series = prepareSeries(tableOf(content, columnsOf(how)), how);
  const { testStart } = series;
  if (season !== undefined && !(Number.isInteger(season) && season >= 1 && season <= testStart))
    throw new OptionError("season", `an integer from 1 to ${testStart}, or nothing`, season);
  const model = await createForecaster(series, options);
  noteSource(model, {
    ...(content.file ? { csv: content.file } : {}),
    ...(season === undefined ? {} : { season }),
  });
  return seriesRun(content, series, withNote(model, options.backend), season);
}

/** A run of prepared series. */
export const seriesRun = (
  content: Content,
  { examples }: Series,
  made: Pick<Run, "model" | "note">,
  season: number | undefined,
): Run => ({ kind: "series", content, data: examples, ...made, ...(season === undefined ? {} : { season }) });

/** @throws InputError for a cell that is no number, or a damaged table */
export const tableOf = (content: Content, columns: readonly string[]): Record<string, Float64Array> =>
  Object.fromEntries(parseCsvColumns(content.text, columns));

const columnsOf = ({ columns, target }: SeriesOptions): string[] => [...new Set([...columns, target])];
