import { classify, isClassifier } from "../classification/classifier.js";
import type { LabeledSequences } from "../classification/sequences.js";
import { InputError } from "../common/errors.js";
import { display, toJson } from "../common/show.js";
import { PREDICT_BATCH_OPTIONS, type PredictBatchOptions, predictBatch } from "../inference/predict.js";
import type { Model } from "../model/model.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags, required } from "./flags.js";
import { describeSequences, FILE_FLAGS, readSequencesFor } from "./sequences.js";

/** Options of predictBatch without a flag. */
const WITHOUT = ["batchSize", "signal", "onProgress", "processGroup"];

const EXECUTION: Record<string, Flag> = {
  ...flagsOf("PREDICT_BATCH_OPTIONS", PREDICT_BATCH_OPTIONS, WITHOUT),
  ...flagsOf("CREATE_OPTIONS", CREATE_OPTIONS),
};

export const PREDICT_FLAGS = {
  model: { value: "FILE", help: "checkpoint of a classifier, or of another model that reads vectors" },
  ...FILE_FLAGS,
  encoding: { value: "LABEL", help: "encoding of the file (default UTF-8, or UTF-16 if the bytes show it)" },
  ...EXECUTION,
  json: { help: 'print a JSON line for each sequence: {"id", "label", "probabilities"}, or {"id", "outputs"}' },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm predict --model FILE --ts FILE|--csv FILE [options]

Predicts the class of each sequence of a file, with the probabilities of all classes;
with another model that reads vectors, its outputs. Prints CSV unless --json is given.
A table is read as it was for training, unless flags say otherwise. For a model that
does not classify, a table without --id is a single sequence, with a row per step.

options:
${describeFlags(PREDICT_FLAGS)}
`;

/** `lstm-wasm predict`. */
export async function predictCommand(args: string[]): Promise<number> {
  const flags = parseFlags(PREDICT_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const model = await loadModel(required("model", flags.model), optionsFrom(CREATE_OPTIONS, flags).backend);
  if (model.input.kind !== "continuous")
    throw new InputError("this model reads text, not vectors of numbers: generate and evaluate are for it");
  const data = await readSequencesFor(model, flags);
  process.stderr.write(`${describeSequences(data)}\n`);
  const print = isClassifier(model) ? printClasses : printOutputs;
  await print(model, data, optionsFrom(PREDICT_BATCH_OPTIONS, flags, WITHOUT), flags.json ?? false);
  return 0;
}

async function printClasses(
  model: Model,
  data: LabeledSequences,
  options: PredictBatchOptions,
  isJson: boolean,
): Promise<void> {
  const { classes } = model.config;
  const found = await classify(model, data, options);
  if (!isJson) printRow(["id", "prediction", ...classes]);
  for (const [i, { label, probabilities }] of found.entries()) {
    const id = idOf(data, i);
    if (isJson)
      printJson({ id, label, probabilities: Object.fromEntries(classes.map((name, c) => [name, probabilities[c]])) });
    else printRow([id, label, ...probabilities]);
  }
}

/** A row per step, or per sequence where the model has one output for each. */
async function printOutputs(
  model: Model,
  data: LabeledSequences,
  options: PredictBatchOptions,
  isJson: boolean,
): Promise<void> {
  const { output, config } = model;
  const { size } = output;
  const all = await predictBatch(
    model,
    data.sequences.map(({ values }) => values),
    options,
  );
  const { returnSequences } = config;
  const names = config.classes.length > 0 ? config.classes : Array.from({ length: size }, (_, i) => `output ${i + 1}`);
  if (!isJson) printRow(["id", ...(returnSequences ? ["step"] : []), ...names]);
  for (const [i, outputs] of all.entries()) {
    const id = idOf(data, i);
    const rows = Array.from({ length: outputs.length / size }, (_, t) => [
      ...outputs.subarray(t * size, (t + 1) * size),
    ]);
    if (isJson) printJson({ id, outputs: returnSequences ? rows : rows[0] });
    else for (const [t, row] of rows.entries()) printRow([id, ...(returnSequences ? [t + 1] : []), ...row]);
  }
}

const idOf = ({ sequences }: LabeledSequences, i: number): string => sequences[i]!.id ?? String(i + 1);

const printJson = (value: object): boolean => process.stdout.write(`${toJson(value)}\n`);

const printRow = (cells: readonly (string | number)[]): boolean =>
  process.stdout.write(`${cells.map(cell).join(",")}\n`);

/** A CSV cell. */
function cell(value: string | number): string {
  const shown = typeof value === "number" ? String(value) : display(value);
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
