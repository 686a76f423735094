import { type Kernels, padded } from "./kernels/kernels.js";

/** The sizes that decide which tensors a network has. */
export interface NetworkShape {
  /** Distinct tokens that come in; 0 where real vectors do. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Width of the vectors that stand for tokens; 0, or left out, feeds the tokens in one-hot. */
  readonly embeddingSize?: number;
  /** Width of the vectors that come in, where no tokens do. */
  readonly inputSize?: number;
  /** Numbers that come out for each scored step. Default: a score for each token. */
  readonly outputSize?: number;
}

/** What the first layer reads: vectors of this width, or 0 where it takes a row of its weights for each token. */
export const denseWidth = ({ embeddingSize = 0, inputSize = 0 }: NetworkShape): number => embeddingSize || inputSize;

/** Numbers that come out for each scored step. */
export const outputWidth = ({ vocabularySize, outputSize = vocabularySize }: NetworkShape): number => outputSize;

/** Gates in the order in which they lie in memory and on disk: PyTorch's. */
export const GATES = ["input", "forget", "cell", "output"] as const;

/**
 * One parameter tensor: its name and shape as in PyTorch, and where it lies in memory. PyTorch keeps a weight as
 * [outputs, inputs]; the kernels want [inputs, outputs], so that one input is one row, and hidden units padded to a
 * multiple of four.
 */
export interface Tensor {
  readonly name: string;
  /** PyTorch's shape. */
  readonly shape: readonly number[];
  /** Floats from the start of the parameters to this tensor. */
  readonly offset: number;
  /** Floats in memory, filling included. */
  readonly length: number;
  /** PyTorch's axes, the gate axis split off: how many steps each has, and how many floats a step is in memory. */
  readonly axes: readonly { readonly size: number; readonly stride: number }[];
}

/** All parameters of one network, one after the other without a gap, and how many floats they are. */
export interface ParameterTable {
  readonly tensors: readonly Tensor[];
  readonly length: number;
  /** Numbers that are trained: the filling does not count. */
  readonly count: number;
}

/** Plans the parameters of a network. */
export function planParameters(shape: NetworkShape): ParameterTable {
  const { vocabularySize: V, hiddenSize, layers, embeddingSize = 0 } = shape;
  const H = padded(hiddenSize);
  const tensors: Tensor[] = [];
  let offset = 0;
  const add = (name: string, shape: number[], length: number, axes: [size: number, stride: number][]) => {
    tensors.push({ name, shape, offset, length, axes: axes.map(([size, stride]) => ({ size, stride })) });
    offset += length;
  };
  if (embeddingSize > 0) {
    const stride = padded(embeddingSize);
    const axes: [number, number][] = [
      [V, stride],
      [embeddingSize, 1],
    ];
    add("embedding.weight", [V, embeddingSize], V * stride, axes);
  }
  for (let layer = 0; layer < layers; layer++) {
    const dense = layer > 0 ? hiddenSize : denseWidth(shape);
    const inputs = dense || V;
    const inputRows = dense ? padded(dense) : V;
    const gateAxes: [number, number][] = [
      [GATES.length, H],
      [hiddenSize, 1],
    ];
    const weightAxes = (rows: number): [number, number][] => [...gateAxes, [rows, 4 * H]];
    add(`lstm.weight_ih_l${layer}`, [4 * hiddenSize, inputs], inputRows * 4 * H, weightAxes(inputs));
    add(`lstm.weight_hh_l${layer}`, [4 * hiddenSize, hiddenSize], H * 4 * H, weightAxes(hiddenSize));
    add(`lstm.bias_ih_l${layer}`, [4 * hiddenSize], 4 * H, gateAxes);
  }
  const outputs = outputWidth(shape);
  const stride = padded(outputs);
  const outputAxes: [number, number][] = [
    [outputs, 1],
    [hiddenSize, stride],
  ];
  add("linear.weight", [outputs, hiddenSize], H * stride, outputAxes);
  add("linear.bias", [outputs], stride, outputAxes.slice(0, 1));
  const count = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { tensors, length: offset, count };
}

/** How many elements a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A tensor's elements in PyTorch's order, out of the floats of a run that begins at index `base`. */
export function readTensor(tensor: Tensor, floats: Float32Array, base = 0): Float32Array<ArrayBuffer> {
  const values = new Float32Array(sizeOf(tensor.shape));
  let i = 0;
  eachElement(tensor, (place) => {
    values[i++] = floats[base + tensor.offset + place]!;
  });
  return values;
}

/** The other way. */
export function writeTensor(tensor: Tensor, values: ArrayLike<number>, floats: Float32Array, base = 0): void {
  let i = 0;
  eachElement(tensor, (place) => {
    floats[base + tensor.offset + place] = values[i++]!;
  });
}

/** Calls `visit` with the place in memory of every element, in floats from the tensor's start, in PyTorch's order. */
function eachElement({ axes }: Tensor, visit: (place: number) => void): void {
  const one = { size: 1, stride: 0 };
  const [a = one, b = one, c = one] = axes;
  for (let i = 0; i < a.size; i++)
    for (let j = 0; j < b.size; j++) for (let k = 0; k < c.size; k++) visit(i * a.stride + j * b.stride + k * c.stride);
}

/** Where the parameters (or gradients, in the same layout) begin: byte addresses. */
export interface ParameterAddresses {
  /** 0 where there is none. */
  readonly embedding: number;
  readonly layers: readonly { readonly wx: number; readonly wh: number; readonly b: number }[];
  readonly wy: number;
  readonly by: number;
}

/** The table's tensors as byte addresses, for a run of floats that begins at `base`. */
export function addressesOf({ tensors }: ParameterTable, base: number): ParameterAddresses {
  const at = new Map(tensors.map(({ name, offset }) => [name, base + 4 * offset]));
  const layers = [];
  for (let layer = 0; at.has(`lstm.bias_ih_l${layer}`); layer++) {
    layers.push({
      wx: at.get(`lstm.weight_ih_l${layer}`)!,
      wh: at.get(`lstm.weight_hh_l${layer}`)!,
      b: at.get(`lstm.bias_ih_l${layer}`)!,
    });
  }
  return {
    embedding: at.get("embedding.weight") ?? 0,
    layers,
    wy: at.get("linear.weight")!,
    by: at.get("linear.bias")!,
  };
}

/**
 * Where everything of one pass over a chunk of T steps and B sequences lies: byte addresses. Nothing in it outlives the
 * pass; what must (the carried state) is copied out.
 */
export interface PassPlan {
  readonly T: number;
  readonly B: number;
  /** How many steps, the last ones, have scores: T, or 1. */
  readonly scored: number;
  /** [T, B] int32 tokens, or [T, B, I] real vectors */
  readonly inputs: number;
  /** [scored, B] int32 tokens, or [scored, B, N] real vectors, as long as there is room for either */
  readonly targets: number;
  readonly layers: readonly {
    /** [T, B, 4, H] */
    readonly gates: number;
    /** [T + 1, B, H] */
    readonly h: number;
    /** [T + 1, B, H] */
    readonly c: number;
    /** [T, B, H], h of steps 1 to T after dropout; 0 without dropout */
    readonly dropped: number;
    /** [B, H], the gradient of the final, then of the initial hidden state */
    readonly dhState: number;
    /** [B, H], the gradient of the final, then of the initial cell state */
    readonly dcState: number;
  }[];
  /** [T, B, D], the vectors that the first layer reads: the inputs, or what the embedding makes of them; else 0 */
  readonly dense: number;
  /** Their gradient, where it is wanted */
  readonly dDense: number;
  /** [scored, B, N], N rounded up to a multiple of four: scores or values, then their gradient */
  readonly scores: number;
  /** [T, B, H], the gradient of one layer's outputs after the other */
  readonly dh: number;
  readonly scratch: number;
  /** The plan's bytes: from the first to that after the last. */
  readonly start: number;
  readonly end: number;
}

/** Cache lines are 64 bytes. */
export const ALIGNMENT = 64;

/** Hands out addresses one after the other, each on a cache line of its own. */
export class Addresses {
  constructor(private next: number) {}

  take(bytes: number): number {
    const address = Math.ceil(this.next / ALIGNMENT) * ALIGNMENT;
    this.next = address + bytes;
    return address;
  }

  floats(...shape: number[]): number {
    return this.take(4 * sizeOf(shape));
  }

  get end(): number {
    return this.next;
  }
}

/** What a pass is for. */
export interface PassOptions {
  /** Makes room for gradients. Default false. */
  readonly training?: boolean;
  /** Makes room for the gradient of real inputs too. Default false. */
  readonly inputGradient?: boolean;
  /** Makes room for dropped outputs. Default false. */
  readonly dropout?: boolean;
  /** How many steps, the last ones, are to have scores. Default: all. */
  readonly scored?: number;
}

/** Plans one pass over [T, B] inputs, from the address `base` on. */
export function planPass(
  shape: NetworkShape,
  kernels: Kernels,
  T: number,
  B: number,
  { training = false, inputGradient = false, dropout = false, scored = T }: PassOptions,
  base: number,
): PassPlan {
  const { hiddenSize, layers, vocabularySize, embeddingSize = 0, inputSize = 0 } = shape;
  const H = padded(hiddenSize);
  const D = padded(denseWidth(shape));
  const N = padded(outputWidth(shape));
  const memory = new Addresses(base);
  const floatsIf = (wanted: boolean, ...sizes: number[]) => (wanted ? memory.floats(...sizes) : 0);
  const inputs = memory.floats(T, B, vocabularySize > 0 ? 1 : padded(inputSize));
  const targets = memory.floats(scored, B, N);
  const dense = embeddingSize > 0 ? memory.floats(T, B, D) : vocabularySize > 0 ? 0 : inputs;
  const dDense = floatsIf(training && (embeddingSize > 0 || inputGradient), T, B, D);
  const perLayer = Array.from({ length: layers }, () => ({
    gates: memory.floats(T, B, 4, H),
    h: memory.floats(T + 1, B, H),
    c: memory.floats(T + 1, B, H),
    dropped: floatsIf(dropout, T, B, H),
    dhState: floatsIf(training, B, H),
    dcState: floatsIf(training, B, H),
  }));
  const scores = memory.floats(scored, B, N);
  const dh = floatsIf(training, T, B, H);
  const scratch = memory.take(
    Math.max(
      kernels.scratchBytes(B, 4 * H, H),
      kernels.scratchBytes(T * B, 4 * H, Math.max(H, D)),
      kernels.scratchBytes(scored * B, N, H),
      vocabularySize > 0 ? kernels.gatherScratchBytes(T * B, vocabularySize, embeddingSize > 0 ? D : 4 * H) : 0,
    ),
  );
  return {
    T,
    B,
    scored,
    inputs,
    targets,
    dense,
    dDense,
    layers: perLayer,
    scores,
    dh,
    scratch,
    start: base,
    end: memory.end,
  };
}
