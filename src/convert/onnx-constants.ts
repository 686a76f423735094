import { ARRAYS } from "../checkpoint/safetensors/dtypes.js";
import { toFloat32 } from "../checkpoint/safetensors/half.js";
import type { DType, TensorData } from "../checkpoint/safetensors/safetensors.js";
import { sizeOf } from "../network/tensors.js";
import { ConversionError } from "./conversion-error.js";
import type { OnnxGraph, OnnxNode, OnnxTensor } from "./onnx-messages.js";

/** A tensor of a graph whose numbers are known: a weight, or what a Constant node gives. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its numbers, row-major, as float32: exact for integers up to 2²⁴. */
  values(): Float32Array;
}

/** TensorProto.DataType. */
const TYPES: Readonly<Record<number, DType>> = { 1: "F32", 6: "I32", 7: "I64", 10: "F16", 11: "F64", 16: "BF16" };

/** The constants of a graph, by the names of the values. */
export function constantsOf(graph: OnnxGraph): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  const add = (name: string, tensor: OnnxTensor) =>
    constants.set(name, { name, shape: tensor.dims, values: () => read(name, tensor) });
  for (const tensor of graph.initializers) add(tensor.name[0] ?? "", tensor);
  for (const node of graph.nodes) {
    if (node.type[0] !== "Constant") continue;
    const name = node.outputs[0] ?? "";
    const { tensor, ints, floats, int, float } = node.attributes[0] ?? NOTHING;
    if (tensor[0]) add(name, tensor[0]);
    else {
      const list = [...ints, ...floats];
      const values = list.length > 0 ? list : [...int, ...float];
      constants.set(name, {
        name,
        shape: list.length > 0 ? [list.length] : [],
        values: () => Float32Array.from(values),
      });
    }
  }
  return constants;
}

const NOTHING: Pick<OnnxNode["attributes"][number], "tensor" | "ints" | "floats" | "int" | "float"> = {
  tensor: [],
  ints: [],
  floats: [],
  int: [],
  float: [],
};

function read(name: string, tensor: OnnxTensor): Float32Array {
  if (tensor.external.length > 0)
    throw new ConversionError(name, "its numbers are in another file: export the model as one file");
  const type = tensor.dataType[0] ?? 0;
  const dtype = TYPES[type];
  if (!dtype) throw new ConversionError(name, `expected floating-point numbers or integers, got data type ${type}`);
  const size = sizeOf(tensor.dims);
  const [raw] = tensor.raw;
  // Halves are in the list of integers, as bits: nobody writes them so.
  const listed =
    { F32: tensor.floats, F64: tensor.doubles, I32: tensor.int32s, I64: tensor.int64s }[dtype as string] ?? [];
  const Elements = ARRAYS[dtype];
  const found = raw ? raw.length / Elements.BYTES_PER_ELEMENT : listed.length;
  if (found !== size || tensor.dims.some((length) => length < 0))
    throw new ConversionError(name, `expected shape [${tensor.dims.join(", ")}], got ${found} numbers`);
  if (!raw) return Float32Array.from(listed);
  const data = new Elements(raw.slice().buffer);
  return /^I/.test(dtype)
    ? Float32Array.from(data as ArrayLike<bigint>, Number)
    : toFloat32({ dtype, shape: tensor.dims, data } as TensorData, name);
}
