import { OptionError } from "../common/errors.js";
import type { WordOptions } from "../data/words.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import type { ModelConfig, ModelOptions, TrainOptions } from "../model/config.js";
import { INITIALIZATIONS, type Initialization } from "../network/initialize.js";
import type { LossName } from "../network/network.js";
import { OPTIMIZERS, type OptimizerName } from "../optim/optimizer.js";
import { SCHEDULES, type Schedule } from "../optim/schedule.js";
import { presets } from "../presets/presets.js";
import { SCALINGS, type Scaling } from "../series/scaling.js";
import type { SeriesOptions } from "../series/transform.js";
import { describeFlags, given, UsageError, type Values } from "./usage.js";

export const FLAGS = {
  preset: {
    value: "NAME",
    help: `a ready-made run: ${Object.keys(presets).join(", ")} (default without --text: hamlet)`,
  },
  text: { value: "FILE", help: "a UTF-8 text to train on" },
  level: { value: "NAME", help: "read the text by char or by word (default char)" },
  lowercase: { help: "lower-case the text first" },
  punctuation: { value: "NAME", help: "words: keep punctuation as tokens, or strip it (default keep)" },
  "min-frequency": { value: "N", number: true, help: "words: those that come less often are <unk> (default 1)" },
  "max-tokens": { value: "N", number: true, help: "words: keep the N most frequent, the others are <unk>" },
  "unk-token": { help: "words: keep <unk> for words that do not come in the text" },
  window: { value: "N", number: true, help: "foretell from the last N tokens alone (default 0: from all; csv 12)" },
  csv: { value: "FILE", help: "numeric series to train on, in columns with names" },
  target: { value: "NAME", help: "csv: the column to forecast" },
  columns: { value: "A,B", help: "csv: the columns to read (default: the target alone)" },
  scaling: { value: "NAME", help: `csv: ${SCALINGS.join(", ")} (default standard)` },
  logarithm: { help: "csv: take logarithms first" },
  difference: { help: "csv: then differences from row to row" },
  "test-fraction": {
    value: "X",
    number: true,
    help: "csv: share of the rows, at the end, held out to test (default 0.2)",
  },
  loss: { value: "NAME", help: "csv: mse, huber (default mse)" },
  "huber-delta": { value: "X", number: true, help: "csv: where huber turns into a line (default 1)" },
  season: { value: "N", number: true, help: "csv: also compare with the value N rows before" },
  "hidden-size": { value: "N", number: true, help: "hidden units of every layer (default 128, csv 32)" },
  layers: { value: "N", number: true, help: "LSTM layers (default 1)" },
  "embedding-size": { value: "N", number: true, help: "width of a learned vector per character (default 0: one-hot)" },
  initialization: { value: "NAME", help: `${INITIALIZATIONS.join(", ")} (default pytorch-uniform)` },
  "forget-bias": { value: "X", number: true, help: "what the forget gates' biases start from" },
  "sequence-length": { value: "N", number: true, help: "time steps per update, 0 for the whole text (default 50)" },
  "batch-size": { value: "N", number: true, help: "streams that the text is read in, side by side (default 32)" },
  epochs: { value: "N", number: true, help: "passes over the data (default 10, csv 200)" },
  dropout: { value: "X", number: true, help: "share of outputs left out while training (default 0)" },
  "validation-fraction": {
    value: "X",
    number: true,
    help: "share held out at the end of the training data (default 0)",
  },
  patience: { value: "N", number: true, help: "stop after N epochs without a better validation loss" },
  optimizer: { value: "NAME", help: `${OPTIMIZERS.join(", ")} (default adam)` },
  "learning-rate": { value: "X", number: true, help: "default 0.002, csv 0.005" },
  momentum: { value: "X", number: true, help: "of sgd (default 0)" },
  "weight-decay": { value: "X", number: true, help: "default 0, for adamw 0.01" },
  schedule: { value: "NAME", help: `how the learning rate moves: ${SCHEDULES.join(", ")} (default constant)` },
  "warmup-steps": { value: "N", number: true, help: "updates in which it rises from zero (default 0)" },
  "decay-rate": { value: "X", number: true, help: "what step multiplies it with (default 0.5)" },
  "decay-epochs": { value: "N", number: true, help: "after how many epochs step does so (default 1)" },
  "min-learning-rate": { value: "X", number: true, help: "where cosine ends (default 0)" },
  "schedule-epochs": { value: "N", number: true, help: "epochs over which cosine falls (default: all)" },
  "clip-value": { value: "X", number: true, help: "clip every gradient to ±X (default: not)" },
  "clip-norm": { value: "X", number: true, help: "scale all gradients down to this norm (default 5; presets: not)" },
  seed: { value: "N", number: true, help: "seeds all randomness (default 1)" },
  backend: { value: "NAME", help: `auto, ${BACKENDS.join(", ")} (default auto: the fastest here)` },
  threads: {
    value: "N",
    number: true,
    help: "parts that each batch is split into, a thread each (default: what is useful)",
  },
  out: { value: "FILE", help: "keep the model and the run in this checkpoint (default: --resume's)" },
  force: { help: "take --out over from a run that is writing it" },
  "checkpoint-every": { value: "N", number: true, help: "write it every N epochs (default: every 30 seconds)" },
  resume: { value: "FILE", help: "go on with the run of this checkpoint, exactly" },
  "init-from": { value: "FILE", help: "begin with the parameters of this checkpoint, also one from PyTorch" },
  vocabulary: { value: "FILE", help: "a JSON array of the characters, for --init-from a file without" },
  plot: { value: "FILE", help: "draw the loss curves as an SVG picture" },
  log: { value: "FILE", help: "append what --json prints" },
  quiet: { help: "no progress on stderr" },
  json: { help: "one JSON object per line on stdout" },
  help: { help: "this text" },
} as const;

export type TrainFlags = Values<typeof FLAGS>;

export const HELP = `usage: lstm-wasm train [options]

Trains a model on a text, by characters or words, or on numeric series, and shows
what it has learned. Without options it learns Hamlet's soliloquy by heart. A
preset's own values take the place of the defaults below; options take the place
of both. A resumed run keeps its own values; what it cannot change is refused.

options:
${describeFlags(FLAGS)}

Ctrl-C stops after the current update, writes the checkpoint and reports; a second
one ends at once. Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

type Name = keyof TrainFlags;

/** Flags that say how data are read, by the kind of data. */
const FOR_TEXT: readonly Name[] = ["level", "lowercase", "punctuation", "min-frequency", "max-tokens", "unk-token"];
const FOR_CSV: readonly Name[] = [
  ...(["target", "columns", "scaling", "logarithm", "difference", "test-fraction"] as const),
  ...(["season", "loss", "huber-delta"] as const),
];
/** Flags that only a new run can have. */
const FOR_NEW: readonly Name[] = ["preset", "init-from", "vocabulary", "loss", "huber-delta"];

/** @throws UsageError for flags that do not go together, or that the checkpoint of --resume has settled */
export function refuseOddTogether(flags: TrainFlags): void {
  const first = (names: readonly Name[]) => names.find((name) => flags[name] !== undefined);
  const refuse = (name: Name | undefined, why: string) => {
    if (name !== undefined) throw new UsageError(`--${name} ${why}`);
  };
  if (flags.resume !== undefined) {
    const settled = [...FOR_NEW, ...FOR_TEXT, ...FOR_CSV].filter((name) => name !== "season" && name !== "lowercase");
    refuse(first(settled), "cannot go with --resume: the checkpoint has its own");
  } else if (flags.csv !== undefined) {
    refuse(first([...FOR_TEXT, "text", "preset", "init-from", "vocabulary", "embedding-size"]), "cannot go with --csv");
  } else refuse(first(FOR_CSV), "needs --csv FILE");
}

/** How the text is to be cut into words; undefined where it is read by characters. */
export function wordOptions(flags: TrainFlags): WordOptions | undefined {
  const { level = "char" } = flags;
  if (level !== "char" && level !== "word") throw new OptionError("level", "char or word", level);
  const options = given<WordOptions>({
    punctuation: flags.punctuation as WordOptions["punctuation"] | undefined,
    minFrequency: flags["min-frequency"],
    maxTokens: flags["max-tokens"],
    unkToken: flags["unk-token"],
  });
  if (level === "word") return { lowercase: flags.lowercase ?? false, ...options };
  const [first] = Object.keys(options);
  if (first !== undefined) throw new OptionError(first, "--level word beside it", options[first as keyof WordOptions]);
  return undefined;
}

/** How the series of --csv are to be read. */
export function seriesOptions(flags: TrainFlags): SeriesOptions {
  const { target, window } = flags;
  if (target === undefined) throw new UsageError("--csv needs --target NAME: the column to forecast");
  return {
    columns: flags.columns?.split(",").map((name) => name.trim()) ?? [target],
    target,
    window: window ?? 12,
    ...given<Omit<SeriesOptions, "columns" | "target" | "window">>({
      scaling: flags.scaling as Scaling | undefined,
      logarithm: flags.logarithm,
      difference: flags.difference,
      testFraction: flags["test-fraction"],
    }),
  };
}

/** The model's options that were given. */
export function modelOptions(flags: TrainFlags): ModelOptions {
  return given<ModelOptions>({
    hiddenSize: flags["hidden-size"],
    layers: flags.layers,
    embeddingSize: flags["embedding-size"],
    window: flags.window,
    loss: flags.loss as LossName | undefined,
    huberDelta: flags["huber-delta"],
    initialization: flags.initialization as Initialization | undefined,
    forgetBias: flags["forget-bias"],
    seed: flags.seed,
    backend: flags.backend as Backend | "auto" | undefined,
  });
}

/** Training's options that were given. */
export function trainOptions(flags: TrainFlags): TrainOptions {
  return given<TrainOptions>({
    sequenceLength: flags["sequence-length"],
    batchSize: flags["batch-size"],
    epochs: flags.epochs,
    dropout: flags.dropout,
    validationFraction: flags["validation-fraction"],
    patience: flags.patience,
    optimizer: flags.optimizer as OptimizerName | undefined,
    learningRate: flags["learning-rate"],
    momentum: flags.momentum,
    weightDecay: flags["weight-decay"],
    schedule: flags.schedule as Schedule | undefined,
    warmupSteps: flags["warmup-steps"],
    decayRate: flags["decay-rate"],
    decayEpochs: flags["decay-epochs"],
    minLearningRate: flags["min-learning-rate"],
    scheduleEpochs: flags["schedule-epochs"],
    threads: flags.threads,
    clipValue: flags["clip-value"],
    clipNorm: flags["clip-norm"],
  });
}

/** @throws OptionError for a flag that asks for another model than the checkpoint's */
export function refuseAnotherModel(flags: TrainFlags, config: ModelConfig): void {
  const { backend: _, ...wanted } = modelOptions(flags);
  for (const [name, value] of Object.entries(wanted)) {
    const has = config[name as keyof ModelConfig];
    if (value !== has) throw new OptionError(name, `${has}, as in the checkpoint`, value);
  }
}
