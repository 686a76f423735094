import { openCheckpoint } from "../checkpoint/load.js";
import type { ByteSource } from "../checkpoint/safetensors/bytes.js";
import { type ClassifierDescription, getClassifier, isClassifier } from "../classification/classifier.js";
import { display, toJson } from "../common/show.js";
import type { Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { describeEncoding } from "../series/choice-words.js";
import type { ForecasterDescription } from "../series/description.js";
import { getSeriesTransform } from "../series/forecast.js";
import { getForecaster, isForecaster } from "../series/forecaster.js";
import type { SeriesDescription } from "../series/transform.js";
import type { TrainConfig } from "../training/options.js";
import { leftTraining, type Progress } from "../training/training-state.js";
import { asCheckpoint, modelIn, withSource } from "./files.js";
import { describeFlags, parseFlags, UsageError } from "./flags.js";
import { count, counted, percent } from "./terminal.js";

export const INSPECT_FLAGS = {
  json: { help: "print one JSON object" },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm inspect FILE [options]

Shows the contents of a checkpoint: the model, its tensors, and the progress of its
training.

options:
${describeFlags(INSPECT_FLAGS)}
`;

/** `lstm-wasm inspect`. */
export async function inspectCommand(args: string[]): Promise<number> {
  const words: string[] = [];
  const flags = parseFlags(INSPECT_FLAGS, args, words);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...more] = words;
  if (path === undefined || more.length > 0) throw new UsageError(`expected one file, got ${words.length}`);
  const found = await withSource(path, (source) => look(path, source));
  process.stdout.write(flags.json ? `${toJson(found)}\n` : describe(found));
  return 0;
}

async function look(path: string, source: ByteSource): Promise<Found> {
  const { tensors, metadata } = await asCheckpoint(path, () => openCheckpoint(source));
  // Another program's file may lack the vocabulary: then only its tensors are shown.
  const foreign = metadata.get("format") === undefined && metadata.get("vocabulary") === undefined;
  const model = foreign ? undefined : await modelIn(source, path, "javascript");
  const run = model && leftTraining(model);
  return {
    config: model?.config,
    vocabularySize: model?.input.kind === "categorical" ? model.vocabulary.size : undefined,
    parameters: model?.parameterCount,
    dtype: model?.dtype,
    backend: metadata.get("backend"),
    tensors: Array.from(tensors, ([name, { dtype, shape }]) => ({ name, dtype, shape })),
    series:
      model?.input.kind === "continuous" && model.attributes.has("series")
        ? getSeriesTransform(model).toJSON()
        : undefined,
    forecaster: model && isForecaster(model) ? getForecaster(model).toJSON() : undefined,
    classifier: model && isClassifier(model) ? getClassifier(model) : undefined,
    training: run && { config: run.config, progress: run.progress },
  };
}

/** Names of classes that are shown at most. */
const SHOWN_CLASSES = 20;
/** Longest name shown, in UTF-16 units. */
const SHOWN = 100;

interface Found {
  /** Absent for another program's file. */
  readonly config: ModelConfig | undefined;
  readonly vocabularySize: number | undefined;
  readonly parameters: number | undefined;
  /** The type of the weights. */
  readonly dtype: Model["dtype"] | undefined;
  /** The backend that wrote the file. */
  readonly backend: string | undefined;
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  /** How a forecaster transforms its series. */
  readonly series: SeriesDescription | undefined;
  /** How a forecaster reads its series. */
  readonly forecaster: ForecasterDescription | undefined;
  /** What a classifier was made for, and how its scaling was fitted. */
  readonly classifier: ClassifierDescription | undefined;
  readonly training: { readonly config: TrainConfig; readonly progress: Progress } | undefined;
}

function describe({
  config,
  vocabularySize,
  parameters,
  dtype,
  tensors,
  series,
  forecaster,
  classifier,
  training,
}: Found): string {
  const lines: string[] = [];
  if (config) {
    const reads = vocabularySize === undefined ? `vectors of ${config.inputSize}` : `${count(vocabularySize)} tokens`;
    const sizes = `${config.layers} × ${config.hiddenSize} hidden units, ${reads}`;
    lines.push(
      `Model:       ${sizes}, ${count(parameters ?? 0)} parameters${dtype === "int8" ? ", int8 weights" : ""}`,
    );
  } else lines.push("Model:       from another program, without a vocabulary");
  if (series) {
    const { columns, target, window, scaling, logarithm, difference } = series;
    const how = [...(logarithm ? ["logarithm"] : []), ...(difference ? ["difference"] : []), `scaling ${scaling}`];
    const names = columns.map((name) => display(name, SHOWN)).join(", ");
    lines.push(`Series:      ${display(target, SHOWN)}, from ${window} rows of ${names}; ${how.join(", ")}`);
  }
  if (forecaster) {
    const { target, horizon, trained, encoding } = forecaster;
    const of = trained.length === 1 ? "" : ` of ${count(trained.length)} series`;
    lines.push(
      `Forecaster:  ${display(target, SHOWN)}${of}, ${counted(horizon, "row")} ahead, from ${describeEncoding(encoding)}`,
    );
  }
  if (classifier && config) {
    const { classes } = config;
    const names = classes.slice(0, SHOWN_CLASSES).map((name) => display(name, SHOWN));
    const more = classes.length > names.length ? " …" : "";
    lines.push(`Classes:     ${count(classes.length)}: ${names.join(", ")}${more}`);
    const { validation } = classifier;
    if (validation)
      lines.push(
        `Held out:    ${percent(validation.accuracy)} of ${counted(validation.sequences, "sequence")} recognized`,
      );
  }
  if (training) {
    const { epoch, step, trainLosses, validationLosses } = training.progress;
    const { epochs } = training.config;
    // A run that was given fewer epochs when it was resumed is past them.
    const of = epoch <= epochs ? `epoch ${count(epoch)} of ${count(epochs)}` : counted(epoch, "epoch");
    lines.push(`Training:    ${of}, ${counted(step, "update")}`);
    if (trainLosses.length > 0) lines.push(`Loss:        ${trainLosses.at(-1)!.toFixed(4)}`);
    if (validationLosses.length > 0)
      lines.push(`Validation:  ${validationLosses.reduce((a, b) => Math.min(a, b)).toFixed(4)}`);
  }
  const names = tensors.map(({ name }) => display(name, SHOWN));
  const width = names.reduce((width, name) => Math.max(width, name.length), 0);
  lines.push("Tensors:");
  for (const [i, { dtype, shape }] of tensors.entries())
    lines.push(`  ${names[i]!.padEnd(width)}  ${dtype}  [${shape.join(", ")}]`);
  return `${lines.join("\n")}\n`;
}
