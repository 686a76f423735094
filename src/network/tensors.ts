import { padded } from "../kernels/kernels.js";

/** The length of a tensor's axis, and its stride in memory, in floats. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/**
 * One parameter tensor: its name and shape as in PyTorch, and its layout in memory. PyTorch stores a weight as
 * [outputs, inputs]; the kernels need [inputs, outputs], so that one input is one row, with hidden units padded to a
 * multiple of four.
 */
export interface TensorSpec {
  readonly name: string;
  /** PyTorch's shape. */
  readonly shape: readonly number[];
  /** Floats in memory, padding included. */
  readonly length: number;
  /** PyTorch's axes; a layer may split one. Four at most. */
  readonly axes: readonly Axis[];
  /** What its initial values depend on. */
  readonly init: TensorInit;
}

/** What the initial values of a tensor depend on, besides the method. */
export type TensorInit =
  | { readonly role: "embedding" }
  | {
      readonly role: "weight";
      /** Number of inputs and outputs, per gate. */
      readonly fanIn: number;
      readonly fanOut: number;
      /** Number of inputs if all matrices of a gate are treated as one. */
      readonly jointFanIn: number;
    }
  | {
      readonly role: "bias";
      /**
       * The range of the forget gate's elements in PyTorch's order, if there is one: the first, and the one after the
       * last.
       */
      readonly forgetGate?: readonly [start: number, end: number];
    };

/** A tensor among all parameters. */
export interface Tensor extends TensorSpec {
  /** Floats from the start of the parameters to this tensor. */
  readonly offset: number;
}

/** The axis of a vector of `parts` equal parts, each of which is padded in memory. */
export function splitAxis(size: number, parts: number, stride: number): Axis[] {
  const part = size / parts;
  return parts === 1
    ? [{ size, stride }]
    : [
        { size: parts, stride: padded(part) * stride },
        { size: part, stride },
      ];
}

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Reads a tensor's elements, in PyTorch's order, from a flat buffer that starts at index `base`. */
export function readTensor(tensor: Tensor, floats: Float32Array, base = 0): Float32Array<ArrayBuffer> {
  const values = new Float32Array(sizeOf(tensor.shape));
  let i = 0;
  eachElement(tensor, (place) => {
    values[i++] = floats[base + tensor.offset + place]!;
  });
  return values;
}

/** Writes a tensor's elements, in PyTorch's order, to a flat buffer that starts at index `base`. */
export function writeTensor(tensor: Tensor, values: ArrayLike<number>, floats: Float32Array, base = 0): void {
  let i = 0;
  eachElement(tensor, (place) => {
    floats[base + tensor.offset + place] = values[i++]!;
  });
}

/** Calls `visit` with the memory offset of every element, in floats from the tensor's start, in PyTorch's order. */
export function eachElement({ axes }: Tensor, visit: (place: number) => void): void {
  const one = { size: 1, stride: 0 };
  const [a = one, b = one, c = one, d = one] = axes;
  for (let i = 0; i < a.size; i++)
    for (let j = 0; j < b.size; j++)
      for (let k = 0; k < c.size; k++) {
        const place = i * a.stride + j * b.stride + k * c.stride;
        for (let l = 0; l < d.size; l++) visit(place + l * d.stride);
      }
}

/** The name of the scales of a tensor of int8 weights, one for each row. */
export const scalesOf = (name: string): string => `${name}.scale`;
