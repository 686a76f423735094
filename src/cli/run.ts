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

/** A training run that is about to begin or to go on. */
export interface Run {
  readonly model: Model;
  /** A text's tokens, or the windows of a series. */
  readonly data: Int32Array | readonly Example[];
  readonly options: TrainOptions;
  readonly config: TrainConfig;
  /** How many threads compute. */
  readonly threads: number;
  /** What the data are to a reader. */
  readonly subject: Text | Numbers;
  /** Of how many epochs each is worth a line where there is no terminal. */
  readonly reportEvery?: number;
  /** The files that the data come from, by the flags that name them. */
  readonly reads: { readonly text: string | undefined; readonly csv: string | undefined };
}

/** A text, and what the trained model is asked to write. */
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

/** Where a run's data come from. It is kept in the checkpoint, so that --resume alone finds them again. */
interface Source {
  readonly preset?: string;
  readonly text?: string;
  readonly csv?: string;
  readonly lowercase?: boolean;
  readonly season?: number;
}

/** The key of the source among the model's texts. */
const SOURCE = "source";

/**
 * The run that the flags ask for: a new one, or with --resume the one in a checkpoint.
 *
 * @throws UsageError, OptionError, InputError, CheckpointError for what cannot be
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

/** A model with the parameters of a checkpoint, to begin a run of its own. */
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
      `${shownPath(path)} was trained on ${isSeries ? "a series: give --csv" : "a text: give --text"} FILE`,
    );
  const source: Source = { ...storedSource(model), ...given({ text, csv, season, lowercase }) };
  if (source.text === undefined && source.preset === undefined && source.csv === undefined)
    throw new UsageError(
      `${shownPath(path)} does not say what it was trained on: give that with --text FILE or --csv FILE`,
    );
  const options: TrainOptions = { ...trainOptions(flags), resume: true };
  if (text === undefined && csv === undefined) await refuseElsewhere(path, source);
  // The user may name a pipe, a checkpoint only a file.
  const reading = { streams: (text ?? csv) !== undefined };
  if (source.csv === undefined) return textRun(model, source, await readSource(source, reading), options);
  const transform = getSeriesTransform(model);
  const table = await readTable(source.csv, transform.config.columns, reading);
  return seriesRun(model, source, table, prepareSeries(table, transform), options);
}

/**
 * Makes sure that a checkpoint, which may be anybody's, has no file read that has nothing to do with it.
 *
 * @throws UsageError, InputError where the user has to name the file
 */
async function refuseElsewhere(checkpoint: string, { text, csv }: Source): Promise<void> {
  const path = text ?? csv;
  if (path === undefined) return;
  const source = `${shownPath(checkpoint)} was trained on ${quote(path)}`;
  const advice = `say where it is with --${text === undefined ? "csv" : "text"} FILE`;
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

/** @throws OptionError for a season longer than the training part */
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

/** Keeps the source with the model. */
function noted(model: Model, source: Source): Run["reads"] {
  model.attributes.set(SOURCE, JSON.stringify(source));
  return { text: source.text, csv: source.csv };
}

/** What a checkpoint says of its data; nothing where that cannot be understood. */
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

/** The columns of a CSV file. */
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

/** A passage that goes on from the text's own beginning. */
function passageAfter({ vocabulary }: Model, tokens: Int32Array): GenerateOptions {
  const [promptLength, maxTokens] = vocabulary.level === "char" ? [16, 400] : [4, 80];
  return { prompt: vocabulary.decode(tokens.subarray(0, promptLength)), maxTokens, temperature: 0.8 };
}
