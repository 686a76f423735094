import type { ParameterTable } from "../network/parameters.js";
import { readTensor, scalesOf, sizeOf, type Tensor } from "../network/tensors.js";
import { CheckpointError } from "./checkpoint-error.js";
import { wholeFloats } from "./safetensors/dtypes.js";
import type { TensorData, TensorInfo } from "./safetensors/safetensors.js";

type Tensors = ReadonlyMap<string, TensorInfo>;

/**
 * Reads tensors one by one: yields the name of an existing tensor and receives it with its data. The same code then
 * checks what is written and what is read, at once or in pieces.
 */
export type TensorReader<Result> = Generator<string, Result, TensorData>;

/** Passes tensors in memory to a reader. */
export function readNow<Result>(reader: TensorReader<Result>, tensors: ReadonlyMap<string, TensorData>): Result {
  let step = reader.next();
  while (!step.done) step = reader.next(tensors.get(step.value)!);
  return step.value;
}

/** Here a layer has one bias; PyTorch adds two. */
const BIAS = "bias_ih_l";
const SECOND_BIAS = "bias_hh_l";

const secondBias = (name: string): string => name.replace(BIAS, SECOND_BIAS);

/** A tensor whose data are computed on each access, and not kept. */
export const lazyTensor = (shape: readonly number[], make: () => Float32Array<ArrayBuffer>): TensorData => ({
  dtype: "F32",
  shape,
  get data() {
    return make();
  },
});

/**
 * The parameters in PyTorch's layout, each name after `prefix`; PyTorch's second biases are zeros.
 *
 * @param buffer a flat buffer in the layout of the parameters; must not change while the tensors are in use
 */
export function* writeParameters(
  { tensors }: ParameterTable,
  buffer: Float32Array,
  prefix = "",
): Generator<[string, TensorData]> {
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    yield [prefix + name, lazyTensor(shape, () => readTensor(tensor, buffer))];
    if (name.includes(BIAS))
      yield [prefix + secondBias(name), lazyTensor(shape, () => new Float32Array(sizeOf(shape)))];
  }
}

/** Whether all weights are int8, and not just some, which are read as the numbers that they stand for. */
export const areInt8 = ({ tensors: wanted }: ParameterTable, tensors: Tensors): boolean =>
  wanted.every(({ name, init }) => init.role === "bias" || tensors.get(name)?.dtype === "I8");

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
export function* checkParameters(
  { tensors: wanted }: ParameterTable,
  tensors: Tensors,
  prefix = "",
  visit?: (tensor: Tensor, values: Float32Array) => void,
): TensorReader<void> {
  for (const tensor of wanted) {
    const { name, shape } = tensor;
    let values = yield* values32(tensors, prefix + name, shape);
    if (name.includes(BIAS)) {
      const second = yield* values32(tensors, prefix + secondBias(name), shape);
      // Add nothing if there is no second bias: adding 0 would turn −0 into 0.
      values = values.map((value, i) => (second[i] === 0 ? value : value + second[i]!));
      finite(prefix + name, values);
    }
    visit?.(tensor, values);
  }
}

/**
 * @throws CheckpointError for a tensor that is missing, has the wrong shape or type, or contains a number that is not
 * finite
 */
export function* values32(tensors: Tensors, name: string, shape: readonly number[]): TensorReader<Float32Array> {
  find(tensors, name, shape);
  const tensor = yield name;
  const values = tensor.dtype === "I8" ? yield* scaled(tensors, name, tensor) : wholeFloats(tensor, name);
  finite(name, values);
  return values;
}

/** The numbers that int8 weights stand for. */
function* scaled(tensors: Tensors, name: string, { shape, data }: TensorData): TensorReader<Float32Array> {
  const scales: Float32Array = yield* values32(tensors, scalesOf(name), shape.slice(0, 1));
  const columns = data.length / scales.length;
  return Float32Array.from(data as Int8Array, (weight, i) => weight * scales[Math.floor(i / columns)]!);
}

function finite(name: string, values: Float32Array): void {
  // Much faster than findIndex, and every number of a file passes through here, on writing too.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new CheckpointError(["header", name, i], "a finite number", String(values[i]));
}

/** The vocabulary size that the tensors imply, if any. */
export function vocabularySizeOf(tensors: Tensors): number | undefined {
  return tensors.get("embedding.weight")?.shape[0] ?? tensors.get("lstm.weight_ih_l0")?.shape[1];
}

function find(tensors: Tensors, name: string, shape: readonly number[]): void {
  const tensor = tensors.get(name);
  const expected = `a tensor of shape [${shape.join(", ")}]`;
  if (!tensor) throw new CheckpointError(["header", name], expected, "none");
  if (tensor.shape.join() !== shape.join())
    throw new CheckpointError(["header", name], expected, `one of shape [${tensor.shape.join(", ")}]`);
}
