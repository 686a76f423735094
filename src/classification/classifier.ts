import { InputError } from "../common/errors.js";
import { type OptionsOf, settle } from "../common/options.js";
import { parseJson } from "../common/parse-json.js";
import { listNames, quote } from "../common/show.js";
import { checkArray } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { evaluate } from "../inference/evaluate.js";
import type { EvaluateOptions, Evaluation } from "../inference/evaluation-options.js";
import { type PredictBatchOptions, predictBatch } from "../inference/predict.js";
import { checkModel, createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { inFrames, READING_OPTIONS, usualFrame } from "./frames.js";
import { CLASSIFIER_RECIPE } from "./recipe.js";
import { type ScalerDescription, StandardScaler } from "./scaler.js";
import { checkSequences, type LabeledSequence, type LabeledSequences } from "./sequences.js";

/** Options of {@link createClassifier}: those of a model, except the ones that the sequences determine, and how it reads. */
export type ClassifierOptions = Omit<
  ModelOptions,
  "inputSize" | "outputSize" | "classes" | "returnSequences" | "window" | "loss" | "huberDelta" | "head"
> &
  OptionsOf<typeof READING_OPTIONS>;

/** What a classifier keeps of the data that it was made for, and of its training. */
export interface ClassifierDescription extends ScalerDescription {
  /** The names of the dimensions. */
  readonly dimensions: readonly string[];
  /** Steps that are read at once, if there are several. */
  readonly frame?: number;
  /** How the number of epochs was chosen, if it was. */
  readonly validation?: ValidationFigures;
}

/** How a model that was trained without some of the sequences did on these. */
export interface ValidationFigures {
  /** The epoch after which the loss on them was least. */
  readonly epochs: number;
  /** The number of sequences that were held out. */
  readonly sequences: number;
  /** Mean loss per sequence, in nats. */
  readonly loss: number;
  /** Fraction of them whose class was recognized. */
  readonly accuracy: number;
  /** How often a sequence of each class (row) was taken for one of each class (column). */
  readonly confusion?: readonly (readonly number[])[];
}

/** What a classifier makes of a sequence. */
export interface Classification {
  /** The most probable class. */
  readonly label: string;
  /** Of each class, in the order of the model's `config.classes`. */
  readonly probabilities: Float32Array;
}

/** The attribute of a model that contains its description. */
const KEY = "classifier";

/**
 * Creates a model that tells the class of sequences like these: by default one bidirectional layer of 64 units, its forget
 * gates biased by 1. Sequences of more than 128 steps are read in frames of several steps. Each dimension is scaled to mean 0 and standard deviation 1, by the statistics of these sequences, which the
 * model keeps.
 *
 * @throws OptionError for an invalid option value
 * @throws InputError for sequences without classes, or with invalid values
 */
export async function createClassifier(
  data: LabeledSequences,
  options: ClassifierOptions = {},
): Promise<Model<"vectors">> {
  checkSequences(data);
  const { dimensions, sequences } = data;
  const classes = checkArray("classes", data.classes);
  if (classes.length < 2)
    throw new InputError(`expected sequences of two classes or more, got ${classes.length ? "one" : "none"}`);
  if (sequences.length === 0) throw new InputError("expected at least one sequence, got none");
  const scaler = StandardScaler.fit(sequences, dimensions);
  const { frame: wanted, ...modelOptions } = { ...options };
  const settled = settle(READING_OPTIONS, { frame: wanted }) as OptionsOf<typeof READING_OPTIONS>;
  const frame = settled.frame ?? usualFrame(sequences.map(({ values }) => values.length / dimensions.length));
  const shape = { inputSize: frame * dimensions.length, classes };
  const model = await createModel({ ...CLASSIFIER_RECIPE.model, ...modelOptions, ...shape });
  describe(model, { dimensions, ...(frame > 1 ? { frame } : {}), ...scaler.toJSON() });
  return model;
}

/** Keeps a description with its model. */
export function describe(model: Model, description: ClassifierDescription): void {
  model.attributes.set(KEY, JSON.stringify(description));
}

/** Whether a model was made by {@link createClassifier}. */
export const isClassifier = (model: Model): boolean => model.attributes.has(KEY);

/**
 * What a classifier keeps of its data and training.
 *
 * @throws InputError for a model that was not made by {@link createClassifier}
 */
export function getClassifier(model: Model): ClassifierDescription {
  checkModel(model);
  const stored = model.attributes.get(KEY);
  if (stored === undefined)
    throw new InputError("this model is not a classifier of sequences: createClassifier, or train --ts, makes one");
  let description: ClassifierDescription;
  try {
    description = parseJson(stored) as ClassifierDescription;
  } catch {
    throw new InputError("this model's classifier description is not valid JSON");
  }
  const { dimensions, frame = 1 } = Object(description) as Partial<ClassifierDescription>;
  const { inputSize } = model.config;
  const areNames = Array.isArray(dimensions) && dimensions.every((name) => typeof name === "string");
  if (!Number.isInteger(frame) || frame < 1 || inputSize % frame > 0)
    throw new InputError(`classifier description: frame: expected steps that make ${inputSize} inputs`);
  if (!areNames || dimensions.length * frame !== inputSize)
    throw new InputError(`classifier description: expected the names of ${inputSize / frame} dimensions`);
  return description;
}

/** How a classifier reads a sequence. */
export interface Reading {
  readonly scaler: StandardScaler;
  /** Steps that are read at once. */
  readonly frame: number;
}

/** @throws InputError as {@link getClassifier} */
function readingOf(model: Model): Reading {
  const description = getClassifier(model);
  const { dimensions, frame = 1 } = description;
  return { scaler: StandardScaler.fromJSON(description, dimensions), frame };
}

/** A sequence as the model reads it: [frames, frame · dimensions]. */
function inputsOf(
  { scaler, frame }: Reading,
  sequence: Pick<LabeledSequence, "id" | "values">,
  index: number,
  width: number,
): Float32Array {
  const scaled = scaler.transform(sequence, index);
  return frame === 1 ? scaled : inFrames(scaled, width, frame);
}

/**
 * Sequences as a classifier is trained on them: scaled, with the index of their class.
 *
 * @param reading that of the model, if it is not given
 * @throws InputError for another number of dimensions, a missing or unknown class, or invalid values
 */
export function examplesOf(model: Model, data: LabeledSequences, reading = readingOf(model)): Example[] {
  checkDimensions(model, data, reading);
  const { classes } = model.config;
  const indices = new Map(classes.map((name, i) => [name, i]));
  return data.sequences.map((sequence, i) => {
    const { label } = sequence;
    const index = label === undefined ? undefined : indices.get(label);
    if (index !== undefined)
      return { inputs: inputsOf(reading, sequence, i, data.dimensions.length), targets: [index] };
    throw new InputError(
      `sequence ${quote(sequence.id ?? String(i + 1))}: ` +
        (label === undefined
          ? "its class is missing"
          : `the model does not know the class ${quote(label)}: it knows ${listNames(classes, label)}`),
    );
  });
}

/** @throws InputError for what are no sequences, or another number of dimensions than the model's */
function checkDimensions(
  { config }: Model,
  data: Pick<LabeledSequences, "dimensions" | "sequences">,
  { frame }: Reading,
): void {
  checkSequences(data);
  const { dimensions } = data;
  const width = config.inputSize / frame;
  if (dimensions.length !== width)
    throw new InputError(
      `expected sequences of ${width} dimension${width === 1 ? "" : "s"}, as in training, got ${dimensions.length}`,
    );
}

/**
 * Tells the classes of sequences, whether or not they have labels.
 *
 * @returns one for each sequence, in their order
 * @throws InputError for a model that is not a classifier, another number of dimensions, or invalid values
 * @throws as predictBatch
 */
export async function classify(
  model: Model,
  data: Pick<LabeledSequences, "dimensions"> & {
    readonly sequences: readonly Omit<LabeledSequence, "label">[];
  },
  options: PredictBatchOptions = {},
): Promise<Classification[]> {
  const reading = readingOf(model);
  checkDimensions(model, data, reading);
  const inputs = data.sequences.map((sequence, i) => inputsOf(reading, sequence, i, data.dimensions.length));
  const results = await predictBatch(model, inputs, options);
  return results.map((probabilities) => ({
    label: model.config.classes[probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)))]!,
    probabilities,
  }));
}

/**
 * How well a classifier tells the classes of sequences: accuracy, confusion matrix, precision and recall.
 *
 * @throws InputError for a model that is not a classifier, another number of dimensions, a missing or unknown class, or
 *   invalid values
 */
export async function evaluateClassifier(
  model: Model,
  data: LabeledSequences,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluate(model, examplesOf(model, data), options);
}
