import type { ClassifierOptions } from "../classification/classifier.js";
import { READING_OPTIONS } from "../classification/frames.js";
import { OptionError } from "../common/errors.js";
import { refuseIneffective } from "../common/options.js";
import { WORD_OPTIONS, type WordOptions } from "../data/words.js";
import { MPI_OPTIONS, type MpiOptions } from "../distributed/options.js";
import { CREATE_OPTIONS, MODEL_OPTIONS, type ModelConfig, type ModelOptions } from "../model/options.js";
import { presets } from "../presets/presets.js";
import { SERIES_RECIPE, TEXT_RECIPE } from "../presets/recipes.js";
import type { FitOptions } from "../series/fit-options.js";
import { FORECASTER_OPTIONS } from "../series/options.js";
import { SERIES_OPTIONS, type SeriesOptions } from "../series/transform.js";
import { splitNames } from "../tables/names.js";
import { TSF_COLUMN } from "../tables/tsf.js";
import { EXECUTION_OPTIONS, TRAIN_OPTIONS, type TrainOptions, trainingSpecs } from "../training/options.js";
import { describeFlags, type Flag, flagsOf, given, optionsFrom, UsageError, type Values } from "./flags.js";
import type { Run } from "./planned-run.js";
import { SEQUENCE_FLAGS } from "./sequences.js";
import { ONLY_TABLES, seriesPath, TABLE_FLAGS } from "./tables.js";
import { STDIN } from "./texts.js";

/** Options without a derived flag: the data determine them, or a flag below does. */
const NO_FLAG = {
  model: ["inputSize", "outputSize", "classes", "returnSequences", "head", "quantiles"],
  words: ["lowercase"],
  series: ["columns", "target", "window"],
  forecaster: [
    ...["target", "columns", "knownFuture", "static", "window", "testFraction", "testRows"],
    ...["transform", "difference", "scaling", "quantiles"],
  ],
  train: ["stratify", "classWeights", "frozen"],
  execution: ["resume", "signal", "progressInterval", "processGroup"],
} as const;

/** "default 128, with --csv 32": for defaults that differ for series. */
const forSeries = (usual: unknown, series: unknown): string => `${usual}, with --csv ${series}`;
const SERIES_DEFAULTS = {
  window: forSeries(MODEL_OPTIONS.window.default, SERIES_RECIPE.model.window),
  hiddenSize: forSeries(MODEL_OPTIONS.hiddenSize.default, SERIES_RECIPE.model.hiddenSize),
  epochs: forSeries(TRAIN_OPTIONS.epochs.default, SERIES_RECIPE.training.epochs),
  learningRate: forSeries(TRAIN_OPTIONS.learningRate.default, SERIES_RECIPE.training.learningRate),
  clipNorm: `${TEXT_RECIPE.training.clipNorm}, with --preset 0`,
};

/** What the switches do that turn an option off. */
const OFF = { shuffle: "reads examples in the same order in each epoch" };

const MODEL_FLAGS = flagsOf("MODEL_OPTIONS", MODEL_OPTIONS, NO_FLAG.model, SERIES_DEFAULTS);
const WORD_FLAGS = flagsOf("WORD_OPTIONS", WORD_OPTIONS, NO_FLAG.words);
const SERIES_FLAGS = flagsOf("SERIES_OPTIONS", SERIES_OPTIONS, NO_FLAG.series);
const FORECASTER_FLAGS = flagsOf("FORECASTER_OPTIONS", FORECASTER_OPTIONS, NO_FLAG.forecaster);
const READING_FLAGS = flagsOf("READING_OPTIONS", READING_OPTIONS);
const MPI_FLAGS = flagsOf("MPI_OPTIONS", MPI_OPTIONS);
/** Flags that represent a series by hand, as --no-auto does. */
const BY_HAND = ["no-auto", "scaling", "logarithm", "difference"] as const;

const OWN = {
  preset: {
    value: "NAME",
    help: `a predefined run: ${Object.keys(presets).join(", ")} (without --text, default hamlet)`,
  },
  text: {
    value: "FILE",
    many: true,
    help: "text to train on; a folder for all texts in it and below, - for standard input; may be repeated",
  },
  "validation-text": {
    value: "FILE",
    many: true,
    help: "text to evaluate after each epoch, in place of a held-out part of --text; a folder or - likewise; may be repeated",
  },
  encoding: {
    value: "LABEL",
    help: "encoding of the files: utf-8, utf-16le, windows-1252, … (default UTF-8, or UTF-16 if the bytes show it)",
  },
  level: { value: "NAME", help: "token level: char, word (default char)" },
  lowercase: { help: "lower-case the text, and whatever the model reads later" },
  ts: {
    value: "FILE",
    help: "labeled sequences to train a classifier on, in the .ts format of the UEA and UCR archives",
  },
  csv: { value: "FILE", help: "CSV file to train on: with --target numeric series, with --label labeled sequences" },
  tsf: { value: "FILE", help: "csv: file of many series in the format of the Monash archive, in its place" },
  target: { value: "NAME", help: "csv: column to forecast" },
  columns: {
    value: "A,B",
    help: "csv: input columns (default: only the target; with --label, all other columns of numbers)",
  },
  label: SEQUENCE_FLAGS.label,
  "no-auto": {
    help: "csv: off: try representations and numbers of epochs on a validation part. One step ahead, all columns are forecast",
  },
  "known-future": {
    value: "A,B",
    help: "csv: columns that are known in advance for the rows to forecast, such as promotions, read at the row that they belong to",
  },
  static: { value: "A,B", help: "csv: columns with one value in each series, numbers or texts, such as a region" },
  quantiles: { value: "A,B", help: "csv: quantiles to forecast besides, such as 0.1,0.5,0.9" },
  mpi: { help: "share the run with the other processes of mpirun, mpiexec or srun" },
  out: { value: "FILE", help: "checkpoint to write (default: the file of --resume)" },
  force: { help: "take over --out from another run that is writing it" },
  "checkpoint-every": {
    value: "N",
    number: true,
    help: "write the checkpoint every N epochs (default: every 30 seconds)",
  },
  resume: { value: "FILE", help: "resume the run of this checkpoint, bit for bit" },
  "init-from": {
    value: "FILE",
    help: "start from the parameters of this checkpoint, which may be PyTorch's, or a forecaster's with --csv",
  },
  "extend-vocabulary": {
    help: "add the text's unknown tokens to the model of --init-from; all its parameters are kept",
  },
  "skip-unknown": { help: "omit from the texts what the vocabulary lacks, for example of --init-from" },
  vocabulary: {
    value: "FILE",
    help: "JSON array of characters: the vocabulary of a new model, or of an --init-from file that lacks one",
  },
  plot: { value: "FILE", help: "draw the loss curves as an SVG picture" },
  log: { value: "FILE", help: "append the lines of --json to this file" },
  quiet: { help: "no progress on stderr" },
  json: { help: "print one JSON object per line to stdout" },
  help: { help: "show this help" },
} as const satisfies Record<string, Flag>;

const prefixed = (prefix: string, flags: Record<string, Flag>): Record<string, Flag> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, help: `${prefix}: ${flag.help}` }]));

const {
  preset,
  text,
  "validation-text": validationText,
  encoding,
  level,
  lowercase,
  ts,
  csv,
  tsf,
  target,
  columns,
  "known-future": knownFuture,
  static: statics,
  "no-auto": noAuto,
  quantiles,
  label,
  mpi,
  ...files
} = OWN;

export const FLAGS: typeof OWN & Record<string, Flag> = {
  ...{ preset, text, "validation-text": validationText, encoding, level, lowercase },
  ...prefixed("word", WORD_FLAGS),
  ...{ ts, csv, tsf, target, columns, "known-future": knownFuture, static: statics, label },
  ...prefixed("ts, label", READING_FLAGS),
  ...prefixed("csv", { ...TABLE_FLAGS, ...FORECASTER_FLAGS }),
  ...{ quantiles, "no-auto": noAuto },
  ...prefixed("csv", SERIES_FLAGS),
  ...MODEL_FLAGS,
  ...flagsOf("TRAIN_OPTIONS", TRAIN_OPTIONS, NO_FLAG.train, SERIES_DEFAULTS, OFF),
  ...flagsOf("CREATE_OPTIONS", CREATE_OPTIONS, [], { backend: "auto, with --resume the checkpoint's" }),
  ...flagsOf("EXECUTION_OPTIONS", EXECUTION_OPTIONS, NO_FLAG.execution),
  mpi,
  ...MPI_FLAGS,
  ...files,
};

export type TrainFlags = Values<typeof OWN> & { season?: number } & Record<string, unknown>;

export const HELP = `usage: lstm-wasm train [options]

Trains a model on a text, by character or by word, on numeric series (--csv), or on
labeled sequences (--ts, or --csv with --label), and shows what it has learned.
Without options, it learns Hamlet's soliloquy by heart.
Options override the values of a preset, which override the defaults below. A resumed
run keeps its own options; only some of them can be changed.

options:
${describeFlags(FLAGS)}

Ctrl-C stops after the current update, writes the checkpoint and reports; a second
Ctrl-C quits at once. Exit status: 0 done, 1 failed, 2 usage error, 130 interrupted.
`;

/** Flags that apply to one kind of data. */
const FOR_TEXT = ["level", "lowercase", ...Object.keys(WORD_FLAGS)];
const FOR_CSV = [
  "target",
  "columns",
  ...Object.keys(TABLE_FLAGS),
  ...Object.keys(SERIES_FLAGS),
  ...Object.keys(FORECASTER_FLAGS),
  ...["no-auto", "quantiles", "known-future", "static"],
  ...Object.keys(SEQUENCE_FLAGS),
  ...Object.keys(READING_FLAGS),
  "loss",
  "huber-delta",
];
/** Flags of series, which a classifier does without. */
const FOR_SERIES = [
  "target",
  ...Object.keys(SERIES_FLAGS),
  "season",
  "window",
  "loss",
  "huber-delta",
  "known-future",
  "static",
  "calendar",
];
/** Flags that apply to new runs only. */
const FOR_NEW = ["preset", "init-from", "vocabulary", "loss", "huber-delta", "extend-vocabulary", "skip-unknown"];

/** --tsf FILE as --csv FILE: the file itself says which of them it is. @throws UsageError for both, or for what only tables have */
export function withTable(flags: TrainFlags): TrainFlags {
  const { tsf, ...others } = flags;
  if (tsf === undefined) return flags;
  return { ...others, csv: seriesPath(flags)!, ...(isContinued(flags) ? {} : { target: flags.target ?? TSF_COLUMN }) };
}

/** Whether a checkpoint says what is forecast. */
const isContinued = (flags: TrainFlags): boolean => flags.resume !== undefined || flags["init-from"] !== undefined;

/** Flags that a forecaster of --init-from has settled. */
const SETTLED = FOR_SERIES.concat("columns", "no-auto", "quantiles", ...Object.keys(FORECASTER_FLAGS)).filter(
  (name) => name !== "test-rows" && name !== "test-fraction",
);

/** @throws UsageError for flags that conflict, or that contradict --resume */
export function refuseConflicts(flags: TrainFlags): void {
  const first = (names: readonly string[]) => names.find((name) => flags[name] !== undefined);
  const refuse = (name: string | undefined, why: string) => {
    if (name !== undefined) throw new UsageError(`--${name} ${why}`);
  };
  if (flags["extend-vocabulary"] && flags["init-from"] === undefined)
    refuse("extend-vocabulary", "needs --init-from FILE");
  if (
    flags["skip-unknown"] &&
    ["init-from", "vocabulary", "validation-text"].every((name) => flags[name] === undefined)
  )
    refuse(
      "skip-unknown",
      "needs --init-from, --vocabulary or --validation-text FILE: a text's own vocabulary lacks nothing",
    );
  if (flags["validation-text"] !== undefined)
    refuse(
      first(["validation-fraction"]),
      "cannot be combined with --validation-text, in place of which it holds out a part",
    );
  if (flags.vocabulary !== undefined && flags["init-from"] === undefined)
    refuse(first([...FOR_TEXT]), "cannot be combined with --vocabulary, which settles how the text is read");
  if (!flags.mpi) refuse(first(Object.keys(MPI_FLAGS)), "needs --mpi");
  else if ([...(flags.text ?? []), ...(flags["validation-text"] ?? [])].includes(STDIN))
    throw new UsageError("standard input reaches one process only: with --mpi, name a file");
  const sources = [flags.text, flags["validation-text"], flags.csv, flags.ts, flags.resume];
  if (flags.encoding !== undefined && sources.every((source) => source === undefined))
    refuse("encoding", "needs --text, --csv or --ts FILE");
  if (flags.resume !== undefined) {
    const settled = [...FOR_NEW, ...FOR_TEXT, ...FOR_CSV].filter((name) => name !== "season" && name !== "lowercase");
    refuse(first(settled), "cannot be combined with --resume, which keeps the checkpoint's");
  } else if (isForClassifier(flags)) {
    if (flags.ts === undefined && flags.csv === undefined) refuse("label", "needs --csv FILE");
    if (flags.ts !== undefined) refuse(first(ONLY_CSV), "cannot be combined with --ts");
    refuse(first([...FOR_TEXT, ...NOT_FOR_CSV, ...FOR_SERIES]), "has no use for a classifier (--ts, --label)");
  } else if (flags.csv !== undefined) {
    refuse(first([...FOR_TEXT, ...NOT_FOR_CSV]), "cannot be combined with --csv");
    refuse(first(Object.keys(READING_FLAGS)), "needs --label, for a classifier");
    if (flags["init-from"] !== undefined)
      refuse(first(SETTLED), "cannot be combined with --init-from, which keeps the checkpoint's");
    const hand = byHand(flags);
    if (hand)
      refuse(
        first(["horizon", "id", "quantiles", "known-future", "static", "calendar"]),
        `cannot be combined with --${hand}, which goes one step at a time`,
      );
  } else refuse(first(FOR_CSV), "needs --csv FILE");
}

/** Whether the flags describe a classifier of sequences. */
export const isForClassifier = ({ ts, label }: TrainFlags): boolean => ts !== undefined || label !== undefined;

/** Flags that apply to texts and checkpoints only. */
const NOT_FOR_CSV = ["text", "validation-text", "preset", "vocabulary", "embedding-size", "sequence-length"];
/** Flags that apply to tables only. */
const ONLY_CSV = ["csv", "label", "columns", ...ONLY_TABLES];

/** How to split the text into words; undefined if it is read by character. */
export function wordOptions(flags: TrainFlags, usual = "char"): WordOptions | undefined {
  const { level = usual } = flags;
  if (level !== "char" && level !== "word") throw new OptionError("level", "char or word", level);
  const options = optionsFrom(WORD_OPTIONS, flags, NO_FLAG.words);
  if (level === "word") return { lowercase: flags.lowercase ?? false, ...options };
  const [first] = Object.keys(options);
  if (first !== undefined)
    throw new OptionError(first, "no value without --level word", options[first as keyof WordOptions]);
  return undefined;
}

/** The flag that represents the series of --csv by hand, if there is one. */
export const byHand = (flags: TrainFlags): string | undefined => BY_HAND.find((name) => flags[name] !== undefined);

/** How to fit a forecaster to the series of --csv. */
export function fitOptions(flags: TrainFlags): FitOptions & { columns: readonly string[] } {
  const { target, columns, testFraction, testRows } = seriesOptions(flags);
  const { window, ...model } = modelOptions(flags);
  return {
    ...given({ testFraction, testRows }),
    ...optionsFrom(FORECASTER_OPTIONS, flags, NO_FLAG.forecaster),
    ...(window === undefined ? {} : { window }),
    ...(flags["known-future"] === undefined ? {} : { knownFuture: splitNames(flags["known-future"]) }),
    ...(flags.static === undefined ? {} : { static: splitNames(flags.static) }),
    ...(flags.quantiles === undefined ? {} : { quantiles: flags.quantiles.split(",").map(Number) }),
    target,
    columns,
    model,
    training: trainOptions(flags),
  };
}

/** How to transform the series of --csv by hand. */
export function seriesOptions(flags: TrainFlags): SeriesOptions {
  const { target } = flags;
  if (target === undefined) throw new UsageError("--csv needs --target NAME, the column to forecast");
  const { window = SERIES_RECIPE.model.window } = modelOptions(flags);
  return {
    ...optionsFrom(SERIES_OPTIONS, flags, NO_FLAG.series),
    columns: flags.columns === undefined ? [target] : splitNames(flags.columns),
    target,
    window,
  };
}

/** The model options among the flags. */
export const modelOptions = (flags: TrainFlags): ModelOptions => ({
  ...optionsFrom(MODEL_OPTIONS, flags, NO_FLAG.model),
  ...optionsFrom(CREATE_OPTIONS, flags),
});

/** The training options among the flags. */
export const trainOptions = (flags: TrainFlags): TrainOptions => ({
  ...optionsFrom(TRAIN_OPTIONS, flags, NO_FLAG.train),
  ...optionsFrom(EXECUTION_OPTIONS, flags, NO_FLAG.execution),
});

/** How a classifier of --ts or --label reads its sequences, and its model. */
export const classifierOptions = (flags: TrainFlags): ClassifierOptions => ({
  ...modelOptions(flags),
  ...optionsFrom(READING_OPTIONS, flags),
});

/** How to start MPI for --mpi. */
export const mpiOptions = (flags: TrainFlags): MpiOptions => optionsFrom(MPI_OPTIONS, flags);

/** @throws OptionError for a flag that the run's other options make ineffective */
export function refuseWithoutEffect(flags: TrainFlags, { model, config, options, subject }: Run): void {
  // The others search for a number of epochs first, on a part that they hold out themselves.
  if (subject.kind === "text" || subject.kind === "numbers")
    refuseIneffective(trainingSpecs(options.validationData !== undefined), trainOptions(flags), config);
  refuseIneffective(MODEL_OPTIONS, modelOptions(flags), model.config);
}

/** @throws OptionError for a flag that contradicts the checkpoint's model */
export function refuseAnotherModel(flags: TrainFlags, config: ModelConfig, free: readonly string[] = []): void {
  const { backend: _, ...wanted } = modelOptions(flags);
  for (const [name, value] of Object.entries(wanted)) {
    if (free.includes(name)) continue;
    const has = config[name as keyof ModelConfig];
    if (value !== has) throw new OptionError(name, `${has}, as in the checkpoint`, value);
  }
}
