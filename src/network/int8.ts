import type { ParameterTable } from "./parameters.js";
import { eachElement, scalesOf, type Tensor, type TensorSpec } from "./tensors.js";

/** The weights of a tensor: PyTorch's rows of int8, and the scale of each. */
export interface Int8Weights {
  readonly weights: Int8Array;
  readonly scales: Float32Array;
}

/** A tensor as in a file. */
type StoredTensor = { readonly shape: readonly number[] } & (
  | { readonly dtype: "I8"; readonly data: Int8Array<ArrayBuffer> }
  | { readonly dtype: "F32"; readonly data: Float32Array<ArrayBuffer> }
);

/** Weights of an output that lie together, and digits of an input; as in assembly/int8.ts. */
const GROUP = 16;
const HEADER = 16;
const SEVEN_BITS = 1;
const FOURTEEN_BITS = 2;

/** Whether a tensor has weights, which are int8; biases stay float32. */
export const isWeight = ({ init }: Pick<TensorSpec, "init">): boolean => init.role !== "bias";

/**
 * The parameters of a network with int8 weights in memory, as assembly/int8.ts reads them: PyTorch's tensors, each with one
 * scale per row. They are written once, and read.
 */
export class Int8Parameters {
  readonly table: ParameterTable;
  private readonly layouts: ReadonlyMap<string, Layout>;

  /**
   * @param plain the parameters as float32
   * @param readsTokens whether the first layer reads tokens, not vectors or what tokens are embedded as
   */
  constructor(plain: ParameterTable, readsTokens: boolean) {
    const weights = plain.tensors.filter(isWeight);
    this.layouts = new Map(weights.map((tensor) => [tensor.name, layoutOf(tensor, readsTokens)]));
    let length = 0;
    const tensors = plain.tensors.map((tensor) => {
      const layout = this.layouts.get(tensor.name);
      const placed = { ...tensor, offset: length, length: layout ? Math.ceil(layout.bytes / 16) * 4 : tensor.length };
      length += placed.length;
      return placed;
    });
    this.table = { tensors, length, count: plain.count };
  }

  /** Writes a tensor's weights. `base` is the address of the parameters. */
  write(tensor: Tensor, { weights, scales }: Int8Weights, memory: ArrayBufferLike, base: number): void {
    const start = base + 4 * tensor.offset;
    const floats = new Float32Array(memory);
    const layout = this.layouts.get(tensor.name)!;
    const integers = new Int32Array(memory);
    const bytes = new Int8Array(memory);
    if (layout.digits) integers[start / 4] = layout.digits;
    this.eachWeight(tensor, (i, row, place) => {
      const weight = weights[i]!;
      bytes[start + layout.weight(place)] = weight;
      floats[start / 4 + layout.scale(place)] = scales[row]!;
      if (layout.sum) integers[start / 4 + layout.sum(place)]! += OFFSET * weight;
    });
  }

  /** A tensor's weights, or undefined if it has floats. */
  read(
    tensor: Tensor,
    memory: ArrayBufferLike,
    base: number,
  ): { weights: Int8Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> } | undefined {
    const layout = this.layouts.get(tensor.name);
    if (!layout) return undefined;
    const start = base + 4 * tensor.offset;
    const floats = new Float32Array(memory);
    const bytes = new Int8Array(memory);
    const [rows, columns] = tensor.shape as [number, number];
    const weights = new Int8Array(rows * columns);
    const scales = new Float32Array(rows);
    this.eachWeight(tensor, (i, row, place) => {
      weights[i] = bytes[start + layout.weight(place)]!;
      scales[row] = floats[start / 4 + layout.scale(place)]!;
    });
    return { weights, scales };
  }

  /** A tensor's weights times their scales, or undefined if it has floats. */
  readScaled(tensor: Tensor, memory: ArrayBufferLike, base: number): Float32Array<ArrayBuffer> | undefined {
    const found = this.read(tensor, memory, base);
    return found && dequantize(found);
  }

  /** What a file has in place of the tensors with weights: these, and their scales. */
  *stored(memory: ArrayBufferLike, base: number): Generator<[string, StoredTensor]> {
    for (const tensor of this.table.tensors) {
      const found = this.read(tensor, memory, base);
      if (!found) continue;
      const { name, shape } = tensor;
      yield [name, { dtype: "I8", shape, data: found.weights }];
      yield [scalesOf(name), { dtype: "F32", shape: shape.slice(0, 1), data: found.scales }];
    }
  }

  /** Calls `visit` with each weight's index and row in PyTorch's order, and its place. */
  private eachWeight(tensor: Tensor, visit: (i: number, row: number, place: number) => void): void {
    const columns = tensor.shape[1]!;
    let i = 0;
    eachElement(tensor, (place) => {
      visit(i, Math.floor(i / columns), place);
      i++;
    });
  }
}

/** The numbers that weights stand for. */
export function dequantize({ weights, scales }: Int8Weights): Float32Array<ArrayBuffer> {
  const columns = weights.length / scales.length;
  return Float32Array.from(weights, (weight, i) => weight * scales[Math.floor(i / columns)]!);
}

/** What is added to an activation of seven bits. */
const OFFSET = 64;

/**
 * Where a tensor's parts lie, by the place that an element would have as a float (`eachElement` of tensors.ts).
 */
interface Layout {
  readonly bytes: number;
  /** What the first number says, if anything. */
  readonly digits?: number;
  /** The byte of a weight. */
  weight(place: number): number;
  /** The float of its scale. */
  scale(place: number): number;
  /** The integer of its output's sum. */
  readonly sum?: (place: number) => number;
}

function layoutOf({ init, axes, length, name }: Tensor, readsTokens: boolean): Layout {
  if (init.role === "embedding") return embeddingLayout(length, axes[0]!.stride);
  const N = axes.at(-1)!.stride;
  const K = length / N;
  const isFirst = name.startsWith("lstm.weight_ih_l0");
  if (isFirst && readsTokens) return tokenLayout(N, K);
  return matrixLayout(N, K, isFirst ? FOURTEEN_BITS : SEVEN_BITS);
}

/** A row per token: its scale, then its N weights. */
const embeddingLayout = (length: number, N: number): Layout => ({
  bytes: (length / N) * (4 + N),
  weight: (place) => Math.floor(place / N) * (4 + N) + 4 + (place % N),
  scale: (place) => Math.floor(place / N) * (1 + N / 4),
});

/** The scales, then a row of N weights per token. */
const tokenLayout = (N: number, tokens: number): Layout => ({
  bytes: 4 * N + tokens * N,
  weight: (place) => 4 * N + place,
  scale: (place) => place % N,
});

/** A matrix [K, N] for products. */
function matrixLayout(N: number, K: number, digits: number): Layout {
  const width = Math.ceil(K / GROUP) * GROUP;
  const panels = HEADER + 8 * N;
  return {
    bytes: panels + N * width,
    digits,
    weight: (place) => {
      const k = Math.floor(place / N);
      const n = place % N;
      return panels + (n - (n % 4)) * width + (k - (k % GROUP)) * 4 + (n % 4) * GROUP + (k % GROUP);
    },
    scale: (place) => HEADER / 4 + (place % N),
    sum: (place) => HEADER / 4 + N + (place % N),
  };
}
