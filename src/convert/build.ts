import { LstmError, OptionError } from "../common/errors.js";
import { display } from "../common/show.js";
import type { Vocabulary } from "../data/vocabulary.js";
import type { Backend } from "../kernels/kernels.js";
import { createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { ConversionError } from "./conversion-error.js";
import { type Description, type Direction, directionsOf, outputWidth } from "./description.js";
import { numbered } from "./numbered.js";
import { blocks, type Placement, place, whole } from "./placement.js";

/** Parameters of a padded model for each of the file's, and of any model. */
const EACH = 4;
const ANY = 2 ** 22;

/** What a file may leave open. */
export interface BuildOptions extends Pick<ModelOptions, "classes" | "loss" | "returnSequences"> {
  vocabulary?: Vocabulary | undefined;
  backend?: Backend | "auto" | undefined;
}

/**
 * A model of what a reader found. Layers of unequal width become as wide as the widest, by units whose weights are zero:
 * these stay exactly 0, in training too.
 *
 * @throws ConversionError for a network that no model can be
 * @throws OptionError for a vocabulary or classes that do not fit it
 */
export async function build(description: Description, options: BuildOptions = {}): Promise<Model> {
  checkWidths(description);
  const { embedding, layers, linear } = description;
  const { classes = [], backend } = options;
  const first = layers[0]!;
  const last = layers.at(-1)!;
  const hiddenSize = Math.max(...layers.map((layer) => layer.hiddenSize));
  const bidirectional = layers.some((layer) => layer.reverse);
  refuseWide(layers, hiddenSize);
  const outputSize = linear?.outputSize ?? (bidirectional ? 2 : 1) * hiddenSize;
  if (!linear && outputWidth(last) !== outputSize)
    throw new ConversionError(
      last.name,
      `its ${outputWidth(last)} outputs are fewer than the ${outputSize} of a layer below, and no linear layer follows`,
    );
  if (classes.length > 0 && classes.length !== linear?.outputSize)
    throw new OptionError(
      "classes",
      linear ? `${outputSize} names, one for each output` : "none, since no linear layer follows",
      classes.length,
    );
  const vocabulary = vocabularyOf(description, options.vocabulary);
  const isCategorical =
    linear?.activation === "softmax" || classes.length > 0 || (vocabulary && linear && outputSize > 1);
  const model = await named(first.name, () =>
    createModel({
      vocabulary,
      hiddenSize,
      layers: layers.length,
      bidirectional,
      head: linear ? "linear" : "none",
      inputSize: vocabulary ? 0 : first.inputSize,
      embeddingSize: embedding?.size ?? 0,
      classes,
      outputSize,
      loss: options.loss ?? (isCategorical ? "cross-entropy" : "mse"),
      returnSequences: options.returnSequences ?? description.returnSequences ?? true,
      backend,
    }),
  );
  try {
    await fill(model, description);
  } catch (error) {
    model.free();
    throw error;
  }
  return model;
}

/** Writes all parameters into a model of the right sizes. */
async function fill(model: Model, { embedding, layers, linear }: Description): Promise<void> {
  const { hiddenSize: H, bidirectional } = model.config;
  if (embedding) await named(embedding.name, () => model.setTensor("embedding.weight", embedding.weight));
  let inputs = whole(layers[0]!.inputSize);
  for (const [index, { name, hiddenSize, forward, reverse }] of layers.entries()) {
    await named(name, () => {
      setDirection(model, `l${index}`, hiddenSize, forward, inputs);
      if (bidirectional) setDirection(model, `l${index}_reverse`, hiddenSize, reverse, inputs);
    });
    inputs = blocks(directionsOf(layers[index]!), bidirectional ? 2 : 1, hiddenSize, H);
  }
  if (linear)
    await named(linear.name, () => {
      model.setTensor("linear.weight", place(linear.weight, whole(linear.outputSize), inputs));
      model.setTensor("linear.bias", linear.bias);
    });
}

/** Writes one direction of a layer; without one, zeros, whose output is 0. */
function setDirection(
  model: Model,
  suffix: string,
  hiddenSize: number,
  direction: Direction | undefined,
  inputs: Placement,
): void {
  const H = model.config.hiddenSize;
  const gates = blocks([0, 1, 2, 3], 4, hiddenSize, H);
  const set = (name: string, values: Float32Array | undefined, columns: Placement) =>
    model.setTensor(
      `lstm.${name}_${suffix}`,
      values ? place(values, gates, columns) : new Float32Array(gates.size * columns.size),
    );
  set("weight_ih", direction?.weightIh, inputs);
  set("weight_hh", direction?.weightHh, blocks([0], 1, hiddenSize, H));
  set("bias_ih", direction?.bias, whole(1));
}

/** @throws ConversionError for layers that would take many times their parameters if all were as wide as the widest */
function refuseWide(layers: Description["layers"], hiddenSize: number): void {
  const parametersOf = (inputs: number, width: number) => 4 * width * (inputs + width + 1);
  const own = layers.reduce(
    (sum, layer) => sum + directionsOf(layer).length * parametersOf(layer.inputSize, layer.hiddenSize),
    0,
  );
  const directions = layers.some((layer) => layer.reverse) ? 2 : 1;
  const padded = layers.reduce(
    (sum, { inputSize }, l) =>
      sum + directions * parametersOf(l === 0 ? inputSize : directions * hiddenSize, hiddenSize),
    0,
  );
  if (padded <= EACH * own + ANY) return;
  const { name } = layers.find((layer) => layer.hiddenSize === hiddenSize)!;
  throw new ConversionError(
    name,
    `it has ${hiddenSize} units, and as wide all ${layers.length} layers would have ${padded} parameters in place of ${own}: ` +
      "take some of them alone",
  );
}

/** @throws ConversionError unless each layer reads what the one below gives */
function checkWidths({ embedding, layers, linear }: Description): void {
  let width = embedding?.size;
  let below = embedding?.name ?? "";
  const check = (name: string, inputSize: number) => {
    if (width !== undefined && width !== inputSize)
      throw new ConversionError(name, `it reads ${inputSize} numbers, but ${display(below, 100)} gives ${width}`);
  };
  for (const layer of layers) {
    check(layer.name, layer.inputSize);
    width = outputWidth(layer);
    below = layer.name;
  }
  if (linear) check(linear.name, linear.inputSize);
}

/**
 * The tokens of a network that reads some: those given, those in the file or, for an embedding, numbers. Without an
 * embedding, a network reads tokens, one-hot, only if there is a vocabulary.
 *
 * @throws OptionError for one that does not fit
 */
function vocabularyOf({ embedding, layers, vocabulary }: Description, given?: Vocabulary): Vocabulary | undefined {
  const size = embedding?.tokens ?? layers[0]!.inputSize;
  const found = given ?? vocabulary ?? (embedding && numbered(size));
  if (found && found.size !== size)
    throw new OptionError(
      "vocabulary",
      `${size} tokens, ${embedding ? "one for each row of the embedding" : "the width of the first LSTM layer's input"}`,
      found.size,
    );
  return found;
}

/** Runs one of the library's checks, and reports its error as one of the layer. */
async function named<Result>(layer: string, check: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof OptionError && ["backend", "loss", "returnSequences"].includes(error.option)) throw error;
    if (error instanceof LstmError && ["OptionError", "InputError"].includes(error.name))
      throw new ConversionError(layer, error.message, { cause: error });
    throw error;
  }
}
