import { read } from "../checkpoint/safetensors/safetensors.js";
import type { ModelConfig } from "../model/options.js";
import { getSeriesTransform } from "../series/forecast.js";
import type { SeriesDescription } from "../series/transform.js";
import type { TrainConfig } from "../training/options.js";
import { leftTraining, type Progress } from "../training/training-state.js";
import { loadModel, readBytes } from "./files.js";
import { describeFlags, parseFlags, UsageError } from "./flags.js";
import { count } from "./terminal.js";

const FLAGS = {
  json: { help: "one JSON object" },
  help: { help: "this text" },
} as const;

const HELP = `usage: lstm-wasm inspect FILE [options]

Tells what a checkpoint holds: the model, its tensors, and how far its training
has come.

options:
${describeFlags(FLAGS)}
`;

/** `lstm-wasm inspect`. */
export async function inspectCommand(args: string[]): Promise<number> {
  const words: string[] = [];
  const flags = parseFlags(FLAGS, args, words);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...more] = words;
  if (path === undefined || more.length > 0) throw new UsageError(`one file is needed, got ${words.length}`);
  const { tensors, metadata } = read(await readBytes(path));
  // A file of another program may lack the vocabulary that a model needs: then the tensors are all there is to tell.
  const foreign = metadata.get("format") === undefined && metadata.get("vocabulary") === undefined;
  const model = foreign ? undefined : await loadModel(path, "javascript");
  const run = model && leftTraining(model);
  const found: Found = {
    config: model?.config,
    vocabularySize: model?.input.kind === "categorical" ? model.vocabulary.size : undefined,
    parameters: model?.parameterCount,
    backend: metadata.get("backend"),
    tensors: Array.from(tensors, ([name, { dtype, shape }]) => ({ name, dtype, shape })),
    series:
      model?.input.kind === "continuous" && model.metadata.has("series")
        ? getSeriesTransform(model).toJSON()
        : undefined,
    training: run && { config: run.config, progress: run.progress },
  };
  process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : describe(found));
  return 0;
}

interface Found {
  /** These are absent for a file of another program. */
  readonly config: ModelConfig | undefined;
  readonly vocabularySize: number | undefined;
  readonly parameters: number | undefined;
  /** The backend that wrote the file. */
  readonly backend: string | undefined;
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  /** How a forecaster reads its series. */
  readonly series: SeriesDescription | undefined;
  readonly training: { readonly config: TrainConfig; readonly progress: Progress } | undefined;
}

function describe({ config, vocabularySize, parameters, tensors, series, training }: Found): string {
  const lines: string[] = [];
  if (config) {
    const reads = vocabularySize === undefined ? `vectors of ${config.inputSize}` : `${count(vocabularySize)} tokens`;
    const sizes = `${config.layers} × ${config.hiddenSize} hidden units, ${reads}`;
    lines.push(`Model:       ${sizes}, ${count(parameters ?? 0)} parameters`);
  } else lines.push("Model:       of another program, without a vocabulary");
  if (series) {
    const { columns, target, window, scaling, logarithm, difference } = series;
    const how = [...(logarithm ? ["logarithm"] : []), ...(difference ? ["difference"] : []), `scaling ${scaling}`];
    lines.push(`Series:      ${target}, from ${window} rows of ${columns.join(", ")}; ${how.join(", ")}`);
  }
  if (training) {
    const { epoch, step, trainLosses, validationLosses } = training.progress;
    lines.push(`Training:    epoch ${count(epoch)} of ${count(training.config.epochs)}, ${count(step)} updates`);
    if (trainLosses.length > 0) lines.push(`Loss:        ${trainLosses.at(-1)!.toFixed(4)}`);
    if (validationLosses.length > 0)
      lines.push(`Validation:  ${validationLosses.reduce((a, b) => Math.min(a, b)).toFixed(4)}`);
  }
  const width = Math.max(...tensors.map(({ name }) => name.length));
  lines.push(
    "Tensors:",
    ...tensors.map(({ name, dtype, shape }) => `  ${name.padEnd(width)}  ${dtype}  [${shape.join(", ")}]`),
  );
  return `${lines.join("\n")}\n`;
}
