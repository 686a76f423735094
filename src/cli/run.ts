import { InputError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import { quote } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { characters } from "../data/vocabulary.js";
import { words } from "../data/words.js";
import type { GenerateOptions } from "../inference/generate.js";
import { createModel, type Model } from "../model/model.js";
import { type Preset, presets } from "../presets/presets.js";
import { SERIES_RECIPE, TEXT_RECIPE } from "../presets/recipes.js";
import { parseCsvColumns } from "../series/csv.js";
import { createForecaster, getSeriesTransform, prepareSeries, type Series, type Table } from "../series/forecast.js";
import type { TrainConfig, TrainOptions } from "../training/options.js";
import { resolveRun, threadCount } from "../training/resolve.js";
import { leftRun } from "../training/train.js";
import { loadModel, readText } from "./files.js";
import { given, UsageError } from "./flags.js";
import { isBelowHere, reason, shownPath } from "./paths.js";
import {
  modelOptions,
  refuseAnotherModel,
  seriesOptions,
  type TrainFlags,
  trainOptions,
  wordOptions,
} from "./train-flags.js";

/** A training run that is about to start or resume. */
export interface Run {
  readonly model: Model;
  /** A text's tokens, or the windows of a series. */
  readonly data: Int32Array | readonly Example[];
  readonly options: TrainOptions;
  readonly config: TrainConfig;
  /** Threads that compute. */
  readonly threads: number;
  /** What kind of data they are. */
  readonly subject: Text | Numbers;
  /** Epochs per line of progress without a terminal. */
  readonly reportEvery?: number;
  /** The files that the data come from, by flag. */
  readonly reads: { readonly text: string | undefined; readonly csv: string | undefined };
}

/** A text, and the passage that the trained model generates. */
export interface Text {
  readonly kind: "text";
  readonly passage: GenerateOptions;
}

/** Numeric series. */
export interface Numbers {
  readonly kind: "numbers";
  readonly table: Table;
  readonly season?: number;
}

/** Where a run's data come from. Stored in the checkpoint, so that --resume finds them again. */
interface Source {
  readonly preset?: string;
  readonly text?: string;
  readonly csv?: string;
  readonly lowercase?: boolean;
  readonly season?: number;
}

/** The attribute of the source. */
const SOURCE = "source";

/**
 * Prepares the run that the flags describe: a new one, or with --resume that of a checkpoint.
 *
 * @throws UsageError, OptionError, InputError, CheckpointError for invalid flags or files
 */
export async function planRun(flags: TrainFlags): Promise<Run> {
  if (flags.resume !== undefined) return resumedRun(flags, flags.resume);
  const { csv } = flags;
  return csv === undefined ? newTextRun(flags) : newCsvRun(flags, csv);
}

async function newTextRun(flags: TrainFlags): Promise<Run> {
  const preset =
    flags.preset === undefined && flags.text !== undefined ? undefined : presetOf(flags.preset ?? "hamlet");
  const source: Source = {
    ...(flags.text === undefined ? { preset: flags.preset ?? "hamlet" } : { text: flags.text }),
    ...given({ lowercase: flags.lowercase }),
  };
  const text = await readSource(source);
  const options: TrainOptions = { ...(preset?.training ?? TEXT_RECIPE.training), ...trainOptions(flags) };
  const splitting = wordOptions(flags) ?? (flags.level === undefined ? preset?.words : undefined);
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model =
    flags["init-from"] === undefined
      ? await createModel({ ...preset?.model, ...modelOptions(flags), vocabulary })
      : await startFrom(flags["init-from"], flags);
  return textRun(model, source, text, options);
}

/** A model with the parameters of a checkpoint, for a new run. */
async function startFrom(path: string, flags: TrainFlags): Promise<Model> {
  const model = await loadModel(path, modelOptions(flags).backend, flags.vocabulary);
  refuseAnotherModel(flags, model.config);
  return model;
}

async function newCsvRun(flags: TrainFlags, csv: string): Promise<Run> {
  const source: Source = { csv, ...given({ season: flags.season }) };
  const series = seriesOptions(flags);
  const table = await readTable(csv, [...series.columns, series.target]);
  const prepared = prepareSeries(table, series);
  const options: TrainOptions = { ...SERIES_RECIPE.training, ...trainOptions(flags) };
  const model = await createForecaster(prepared, {
    hiddenSize: SERIES_RECIPE.model.hiddenSize,
    ...modelOptions(flags),
  });
  return seriesRun(model, source, table, prepared, options);
}

async function resumedRun(flags: TrainFlags, path: string): Promise<Run> {
  const { backend } = modelOptions(flags);
  const model = await loadModel(path, backend);
  refuseAnotherModel(flags, model.config);
  const { text, csv, season, lowercase } = flags;
  const isSeries = model.input.kind === "continuous";
  if (isSeries ? text !== undefined : csv !== undefined)
    throw new UsageError(
      `${shownPath(path)} was trained on ${isSeries ? "a series: pass --csv" : "a text: pass --text"} FILE`,
    );
  const source: Source = { ...storedSource(model), ...given({ text, csv, season, lowercase }) };
  if (source.text === undefined && source.preset === undefined && source.csv === undefined)
    throw new UsageError(`${shownPath(path)} does not say what it was trained on: pass --text FILE or --csv FILE`);
  const options: TrainOptions = { ...trainOptions(flags), resume: true };
  if (text === undefined && csv === undefined) await refuseElsewhere(path, source);
  // The user may name a pipe; a checkpoint may only name a regular file.
  const reading = { streams: (text ?? csv) !== undefined };
  if (source.csv === undefined) return textRun(model, source, await readSource(source, reading), options);
  const transform = getSeriesTransform(model);
  const table = await readTable(source.csv, transform.config.columns, reading);
  return seriesRun(model, source, table, prepareSeries(table, transform), options);
}

/**
 * Keeps an untrusted checkpoint from having unrelated files read.
 *
 * @throws UsageError, InputError if the user has to name the file
 */
async function refuseElsewhere(checkpoint: string, { text, csv }: Source): Promise<void> {
  const path = text ?? csv;
  if (path === undefined) return;
  const source = `${shownPath(checkpoint)} was trained on ${quote(path)}`;
  const advice = `pass it with --${text === undefined ? "csv" : "text"} FILE`;
  const isBelow = await isBelowHere(path).catch((error) => {
    throw new InputError(`${source}, which cannot be read: ${reason(error)}. If it has moved, ${advice}`);
  });
  if (!isBelow) throw new UsageError(`${source}, which is not in the current folder or below it: ${advice}`);
}

function textRun(model: Model, source: Source, text: string, options: TrainOptions): Run {
  const preset = source.text === undefined ? presetOf(source.preset!) : undefined;
  const isOwn = preset && model.vocabulary.level === (preset.words ? "word" : "char");
  const data = model.vocabulary.encode(text);
  const subject: Text = { kind: "text", passage: isOwn ? preset.passage : passageAfter(model, data) };
  const run = {
    model,
    data,
    options,
    ...resolved(model, data, options),
    subject,
    ...given({ reportEvery: preset?.reportEvery }),
  };
  return { ...run, reads: noted(model, source) };
}

/** @throws OptionError for a season longer than the training data */
function seriesRun(
  model: Model,
  source: Source,
  table: Table,
  { examples: data, testStart }: Series,
  options: TrainOptions,
): Run {
  const { season } = source;
  if (season !== undefined) checkInteger("season", season, 1, testStart);
  const subject: Numbers = { kind: "numbers", table, ...given({ season }) };
  return { model, data, options, ...resolved(model, data, options), subject, reads: noted(model, source) };
}

function resolved(model: Model, data: Run["data"], options: TrainOptions): Pick<Run, "config" | "threads"> {
  const config = resolveRun(model, data, options, options.resume ? leftRun(model).config : undefined);
  const threads = model.engine.isShared ? threadCount(model, data, config, options.threads ?? 0) : 1;
  return { config, threads };
}

/** Stores the source with the model. */
function noted(model: Model, source: Source): Run["reads"] {
  model.attributes.set(SOURCE, JSON.stringify(source));
  return { text: source.text, csv: source.csv };
}

/** The source stored in a checkpoint; empty if it is missing or invalid. */
function storedSource(model: Model): Source {
  try {
    const { preset, text, csv, lowercase, season } = parseJson(model.attributes.get(SOURCE) ?? "{}") as Record<
      string,
      unknown
    >;
    const isText = (value: unknown) => (typeof value === "string" ? value : undefined);
    return given<Source>({
      preset: isText(preset),
      text: isText(text),
      csv: isText(csv),
      lowercase: lowercase === true ? true : undefined,
      season: typeof season === "number" ? season : undefined,
    });
  } catch {
    return {};
  }
}

async function readSource({ preset, text, lowercase }: Source, reading?: { streams: boolean }): Promise<string> {
  const whole = text === undefined ? presetOf(preset!).text : await readText(text, reading);
  return lowercase ? whole.toLowerCase() : whole;
}

/** Reads columns of a CSV file. */
export async function readTable(
  path: string,
  columns: readonly string[],
  reading?: { streams: boolean },
): Promise<Table> {
  return Object.fromEntries(parseCsvColumns(await readText(path, reading), [...new Set(columns)]));
}

function presetOf(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets];
  throw new UsageError(`--preset: expected one of ${Object.keys(presets).join(", ")}, got ${quote(name)}`);
}

/** A passage that continues the beginning of the text. */
function passageAfter({ vocabulary }: Model, tokens: Int32Array): GenerateOptions {
  const [promptLength, maxTokens] = vocabulary.level === "char" ? [16, 400] : [4, 80];
  return { prompt: vocabulary.decode(tokens.subarray(0, promptLength)), maxTokens, temperature: 0.8 };
}
