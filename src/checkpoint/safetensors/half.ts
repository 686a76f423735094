import { isHalf, type TensorData, wholeFloats } from "./dtypes.js";

// 16-bit floats. `load` fetches this for a file that has some.

/**
 * The numbers of a float tensor as float32. F16 and BF16 fit exactly; F64 is rounded, to ±Infinity if it is too large.
 *
 * @param name the tensor's name, for the message
 * @returns `tensor.data` itself if it is F32, else a new array
 * @throws CheckpointError if the tensor is not F32, F64, F16 or BF16
 */
export const toFloat32 = (tensor: TensorData, name: string): Float32Array => wholeFloats(widened(tensor), name);

/** A tensor of 16-bit floats with its numbers as float32; any other as it is. */
export function widened(tensor: TensorData): TensorData {
  if (!isHalf(tensor)) return tensor;
  const halves = tensor.data as Uint16Array;
  const data = tensor.dtype === "F16" ? fromFloat16(halves) : fromBfloat16(halves);
  return { dtype: "F32", shape: tensor.shape, data };
}

/** IEEE 754 binary16: a sign, 5 bits of exponent (bias 15), 10 bits of fraction. float32 has 8 (bias 127) and 23. */
function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
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
function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}
