import { quote } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";
import type { Description, Direction, Embedding, Layer, Linear } from "./description.js";
import { transpose } from "./gates.js";
import { isObject } from "./json.js";
import { ALONE, chooseLayers } from "./names.js";

// A model of Keras, in whichever file: its configuration, a chain of layers, and the weights of each. The kernel of an LSTM
// is [inputs, 4 · units] with PyTorch's order of gates (docs/convert.md).

/** A weight of a layer. */
export interface KerasWeight {
  /** Within the layer: `forward_lstm/lstm_cell/kernel:0` or, with a number for its name, `forward_layer/cell/vars/0`. */
  readonly path: string;
  readonly shape: readonly number[];
  values(): Float32Array;
}

/** The weights of a layer, by its name: in their order, or named. */
export type KerasWeights = (layer: string) => readonly KerasWeight[];

/** A layer's configuration. */
export interface LayerConfig {
  readonly name: string;
  readonly type: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Layers that do nothing once a model is trained. */
const IDLE = [
  "InputLayer",
  "Dropout",
  "SpatialDropout1D",
  "GaussianNoise",
  "GaussianDropout",
  "ActivityRegularization",
];

/**
 * The network of a chain of layers.
 *
 * @param onNote receives what is not quite as in Keras
 * @throws ConversionError for a layer that no model of ours has
 */
export function readChain(
  chain: readonly LayerConfig[],
  weights: KerasWeights,
  onNote: (note: string) => void,
): Description {
  const rest = chain.filter(({ type }) => !IDLE.includes(type));
  const embedding = rest[0]?.type === "Embedding" ? readEmbedding(rest.shift()!, weights, onNote) : undefined;
  const layers: Layer[] = [];
  let returnSequences = true;
  for (let config = rest[0]; config && isRecurrent(config); config = rest[0]) {
    if (!returnSequences)
      throw new ConversionError(config.name, "it reads an LSTM that gives its last output alone (return_sequences)");
    returnSequences = innerOf(config).settings["return_sequences"] === true;
    layers.push(readRecurrent(config, weights));
    rest.shift();
  }
  const isThere = layers.length > 0;
  const linear = isThere && rest[0] && isDense(rest[0]) ? readDense(rest.shift()!, weights, rest) : undefined;
  for (const config of rest)
    throw new ConversionError(config.name, `${kindOf(config)} cannot be brought over here; ${ALONE}`);
  if (!isThere) throw new ConversionError("the model", "it has no LSTM");
  return { embedding, layers, linear, returnSequences };
}

/**
 * Some LSTM layers of a model alone.
 *
 * @param list names or their beginnings, separated by commas
 * @throws ConversionError where there is none of a name, or it is not like ours
 */
export const readLayers = (all: readonly LayerConfig[], list: string, weights: KerasWeights): Description => ({
  layers: chooseLayers(all.filter(isRecurrent), list, ({ name }) => name).map((layer) => readRecurrent(layer, weights)),
});

const isRecurrent = (config: LayerConfig): boolean => innerOf(config, "Bidirectional").type === "LSTM";

const isDense = (config: LayerConfig): boolean => innerOf(config, "TimeDistributed").type === "Dense";

/** The layer that a Bidirectional or a TimeDistributed wraps; else the layer itself. */
function innerOf(config: LayerConfig, wrapper?: string): LayerConfig {
  const isWrapper =
    wrapper === undefined ? /^(Bidirectional|TimeDistributed)$/.test(config.type) : config.type === wrapper;
  return isWrapper ? layerConfig(config.settings["layer"], config.name) : config;
}

/** A layer in words: by the layer that it wraps and, where that is told, by the cell that this repeats. */
function kindOf(config: LayerConfig): string {
  const inner = innerOf(config);
  const { class_name: cell } = Object(inner.settings["cell"]) as Record<string, unknown>;
  return typeof cell === "string" ? `a cell of class ${quote(cell)}` : `a layer of class ${quote(inner.type)}`;
}

/**
 * A layer's configuration in JSON.
 *
 * @param fallback its name, where it has none
 */
export function layerConfig(json: unknown, fallback?: string): LayerConfig {
  const { class_name: type, config: settings, name } = isObject(json) ? json : {};
  if (typeof type !== "string" || !isObject(settings))
    throw new ConversionError("the model", "a layer without class or config");
  const found = fallback ?? settings["name"] ?? name;
  if (typeof found !== "string")
    throw new ConversionError("the model", `a layer of class ${quote(type)} without a name`);
  return { name: found, type, settings };
}

function readEmbedding(
  { name, settings }: LayerConfig,
  weights: KerasWeights,
  onNote: (note: string) => void,
): Embedding {
  const [table] = rolesOf(name, weights(name), ["embeddings"]);
  const [tokens, size] = matrixOf(name, table!);
  if (settings["mask_zero"] === true) onNote(`${name}: mask_zero: here the token 0 is read like any other`);
  return { name, tokens, size, weight: table!.values() };
}

/** The settings of an LSTM with which it is like ours. */
const LIKE_OURS: Readonly<Record<string, readonly unknown[]>> = {
  activation: ["tanh"],
  recurrent_activation: ["sigmoid"],
  return_state: [false, undefined],
  time_major: [false, undefined],
};

function readRecurrent(config: LayerConfig, weights: KerasWeights): Layer {
  const { name, type, settings } = config;
  const all = weights(name);
  const inner = innerOf(config);
  checkSettings(name, inner.settings);
  if (type !== "Bidirectional") {
    if (settings["go_backwards"] === true) throw new ConversionError(name, "go_backwards: it reads from the end alone");
    return { name, ...readDirection(name, all, "forward") };
  }
  if (settings["merge_mode"] !== "concat")
    throw new ConversionError(name, `merge_mode: expected "concat", got ${quote(String(settings["merge_mode"]))}`);
  if (inner.settings["go_backwards"] === true)
    throw new ConversionError(name, "go_backwards: its first layer reads from the end");
  if (settings["backward_layer"] !== undefined) {
    const backward = layerConfig(settings["backward_layer"], name).settings;
    checkSettings(name, backward);
    if (backward["go_backwards"] !== true)
      throw new ConversionError(name, "go_backwards: its backward layer reads from the start");
  }
  const ofDirection = (word: string) => all.filter(({ path }) => path.split("/").some((part) => part.startsWith(word)));
  const forward = readDirection(name, ofDirection("forward"), "forward");
  const reverse = readDirection(name, ofDirection("backward"), "reverse");
  if (forward.inputSize !== reverse.inputSize || forward.hiddenSize !== reverse.hiddenSize)
    throw new ConversionError(name, "its two directions are of unequal size");
  return { name, ...forward, ...reverse };
}

function checkSettings(name: string, settings: LayerConfig["settings"]): void {
  for (const [setting, allowed] of Object.entries(LIKE_OURS))
    if (!allowed.includes(settings[setting]))
      throw new ConversionError(
        name,
        `${setting}: expected ${quote(String(allowed[0]))}, got ${quote(nameOf(settings[setting]))}`,
      );
}

/** The name of an activation, which is a text or an object with a class. */
const nameOf = (value: unknown): string => String(isObject(value) ? value["class_name"] : value);

type Directed<Key extends "forward" | "reverse"> = Pick<Layer, "inputSize" | "hiddenSize"> & {
  readonly [K in Key]: Direction;
};

function readDirection<Key extends "forward" | "reverse">(
  name: string,
  all: readonly KerasWeight[],
  key: Key,
): Directed<Key> {
  const [kernel, recurrent, bias] = rolesOf(name, all, ["kernel", "recurrent_kernel", "bias"], 2);
  const [hiddenSize, columns] = matrixOf(name, recurrent!);
  const [inputSize, width] = matrixOf(name, kernel!);
  if (columns !== 4 * hiddenSize || width !== columns)
    throw new ConversionError(
      name,
      `expected kernels [I, 4 · H] and [H, 4 · H], got [${inputSize}, ${width}] and [${hiddenSize}, ${columns}]`,
    );
  if (bias && bias.shape.join() !== `${columns}`)
    throw new ConversionError(name, `expected a bias of ${columns} numbers, got [${bias.shape.join(", ")}]`);
  const direction: Direction = {
    weightIh: transpose(kernel!.values(), inputSize, columns),
    weightHh: transpose(recurrent!.values(), hiddenSize, columns),
    bias: bias?.values() ?? new Float32Array(columns),
  };
  return { inputSize, hiddenSize, [key]: direction } as Directed<Key>;
}

/** @param rest the layers after it: a softmax among them is taken out */
function readDense(config: LayerConfig, weights: KerasWeights, rest: LayerConfig[]): Linear {
  const { name } = config;
  const { settings } = innerOf(config);
  const [kernel, bias] = rolesOf(name, weights(name), ["kernel", "bias"], 1);
  const [inputSize, outputSize] = matrixOf(name, kernel!);
  if (bias && bias.shape.join() !== `${outputSize}`)
    throw new ConversionError(name, `expected a bias of ${outputSize} numbers, got [${bias.shape.join(", ")}]`);
  let activation = settings["activation"] === undefined ? undefined : nameOf(settings["activation"]);
  if (activation === "linear" && rest[0] && isSoftmax(rest[0])) {
    rest.shift();
    activation = "softmax";
  }
  if (activation !== undefined && activation !== "linear" && activation !== "softmax")
    throw new ConversionError(name, `activation: expected "linear" or "softmax", got ${quote(activation)}; ${ALONE}`);
  return {
    name,
    inputSize,
    outputSize,
    weight: transpose(kernel!.values(), inputSize, outputSize),
    bias: bias?.values() ?? new Float32Array(outputSize),
    activation: activation === "linear" ? "none" : activation,
  };
}

const isSoftmax = ({ type, settings }: LayerConfig): boolean =>
  type === "Softmax" || (type === "Activation" && settings["activation"] === "softmax");

/**
 * A layer's weights by what they are: by the last part of their names or, where that is a number, by it.
 *
 * @param needed how many of the roles have to be there
 * @throws ConversionError for another number of weights
 */
function rolesOf(
  name: string,
  all: readonly KerasWeight[],
  roles: readonly string[],
  needed = roles.length,
): (KerasWeight | undefined)[] {
  const found = new Array<KerasWeight | undefined>(roles.length).fill(undefined);
  for (const weight of all) {
    const last = weight.path.split("/").at(-1)!.replace(/:\d+$/, "");
    const role = /^\d+$/.test(last) ? Number(last) : roles.indexOf(last);
    if (!(role >= 0 && role < roles.length) || found[role])
      throw new ConversionError(name, `expected the weights ${roles.join(", ")}, got ${quote(weight.path)}`);
    found[role] = weight;
  }
  for (const [i, role] of roles.slice(0, needed).entries())
    if (!found[i]) throw new ConversionError(name, `its ${role} is not in the file`);
  return found;
}

function matrixOf(name: string, { path, shape }: KerasWeight): readonly [number, number] {
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || !columns)
    throw new ConversionError(name, `${path}: expected a matrix, got shape [${shape.join(", ")}]`);
  return [rows, columns];
}
