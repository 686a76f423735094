import { CheckpointError } from "../checkpoint-error.js";

/**
 * The supported element types, each with its array type: F16, BF16 and BOOL as raw bits. Other types (8-bit floats,
 * complex numbers) are not used by LSTMs.
 *
 * In the order of Hugging Face's writer: the largest elements first, so that each tensor begins at a multiple of its
 * element size when tensors follow one another in this order.
 */
export const ARRAYS = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type DType = keyof typeof ARRAYS;

/** A tensor, row-major. The product of `shape` is `data.length`; a scalar has the shape []. */
export type TensorData = {
  [D in DType]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: InstanceType<(typeof ARRAYS)[D]>;
  };
}[DType];

export function isDType(name: string): name is DType {
  return Object.hasOwn(ARRAYS, name);
}

/**
 * Size of a tensor in bytes; undefined if a dimension or an intermediate product is not a safe non-negative integer.
 */
export function byteLength(dtype: DType, shape: readonly number[]): number | undefined {
  let size = ARRAYS[dtype].BYTES_PER_ELEMENT;
  for (const dimension of shape) {
    size *= dimension;
    if (!Number.isSafeInteger(dimension) || dimension < 0 || !Number.isSafeInteger(size)) return undefined;
  }
  return size;
}

/** Whether a tensor has 16-bit floats, which half.ts reads. */
export const isHalf = ({ dtype }: Pick<TensorData, "dtype">): boolean => dtype === "F16" || dtype === "BF16";

/**
 * The numbers of a tensor of whole floats as float32; F64 is rounded, to ±Infinity if it is too large.
 *
 * @param name the tensor's name, for the message
 * @returns `tensor.data` itself if it is F32, else a new array
 * @throws CheckpointError if the tensor is not F32 or F64
 */
export function wholeFloats({ dtype, data }: TensorData, name: string): Float32Array {
  if (dtype === "F32") return data;
  if (dtype === "F64") return new Float32Array(data);
  throw new CheckpointError(["header", name, "dtype"], "F32, F64, F16 or BF16", dtype);
}
