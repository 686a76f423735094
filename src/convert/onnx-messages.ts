import type { Message } from "./protobuf.js";

// The messages of an ONNX model, as far as they are used: github.com/onnx/onnx, onnx/onnx.proto.

/** A tensor: its numbers are raw, little-endian, or in the list of their type. */
const TENSOR = {
  dims: [1, "int"],
  dataType: [2, "int"],
  floats: [4, "float"],
  int32s: [5, "int"],
  int64s: [7, "int"],
  name: [8, "string"],
  raw: [9, "bytes"],
  doubles: [10, "double"],
  /** Present if the numbers are in another file. */
  external: [13, "bytes"],
} as const;

const ATTRIBUTE = {
  name: [1, "string"],
  float: [2, "float"],
  int: [3, "int"],
  string: [4, "string"],
  tensor: [5, TENSOR],
  /** A graph of its own, as of a loop. */
  graph: [6, "bytes"],
  floats: [7, "float"],
  ints: [8, "int"],
  strings: [9, "string"],
  type: [20, "int"],
} as const;

const NODE = {
  inputs: [1, "string"],
  outputs: [2, "string"],
  name: [3, "string"],
  type: [4, "string"],
  attributes: [5, ATTRIBUTE],
  domain: [7, "string"],
} as const;

/** An input or output: a tensor of a type, whose dimensions have a value or a name. */
const VALUE = {
  name: [1, "string"],
  type: [
    2,
    { tensor: [1, { elementType: [1, "int"], shape: [2, { dims: [1, { value: [1, "int"], name: [2, "string"] }] }] }] },
  ],
} as const;

export const GRAPH = {
  nodes: [1, NODE],
  name: [2, "string"],
  initializers: [5, TENSOR],
  inputs: [11, VALUE],
  outputs: [12, VALUE],
} as const;

export const MODEL = {
  irVersion: [1, "int"],
  producer: [2, "string"],
  graph: [7, GRAPH],
  opsets: [8, { domain: [1, "string"], version: [2, "int"] }],
  metadata: [14, { key: [1, "string"], value: [2, "string"] }],
} as const;

export type OnnxTensor = Message<typeof TENSOR>;
export type OnnxNode = Message<typeof NODE>;
export type OnnxGraph = Message<typeof GRAPH>;

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT64 = 7;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;
