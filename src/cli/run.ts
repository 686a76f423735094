import { isClassifier } from "../classification/classifier.js";
import { OptionError } from "../common/errors.js";
import { listNames, quote } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { characters, type Vocabulary } from "../data/vocabulary.js";
import { words } from "../data/words.js";
import type { GenerateOptions } from "../inference/generate-options.js";
import { createModel, type Model } from "../model/model.js";
import { type Preset, presets } from "../presets/presets.js";
import { SERIES_RECIPE, TEXT_RECIPE } from "../presets/recipes.js";
import { describeChoice } from "../series/choice-words.js";
import type { FitOptions } from "../series/fit-options.js";
import { createForecaster, getSeriesTransform, prepareSeries, type Series } from "../series/forecast.js";
import { type Forecaster, getForecaster, isForecaster, prepareForecaster } from "../series/forecaster.js";
import { UPDATE_OPTIONS } from "../series/forecaster-options.js";
import type { ColumnChoice } from "../tables/read-csv.js";
import type { TrainOptions } from "../training/options.js";
import { leftRun } from "../training/train.js";
import { newClassifierRun, resumedClassifierRun } from "./classifier-run.js";
import { loadModel, readVocabulary } from "./files.js";
import { given, optionsFrom, UsageError } from "./flags.js";
import { planMemory } from "./memory.js";
import { shownPath } from "./paths.js";
import { type Forecasting, type Numbers, type Run, resolved, type Text } from "./planned-run.js";
import { extendedVocabulary, rebuild } from "./rebuild.js";
import { keepSource, pathsOf, refuseElsewhere, type Source, storedSource } from "./source.js";
import { readSeries, type SeriesFile, tableReading } from "./tables.js";
import { checkEncoding, describeFiles, readTexts, STDIN, type TextReading, type Texts } from "./texts.js";
import {
  byHand,
  fitOptions,
  isForClassifier,
  modelOptions,
  refuseAnotherModel,
  seriesOptions,
  type TrainFlags,
  trainOptions,
  wordOptions,
} from "./train-flags.js";
import { encodeKnown, skipUnknownTokens } from "./unknown.js";

/** What to do about a validation text with unknown tokens. */
const VALIDATION_ADVICE =
  "--skip-unknown leaves them out of both texts; with --vocabulary FILE, a new model knows more characters than its text has";

/**
 * Prepares the run that the flags describe: a new one, or with --resume that of a checkpoint.
 *
 * @throws UsageError, OptionError, InputError, CheckpointError for invalid flags or files
 */
export async function planRun(flags: TrainFlags): Promise<Run> {
  if (flags.resume !== undefined) return resumedRun(flags, flags.resume);
  const { csv } = flags;
  if (isForClassifier(flags)) return newClassifierRun(flags);
  if (csv === undefined) return newTextRun(flags);
  return byHand(flags) === undefined ? newForecasterRun(flags, csv) : newCsvRun(flags, csv);
}

async function newTextRun(flags: TrainFlags): Promise<Run> {
  const { text: paths, encoding } = flags;
  const preset = flags.preset === undefined && paths !== undefined ? undefined : presetOf(flags.preset ?? "hamlet");
  const named: Source = {
    ...(paths === undefined ? { preset: flags.preset ?? "hamlet" } : { text: paths }),
    ...given({ validationText: flags["validation-text"], encoding, skipUnknown: flags["skip-unknown"] }),
  };
  const content = await readSource(named);
  const { validation } = content;
  // The files, not the folder: a folder may have others by the time the run is resumed.
  const source: Source = {
    ...named,
    ...(paths && { text: oneOrMore(content.files) }),
    ...(validation && { validationText: oneOrMore(validation.files) }),
  };
  const options: TrainOptions = {
    ...(preset?.training ?? TEXT_RECIPE.training),
    ...trainOptions(flags),
    ...(validation && { validationData: validation.text }),
  };
  const from = flags["init-from"];
  if (from !== undefined) {
    const { model, lowercase } = await startFrom(from, flags, content.text);
    return textRun(model, { ...source, ...given({ lowercase }) }, content, options);
  }
  const vocabulary = await vocabularyOf(content.text, flags, preset);
  const wanted = { ...preset?.model, ...modelOptions(flags) };
  const length = () => vocabulary.encode(content.text).length;
  const warning = planMemory({ model: wanted, training: options, vocabulary, length });
  const notice = together([content.notice, validation?.notice, warning]);
  return textRun(await createModel({ ...wanted, vocabulary }), source, { ...content, ...given({ notice }) }, options);
}

const oneOrMore = (files: readonly string[]): string | readonly string[] => (files.length === 1 ? files[0]! : files);

/** The vocabulary of a new model: that of the text, or that of --vocabulary. */
async function vocabularyOf(text: string, flags: TrainFlags, preset: Preset | undefined): Promise<Vocabulary> {
  if (flags.vocabulary !== undefined) return readVocabulary(flags.vocabulary);
  const splitting = wordOptions(flags) ?? (flags.level === undefined ? preset?.words : undefined);
  return splitting ? words(text, splitting) : characters(text, { lowercase: flags.lowercase });
}

/**
 * A model with the parameters of a checkpoint, for a new run.
 *
 * @returns also whether to lower-case the text for it
 */
async function startFrom(
  path: string,
  flags: TrainFlags,
  text: string,
): Promise<{ model: Model; lowercase: true | undefined }> {
  const { backend, seed } = modelOptions(flags);
  const model = await loadModel(path, backend, flags.vocabulary);
  refuseAnotherModel(flags, model.config, ["seed"]);
  const { vocabulary } = model;
  const { level = vocabulary.level } = flags;
  if (level !== vocabulary.level) throw new OptionError("level", `${vocabulary.level}, as in the checkpoint`, level);
  for (const [name, value] of Object.entries(wordOptions(flags, level) ?? {})) {
    const has = (vocabulary as unknown as Record<string, unknown>)[name];
    if (name !== "lowercase" && value !== has)
      throw new OptionError(name, `${has ?? "no value"}, as in the checkpoint`, value);
  }
  const cased = flags.lowercase ? text.toLowerCase() : text;
  const larger = flags["extend-vocabulary"] ? extendedVocabulary(vocabulary, cased) : vocabulary;
  const lowercase = flags.lowercase && !(vocabulary as { lowercase?: boolean }).lowercase ? true : undefined;
  if (larger === vocabulary && seed === undefined) return { model, lowercase };
  return { model: await rebuild(model, { vocabulary: larger, seed }), lowercase };
}

async function newForecasterRun(flags: TrainFlags, csv: string): Promise<Run> {
  const from = flags["init-from"];
  if (from !== undefined) return updatedForecasterRun(flags, csv, from);
  const table = tableReading(flags);
  const { encoding } = flags;
  const options = fitOptions(flags);
  const file = await readSeries(csv, columnsOf(options), table, { encoding });
  if (!flags.quiet && !flags.json) process.stderr.write("Trying how to represent the series on a validation part …\n");
  const { forecaster, examples, training } = await prepareForecaster(file.series, options);
  const source: Source = { csv, table, ...given({ encoding }) };
  return forecasterRun(forecaster, source, withShort(forecaster, file), examples, training);
}

/** A forecaster of --init-from that is trained further, on newer rows or other series. */
async function updatedForecasterRun(flags: TrainFlags, csv: string, from: string): Promise<Run> {
  const { backend = "saved" } = modelOptions(flags);
  const model = await loadModel(from, backend);
  if (!isForecaster(model))
    throw new UsageError(`--init-from: ${shownPath(from)} is no forecaster, so it cannot be trained on --csv`);
  refuseAnotherModel(flags, { ...model.config, ...windowOf(model) });
  const stored = storedSource(model);
  const table = { ...stored.table, ...tableReading(flags) };
  const encoding = flags.encoding;
  const before = getForecaster(model);
  const file = await readSeries(csv, before.reading, table, { encoding, fallback: stored.encoding });
  const options = { ...optionsFrom(UPDATE_OPTIONS, flags), training: trainOptions(flags) };
  const { forecaster, examples, training } = before.prepareUpdate(file.series, options);
  const source: Source = { csv, table, ...given({ encoding }) };
  return forecasterRun(forecaster, source, withShort(forecaster, file), examples, training);
}

/** The file with a note on series that are too short to hold rows out of. */
function withShort(forecaster: Forecaster, file: SeriesFile): SeriesFile {
  const short = file.series.filter(({ id }) => forecaster.trainedRows(id) === 0).map(({ id }) => id!);
  if (short.length === 0) return file;
  const which =
    short.length > 1 ? `${short.length} series (${listNames(short, "")})` : `the series ${quote(short[0]!)}`;
  const note = `learned nothing from ${which}, of which there ${short.length > 1 ? "are" : "is"} no more than is held out`;
  return { ...file, notes: [...file.notes, note] };
}

/** The columns that a forecaster is trained on. */
const columnsOf = ({ target, columns, knownFuture, static: statics }: FitOptions): ColumnChoice => ({
  columns: [target, ...(columns ?? [])],
  ...given({ knownFuture, static: statics }),
});

async function newCsvRun(flags: TrainFlags, csv: string): Promise<Run> {
  const table = tableReading(flags);
  const source: Source = { csv, table, ...given({ season: flags.season, encoding: flags.encoding }) };
  const series = seriesOptions(flags);
  const { encoding } = flags;
  const file = await readSeries(csv, { columns: [...series.columns, series.target] }, table, { encoding });
  const prepared = prepareSeries(file.series[0]!.columns, series);
  const options: TrainOptions = { ...SERIES_RECIPE.training, ...trainOptions(flags) };
  const model = await createForecaster(prepared, {
    hiddenSize: SERIES_RECIPE.model.hiddenSize,
    ...modelOptions(flags),
  });
  return seriesRun(model, source, file, prepared, options);
}

async function resumedRun(flags: TrainFlags, path: string): Promise<Run> {
  const { backend = "saved" } = modelOptions(flags);
  const model = await loadModel(path, backend);
  refuseAnotherModel(flags, isForecaster(model) ? { ...model.config, ...windowOf(model) } : model.config);
  if (isClassifier(model)) return resumedClassifierRun(flags, path, model);
  if (flags.ts !== undefined) throw new UsageError(`${shownPath(path)} was not trained on sequences: omit --ts`);
  const { csv, season, lowercase, encoding } = flags;
  const text = flags.text && oneOrMore(flags.text);
  const validationText = flags["validation-text"] && oneOrMore(flags["validation-text"]);
  if (validationText !== undefined && leftRun(model).validationFingerprint === undefined)
    throw new UsageError(`--validation-text: the run of ${shownPath(path)} is not evaluated on a text of its own`);
  const isSeries = model.input.kind === "continuous";
  if (isSeries ? text !== undefined : csv !== undefined)
    throw new UsageError(
      `${shownPath(path)} was trained on ${isSeries ? "a series: pass --csv" : "a text: pass --text"} FILE`,
    );
  const source: Source = {
    ...storedSource(model),
    ...given({ text, validationText, csv, season, lowercase, encoding }),
  };
  if (source.text === undefined && source.preset === undefined && source.csv === undefined)
    throw new UsageError(`${shownPath(path)} does not say what it was trained on: pass --text FILE or --csv FILE`);
  const options: TrainOptions = { ...trainOptions(flags), resume: true };
  // The user may name a pipe or any file; a checkpoint may only name a regular file below the current folder.
  const isGiven = { text: text !== undefined, validationText: validationText !== undefined, csv: csv !== undefined };
  for (const kind of ["text", "validationText", "csv"] as const)
    if (!isGiven[kind]) await refuseElsewhere(path, kind, pathsOf(source[kind]));
  if (source.csv === undefined) {
    const streams = { text: isGiven.text, validationText: isGiven.validationText };
    return textRun(model, source, await readSource(source, streams), options);
  }
  const reading = { streams: isGiven.csv };
  const how = { ...reading, encoding: source.encoding };
  if (isForecaster(model)) {
    if (season !== undefined)
      throw new UsageError("--season cannot be combined with --resume, which keeps the checkpoint's");
    const forecaster = getForecaster(model);
    const file = await readSeries(source.csv, forecaster.reading, source.table, how);
    return forecasterRun(forecaster, source, file, forecaster.examples(file.series), options);
  }
  const transform = getSeriesTransform(model);
  const file = await readSeries(source.csv, { columns: transform.config.columns }, source.table, how);
  return seriesRun(model, source, file, prepareSeries(file.series[0]!.columns, transform), options);
}

function textRun(model: Model, source: Source, content: Content, others: TrainOptions): Run {
  const { files, validation } = content;
  const preset = source.text === undefined ? presetOf(source.preset!) : undefined;
  const { vocabulary } = model;
  const isOwn = preset && vocabulary.level === (preset.words ? "word" : "char");
  const notices = [content.notice];
  const encode = (whole: string, what: string, advice: string) => {
    const cased = source.lowercase ? whole.toLowerCase() : whole;
    if (source.skipUnknown) {
      const { text, notice } = skipUnknownTokens(vocabulary, cased, what);
      notices.push(notice);
      return vocabulary.encode(text);
    }
    return encodeKnown(vocabulary, cased, others.resume ? "The run had another text" : advice, what);
  };
  const data = encode(
    content.text,
    "text",
    "With --init-from, --extend-vocabulary adds them to the model; --skip-unknown leaves them out of the text",
  );
  const options = {
    ...others,
    ...(validation && { validationData: encode(validation.text, "validation text", VALIDATION_ADVICE) }),
  };
  const subject: Text = { kind: "text", passage: isOwn ? preset.passage : passageAfter(model, data) };
  const run = {
    model,
    data,
    options,
    ...resolved(model, data, options),
    subject,
    ...given({ reportEvery: preset?.reportEvery, notice: together(notices) }),
  };
  keepSource(model, source);
  return { ...run, reads: { texts: files, validationTexts: validation?.files ?? [], csv: undefined } };
}

/** Lines to be said, if any. */
const together = (notices: readonly (string | undefined)[]): string | undefined =>
  notices.filter((line) => line !== undefined).join("\n") || undefined;

/** Rows that a forecaster was asked to read. */
const windowOf = (model: Model): { window: number } => ({ window: getForecaster(model).settings.window });

function forecasterRun(
  forecaster: Forecaster,
  source: Source,
  { series, notes }: SeriesFile,
  data: readonly Example[],
  options: TrainOptions,
): Run {
  const { model, choice } = forecaster;
  keepSource(model, source);
  const lines = [
    ...(notes.length === 0 ? [] : [`Table: ${notes.join("; ")}`]),
    ...(choice && choice.trials.length > 0 ? [describeChoice(choice)] : []),
  ];
  const notice = lines.length > 0 ? lines.join("\n") : undefined;
  const subject: Forecasting = { kind: "series", forecaster, series };
  const reads = { texts: [], validationTexts: [], csv: source.csv };
  return { model, data, options, ...resolved(model, data, options), subject, reads, ...given({ notice }) };
}

/** @throws OptionError for a season longer than the training data */
function seriesRun(
  model: Model,
  source: Source,
  { series: all, notes }: SeriesFile,
  { examples: data, testStart }: Series,
  options: TrainOptions,
): Run {
  const { season } = source;
  if (season !== undefined) checkInteger("season", season, 1, testStart);
  const series = all[0]!;
  const subject: Numbers = { kind: "numbers", table: series.columns, series, ...given({ season }) };
  keepSource(model, source);
  const reads = { texts: [], validationTexts: [], csv: source.csv };
  const notice = notes.length === 0 ? undefined : `Table: ${notes.join("; ")}`;
  return { model, data, options, ...resolved(model, data, options), subject, reads, ...given({ notice }) };
}

/** A text, the files that it comes from, and what is to be said of these. */
interface Content extends Pick<Texts, "text" | "files"> {
  readonly notice?: string;
  /** A text that the run is evaluated on. */
  readonly validation?: Content;
}

/** @param streams which of the texts may be pipes */
async function readSource(
  { preset, text, validationText, encoding }: Source,
  streams = { text: true, validationText: true },
): Promise<Content> {
  checkEncoding(encoding);
  if (pathsOf(text).includes(STDIN) && pathsOf(validationText).includes(STDIN))
    throw new UsageError("standard input can be read only once");
  const read = (paths: readonly string[], streams: boolean) => readContent(paths, { streams, encoding });
  const content =
    text === undefined ? { text: presetOf(preset!).text, files: [] } : await read(pathsOf(text), streams.text);
  if (validationText === undefined) return content;
  return { ...content, validation: await read(pathsOf(validationText), streams.validationText) };
}

async function readContent(paths: readonly string[], reading: TextReading): Promise<Content> {
  const texts = await readTexts(paths, reading);
  const isPlain = texts.files.length === 1 && texts.files[0] === paths[0];
  return { text: texts.text, files: texts.files, ...(isPlain ? {} : { notice: describeFiles(texts) }) };
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
