import { integer, resolveTraining, type TrainConfig, type TrainOptions } from "../config.js";
import { numericColumns } from "../data/csv.js";
import { characters } from "../data/vocabulary.js";
import { words } from "../data/words.js";
import type { Data } from "../dataset.js";
import { createForecaster, prepareSeries, type Table, transformOf } from "../forecast.js";
import type { GenerateOptions } from "../generate.js";
import { createModel, type Model } from "../model.js";
import { type Preset, presets } from "../presets/presets.js";
import { leftRun } from "../train.js";
import { loadModel, readText } from "./files.js";
import {
  modelOptions,
  refuseAnotherModel,
  refuseOddTogether,
  seriesOptions,
  type TrainFlags,
  trainOptions,
  wordOptions,
} from "./train-flags.js";
import { given, UsageError } from "./usage.js";

/** A training run that is about to begin or to go on. */
export interface Run {
  readonly model: Model;
  readonly data: Data;
  readonly options: TrainOptions;
  readonly config: TrainConfig;
  /** What the data are to a reader. */
  readonly subject: Text | Numbers;
  /** Of how many epochs each is worth a line where there is no terminal. */
  readonly reportEvery?: number;
}

/** A text, and what the trained model is asked to write. */
export interface Text {
  readonly kind: "text";
  readonly text: string;
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

/** What data get that have no preset of their own. */
const TEXT_TRAINING: TrainOptions = { clipNorm: 5 };
const CSV_TRAINING: TrainOptions = { epochs: 200, learningRate: 0.005, clipNorm: 5 };
const CSV_MODEL = { hiddenSize: 32 };

/**
 * The run that the flags ask for: a new one, or with --resume the one in a checkpoint.
 *
 * @throws UsageError, OptionError, InputError, FormatError for what cannot be
 */
export async function planRun(flags: TrainFlags): Promise<Run> {
  refuseOddTogether(flags);
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
  const options: TrainOptions = { ...(preset?.training ?? TEXT_TRAINING), ...trainOptions(flags) };
  const config = resolveTraining(options);
  const splitting = wordOptions(flags) ?? (flags.level === undefined ? preset?.words : undefined);
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model =
    flags["start-from"] === undefined
      ? await createModel({ ...preset?.model, ...modelOptions(flags), vocabulary })
      : await startFrom(flags["start-from"], flags);
  return runOf(model, source, text, options, config);
}

/** A model with the parameters of a checkpoint, to begin a run of its own. */
async function startFrom(path: string, flags: TrainFlags): Promise<Model> {
  const model = await loadModel(path, flags.backend, flags.vocabulary);
  refuseAnotherModel(flags, model.config);
  return model;
}

async function newCsvRun(flags: TrainFlags, csv: string): Promise<Run> {
  const source: Source = { csv, ...given({ season: flags.season }) };
  const series = seriesOptions(flags);
  const table = await readTable(csv, [...series.columns, series.target]);
  const prepared = prepareSeries(table, series);
  if (flags.season !== undefined) integer("season", flags.season, 1, prepared.testFrom);
  const options: TrainOptions = { ...CSV_TRAINING, ...trainOptions(flags) };
  const config = resolveTraining(options);
  const model = await createForecaster(prepared, { ...CSV_MODEL, ...modelOptions(flags) });
  return runOf(model, source, table, options, config);
}

async function resumedRun(flags: TrainFlags, path: string): Promise<Run> {
  const { backend } = modelOptions(flags);
  const model = await loadModel(path, backend);
  refuseAnotherModel(flags, model.config);
  const { text, csv, season, lowercase } = flags;
  const isSeries = model.input.kind === "values";
  if (isSeries ? text !== undefined : csv !== undefined)
    throw new UsageError(`${path} was trained on ${isSeries ? "a series: give --csv" : "a text: give --text"} FILE`);
  const source: Source = { ...storedSource(model), ...given({ text, csv, season, lowercase }) };
  if (source.text === undefined && source.preset === undefined && source.csv === undefined)
    throw new UsageError(`${path} does not say what it was trained on: give that with --text FILE or --csv FILE`);
  const data =
    source.csv === undefined
      ? await readSource(source)
      : await readTable(source.csv, transformOf(model).config.columns);
  const config = resolveTraining(trainOptions(flags), leftRun(model).config);
  return runOf(model, source, data, { ...trainOptions(flags), resume: true }, config);
}

function runOf(model: Model, source: Source, data: string | Table, options: TrainOptions, config: TrainConfig): Run {
  model.metadata.set(SOURCE, JSON.stringify(source));
  if (typeof data !== "string") {
    const { examples } = prepareSeries(data, transformOf(model));
    return {
      model,
      data: examples,
      options,
      config,
      subject: { kind: "numbers", table: data, ...given({ season: source.season }) },
    };
  }
  const preset = source.text === undefined ? presetOf(source.preset!) : undefined;
  const isOwn = preset && model.vocabulary.level === (preset.words ? "word" : "char");
  const passage = isOwn ? preset.passage : passageAfter(model, data);
  const subject: Text = { kind: "text", text: data, passage };
  return { model, data, options, config, subject, ...given({ reportEvery: preset?.reportEvery }) };
}

/** What a checkpoint says of its data; nothing where that cannot be understood. */
function storedSource(model: Model): Source {
  try {
    const { preset, text, csv, lowercase, season } = JSON.parse(model.metadata.get(SOURCE) ?? "{}") as Record<
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

async function readSource({ preset, text, lowercase }: Source): Promise<string> {
  const whole = text === undefined ? presetOf(preset!).text : await readText(text);
  return lowercase ? whole.toLowerCase() : whole;
}

/** The columns of a CSV file. */
export async function readTable(path: string, columns: readonly string[]): Promise<Table> {
  return Object.fromEntries(numericColumns(await readText(path), [...new Set(columns)]));
}

function presetOf(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets];
  throw new UsageError(`--preset: expected one of ${Object.keys(presets).join(", ")}, got ${JSON.stringify(name)}`);
}

/** A passage that goes on from the text's own beginning. */
function passageAfter({ vocabulary }: Model, text: string): GenerateOptions {
  const start = [...text.slice(0, 64)].slice(0, 16).join("");
  const prompt = vocabulary.level === "char" ? start : vocabulary.decode(vocabulary.encode(text).slice(0, 4));
  return { prompt, length: vocabulary.level === "char" ? 400 : 80, temperature: 0.8 };
}
