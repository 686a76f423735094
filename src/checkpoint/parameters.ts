import type { ModelConfig } from "../model/options.js";
import type { ParameterTable } from "../network/parameters.js";
import { readTensor, sizeOf, type Tensor, writeTensor } from "../network/tensors.js";
import { CheckpointError } from "./checkpoint-error.js";
import { type TensorData, toFloat32 } from "./safetensors/safetensors.js";

type Tensors = ReadonlyMap<string, TensorData>;

/** Here a layer has one bias; PyTorch adds two. */
const BIAS = "bias_ih_l";
const SECOND_BIAS = "bias_hh_l";

const secondBias = (name: string): string => name.replace(BIAS, SECOND_BIAS);

/** The parameters in PyTorch's layout, each name after `prefix`; PyTorch's second biases are zeros. */
export function* writeParameters(
  { tensors }: ParameterTable,
  buffer: Float32Array,
  prefix = "",
): Generator<[string, TensorData]> {
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    yield [prefix + name, { dtype: "F32", shape, data: readTensor(tensor, buffer) }];
    if (name.includes(BIAS))
      yield [prefix + secondBias(name), { dtype: "F32", shape, data: new Float32Array(sizeOf(shape)) }];
  }
}

/**
 * Checks, before anything is allocated, that the tensors match the network.
 *
 * @throws CheckpointError for a tensor that is missing or has the wrong shape
 */
export function checkShapes({ tensors: wanted }: ParameterTable, tensors: Tensors): void {
  for (const { name, shape } of wanted) {
    find(tensors, name, shape);
    if (name.includes(BIAS)) find(tensors, secondBias(name), shape);
  }
}

/**
 * Validates the parameters under PyTorch's names after `prefix`, and visits each.
 *
 * @throws CheckpointError for a tensor that is missing, has the wrong shape, or contains a number that is not finite
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
      values = values.map((value, i) => value + second[i]!);
      finite(prefix + name, values);
    }
    visit?.(tensor, values);
  }
}

/**
 * The tensors as a flat buffer in the layout of the parameters.
 *
 * @throws CheckpointError as {@link checkParameters}
 */
export function readParameters(table: ParameterTable, tensors: Tensors, prefix = ""): Float32Array {
  const buffer = new Float32Array(table.length);
  checkParameters(table, tensors, prefix, (tensor, values) => writeTensor(tensor, values, buffer));
  return buffer;
}

/**
 * @throws CheckpointError for a tensor that is missing, has the wrong shape or type, or contains a number that is not
 * finite
 */
export function values32(tensors: Tensors, name: string, shape: readonly number[]): Float32Array {
  const tensor = find(tensors, name, shape);
  const values = toFloat32(tensor, name);
  finite(name, values);
  return values;
}

function finite(name: string, values: Float32Array): void {
  // Much faster than findIndex, and every number of a file passes through here, on writing too.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new CheckpointError(["header", name, i], "a finite number", String(values[i]));
}

/**
 * Infers the sizes of a model from its tensors, for a file without a configuration.
 *
 * @throws CheckpointError if the tensors are not those of a supported network
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

/** The vocabulary size that the tensors imply, if any. */
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
