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

/**
 * The numbers of a float tensor as float32. F16 and BF16 fit exactly; F64 is rounded, to ±Infinity if it is too large.
 *
 * @param name the tensor's name, for the message
 * @returns `tensor.data` itself if it is F32, else a new array
 * @throws CheckpointError if the tensor is not F32, F64, F16 or BF16
 */
export function toFloat32(tensor: TensorData, name: string): Float32Array {
  switch (tensor.dtype) {
    case "F32":
      return tensor.data;
    case "F64":
      return new Float32Array(tensor.data);
    case "F16":
      return fromFloat16(tensor.data);
    case "BF16":
      return fromBfloat16(tensor.data);
    default:
      throw new CheckpointError(["header", name, "dtype"], "F32, F64, F16 or BF16", tensor.dtype);
  }
}

/** IEEE 754 binary16: a sign, 5 bits of exponent (bias 15), 10 bits of fraction. float32 has 8 (bias 127) and 23. */
function fromFloat16(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) {
      floats[i] = fraction / 2 ** 24; // zero and the subnormals
    } else {
      bits[i] = ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
    }
    bits[i]! |= (half & 0x8000) << 16;
  }
  return floats;
}

/** The numbers rounded to binary16, ties to even; ±Infinity from 65520 on. */
export function toFloat16(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(bits, (word, i) => {
    const sign = (word >>> 16) & 0x8000;
    const magnitude = Math.abs(floats[i]!);
    if (Number.isNaN(magnitude)) return sign | 0x7e00;
    if (magnitude >= 65520) return sign | 0x7c00;
    // Subnormal halves are multiples of 2⁻²⁴; one that rounds up to 2⁻¹⁴ has that one's bits.
    if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
    // A carry out of the fraction goes into the exponent, as it should.
    const rounded = (word & 0x7fffffff) - (112 << 23) + 0xfff + ((word >>> 13) & 1);
    return sign | (rounded >>> 13);
  });
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}
