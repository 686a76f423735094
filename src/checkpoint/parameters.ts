import { eachElement, GATES, type NetworkShape, type ParameterTable, sizeOf, type Tensor } from "../layout.js";
import { FormatError } from "./format-error.js";
import { type TensorData, toFloat32 } from "./safetensors.js";

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
    yield [prefix + name, { dtype: "F32", shape, data: gather(tensor, run) }];
    if (name.includes(BIAS))
      yield [prefix + secondBias(name), { dtype: "F32", shape, data: new Float32Array(sizeOf(shape)) }];
  }
}

/**
 * A run of floats in the parameters' layout, from tensors with PyTorch's names behind `prefix`.
 *
 * @throws FormatError for a tensor that is missing, has another shape, or holds a number that is not finite
 */
export function readParameters(table: ParameterTable, tensors: Tensors, prefix = ""): Float32Array {
  const run = new Float32Array(table.length);
  for (const tensor of table.tensors) {
    const { name, shape } = tensor;
    const values = values32(tensors, prefix + name, shape);
    if (!name.includes(BIAS)) scatter(tensor, values, run);
    else {
      const second = values32(tensors, prefix + secondBias(name), shape);
      scatter(
        tensor,
        values.map((value, i) => value + second[i]!),
        run,
      );
    }
  }
  return run;
}

/** @throws FormatError for a tensor that is missing, has another shape or type, or holds a number that is not finite */
export function values32(tensors: Tensors, name: string, shape: readonly number[]): Float32Array {
  const tensor = tensors.get(name);
  const expected = `a tensor of shape [${shape.join(", ")}]`;
  if (!tensor) throw new FormatError(["header", name], expected, "none");
  if (tensor.shape.join() !== shape.join())
    throw new FormatError(["header", name], expected, `one of shape [${tensor.shape.join(", ")}]`);
  const values = toFloat32(tensor, name);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(["header", name, bad], "a finite number", String(values[bad]));
  return values;
}

/**
 * The sizes of the network that the tensors belong to, from their names and shapes.
 *
 * @throws FormatError where there is no network of ours
 */
export function inferShape(tensors: Tensors): Required<NetworkShape> {
  let layers = 0;
  while (tensors.has(`lstm.weight_hh_l${layers}`)) layers++;
  if (layers === 0) throw new FormatError(["header", "lstm.weight_hh_l0"], "the weights of an LSTM", "none");
  const [vocabularySize, hiddenSize] = matrix(tensors, "linear.weight");
  const embeddingSize = tensors.has("embedding.weight") ? matrix(tensors, "embedding.weight")[1] : 0;
  const [gates] = matrix(tensors, "lstm.weight_hh_l0");
  if (gates !== GATES.length * hiddenSize)
    throw new FormatError(["header", "lstm.weight_hh_l0"], `${GATES.length * hiddenSize} rows`, gates);
  return { vocabularySize, hiddenSize, layers, embeddingSize };
}

function matrix(tensors: Tensors, name: string): readonly [number, number] {
  const shape = tensors.get(name)?.shape;
  const [rows, columns, ...more] = shape ?? [];
  if (!rows || !columns || more.length > 0)
    throw new FormatError(["header", name], "a matrix", shape ? `shape [${shape.join(", ")}]` : "none");
  return [rows, columns];
}

/** A tensor's elements in PyTorch's order, out of a run of floats in the parameters' layout. */
function gather(tensor: Tensor, run: Float32Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(sizeOf(tensor.shape));
  let i = 0;
  eachElement(tensor, (place) => {
    values[i++] = run[tensor.offset + place]!;
  });
  return values;
}

/** The other way. */
function scatter(tensor: Tensor, values: Float32Array, run: Float32Array): void {
  let i = 0;
  eachElement(tensor, (place) => {
    run[tensor.offset + place] = values[i++]!;
  });
}
