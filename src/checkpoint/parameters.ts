import type { ModelConfig } from "../model/options.js";
import type { ParameterTable } from "../network/parameters.js";
import { readTensor, sizeOf, type Tensor, writeTensor } from "../network/tensors.js";
import { CheckpointError } from "./checkpoint-error.js";
import { type TensorData, toFloat32 } from "./safetensors/safetensors.js";

type Tensors = ReadonlyMap<string, TensorData>;

/** Ours is one bias per layer; PyTorch adds two. */
const BIAS = "bias_ih_l";
const SECOND_BIAS = "bias_hh_l";

const secondBias = (name: string): string => name.replace(BIAS, SECOND_BIAS);

/** The parameters as PyTorch keeps them, each name behind `prefix`; PyTorch's second biases as zeros. */
export function* writeParameters(
  { tensors }: ParameterTable,
  run: Float32Array,
  prefix = "",
): Generator<[string, TensorData]> {
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    yield [prefix + name, { dtype: "F32", shape, data: readTensor(tensor, run) }];
    if (name.includes(BIAS))
      yield [prefix + secondBias(name), { dtype: "F32", shape, data: new Float32Array(sizeOf(shape)) }];
  }
}

/**
 * Makes sure, before anything is made of them, that the tensors are those of the network.
 *
 * @throws CheckpointError for a tensor that is missing or has another shape
 */
export function checkShapes({ tensors: wanted }: ParameterTable, tensors: Tensors): void {
  for (const { name, shape } of wanted) {
    find(tensors, name, shape);
    if (name.includes(BIAS)) find(tensors, secondBias(name), shape);
  }
}

/**
 * Visits the parameters in tensors with PyTorch's names behind `prefix`: those that a network can have.
 *
 * @throws CheckpointError for a tensor that is missing, has another shape, or holds a number that is not finite
 */
export function checkParameters(
  { tensors: wanted }: ParameterTable,
  tensors: Tensors,
  prefix = "",
  visit?: (tensor: Tensor, values: Float32Array) => void,
): void {
  for (const tensor of wanted) {
    const { name, shape } = tensor;
    let values = values32(tensors, prefix + name, shape);
    if (name.includes(BIAS)) {
      const second = values32(tensors, prefix + secondBias(name), shape);
      // −0 + 0 is +0: where there is nothing to add, a bias keeps its sign.
      values = values.map((value, i) => (second[i] === 0 ? value : value + second[i]!));
      finite(prefix + name, values);
    }
    visit?.(tensor, values);
  }
}

/**
 * A run of floats in the parameters' layout.
 *
 * @throws CheckpointError as {@link checkParameters} does
 */
export function readParameters(table: ParameterTable, tensors: Tensors, prefix = ""): Float32Array {
  const run = new Float32Array(table.length);
  checkParameters(table, tensors, prefix, (tensor, values) => writeTensor(tensor, values, run));
  return run;
}

/** @throws CheckpointError for a tensor that is missing, has another shape or type, or holds a number that is not finite */
export function values32(tensors: Tensors, name: string, shape: readonly number[]): Float32Array {
  const tensor = find(tensors, name, shape);
  const values = toFloat32(tensor, name);
  finite(name, values);
  return values;
}

function finite(name: string, values: Float32Array): void {
  // Much faster than findIndex, and every number of a file comes through here, when it is written too.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new CheckpointError(["header", name, i], "a finite number", String(values[i]));
}

/**
 * The sizes that the tensors of a file without a configuration tell.
 *
 * @throws CheckpointError where there is no network of ours
 */
export function inferSizes(
  tensors: Tensors,
): Pick<ModelConfig, "hiddenSize" | "layers" | "embeddingSize" | "outputSize"> {
  let layers = 0;
  while (tensors.has(`lstm.weight_hh_l${layers}`)) layers++;
  if (layers === 0) throw new CheckpointError(["header", "lstm.weight_hh_l0"], "the weights of an LSTM", "none");
  const [outputSize, hiddenSize] = matrix(tensors, "linear.weight");
  const embeddingSize = tensors.has("embedding.weight") ? matrix(tensors, "embedding.weight")[1] : 0;
  return { hiddenSize, layers, embeddingSize, outputSize };
}

/** How many tokens the tensors have room for, if that can be told. */
export function vocabularySizeOf(tensors: Tensors): number | undefined {
  return tensors.get("embedding.weight")?.shape[0] ?? tensors.get("lstm.weight_ih_l0")?.shape[1];
}

function find(tensors: Tensors, name: string, shape: readonly number[]): TensorData {
  const tensor = tensors.get(name);
  const expected = `a tensor of shape [${shape.join(", ")}]`;
  if (!tensor) throw new CheckpointError(["header", name], expected, "none");
  if (tensor.shape.join() !== shape.join())
    throw new CheckpointError(["header", name], expected, `one of shape [${tensor.shape.join(", ")}]`);
  return tensor;
}

function matrix(tensors: Tensors, name: string): readonly [number, number] {
  const shape = tensors.get(name)?.shape;
  const [rows, columns, ...more] = shape ?? [];
  if (!rows || !columns || more.length > 0)
    throw new CheckpointError(["header", name], "a matrix", shape ? `shape [${shape.join(", ")}]` : "none");
  return [rows, columns];
}
