import { type Kernels, padded } from "./kernels/kernels.js";

/** The sizes that decide which tensors a network has. */
export interface NetworkShape {
  /** Tokens in, and scores out. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

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
export function planParameters({ vocabularySize: V, hiddenSize, layers }: NetworkShape): ParameterTable {
  const H = padded(hiddenSize);
  const tensors: Tensor[] = [];
  let offset = 0;
  const add = (name: string, shape: number[], length: number, axes: [size: number, stride: number][]) => {
    tensors.push({ name, shape, offset, length, axes: axes.map(([size, stride]) => ({ size, stride })) });
    offset += length;
  };
  for (let layer = 0; layer < layers; layer++) {
    const inputs = layer === 0 ? V : hiddenSize;
    const inputRows = layer === 0 ? V : H;
    const gateAxes: [number, number][] = [
      [GATES.length, H],
      [hiddenSize, 1],
    ];
    const weightAxes = (rows: number): [number, number][] => [...gateAxes, [rows, 4 * H]];
    add(`lstm.weight_ih_l${layer}`, [4 * hiddenSize, inputs], inputRows * 4 * H, weightAxes(inputs));
    add(`lstm.weight_hh_l${layer}`, [4 * hiddenSize, hiddenSize], H * 4 * H, weightAxes(hiddenSize));
    add(`lstm.bias_ih_l${layer}`, [4 * hiddenSize], 4 * H, gateAxes);
  }
  const stride = padded(V);
  const outputAxes: [number, number][] = [
    [V, 1],
    [hiddenSize, stride],
  ];
  add("linear.weight", [V, hiddenSize], H * stride, outputAxes);
  add("linear.bias", [V], stride, outputAxes.slice(0, 1));
  const count = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  return { tensors, length: offset, count };
}

/** Calls `visit` with the place in memory of every element, in floats from the tensor's start, in PyTorch's order. */
export function eachElement({ axes }: Tensor, visit: (place: number) => void): void {
  const one = { size: 1, stride: 0 };
  const [a = one, b = one, c = one] = axes;
  for (let i = 0; i < a.size; i++)
    for (let j = 0; j < b.size; j++) for (let k = 0; k < c.size; k++) visit(i * a.stride + j * b.stride + k * c.stride);
}

/** Where the parameters (or gradients, in the same layout) of each layer begin: byte addresses. */
export interface ParameterAddresses {
  readonly layers: readonly { readonly wx: number; readonly wh: number; readonly b: number }[];
  readonly wy: number;
  readonly by: number;
}

/** The table's tensors as byte addresses, for a run of floats that begins at `base`. */
export function addressesOf({ tensors }: ParameterTable, base: number): ParameterAddresses {
  const at = tensors.map(({ offset }) => base + 4 * offset);
  const layers = [];
  let i = 0;
  for (; i + 2 < at.length; i += 3) layers.push({ wx: at[i]!, wh: at[i + 1]!, b: at[i + 2]! });
  return { layers, wy: at[i]!, by: at[i + 1]! };
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
  /** [T, B] int32 */
  readonly tokens: number;
  /** [scored, B] int32 */
  readonly targets: number;
  readonly layers: readonly {
    /** [T, B, 4, H] */
    readonly gates: number;
    /** [T + 1, B, H] */
    readonly h: number;
    /** [T + 1, B, H] */
    readonly c: number;
    /** [B, H], the gradient of the final, then of the initial hidden state */
    readonly dhState: number;
    /** [B, H], the gradient of the final, then of the initial cell state */
    readonly dcState: number;
  }[];
  /** [scored, B, V rounded up to a multiple of four]: scores, then their gradient */
  readonly scores: number;
  /** [T, B, H], the gradient of one layer's outputs after the other */
  readonly dh: number;
  readonly scratch: number;
  /** The first byte after the plan. */
  readonly end: number;
}

/** Cache lines are 64 bytes. */
const ALIGNMENT = 64;

/** Hands out addresses one after the other, each on a cache line of its own. */
export class Addresses {
  constructor(private next: number) {}

  take(bytes: number): number {
    const address = Math.ceil(this.next / ALIGNMENT) * ALIGNMENT;
    this.next = address + bytes;
    return address;
  }

  floats(...shape: number[]): number {
    return this.take(shape.reduce((a, b) => a * b, 4));
  }

  get end(): number {
    return this.next;
  }
}

/** Plans one pass, from the address `base` on. Without `training`, the gradients get no room. */
export function planPass(
  { vocabularySize: V, hiddenSize, layers }: NetworkShape,
  kernels: Kernels,
  T: number,
  B: number,
  scored: number,
  training: boolean,
  base: number,
): PassPlan {
  const H = padded(hiddenSize);
  const memory = new Addresses(base);
  const tokens = memory.floats(T, B);
  const targets = memory.floats(scored, B);
  const perLayer = [];
  for (let layer = 0; layer < layers; layer++) {
    perLayer.push({
      gates: memory.floats(T, B, 4, H),
      h: memory.floats(T + 1, B, H),
      c: memory.floats(T + 1, B, H),
      dhState: training ? memory.floats(B, H) : 0,
      dcState: training ? memory.floats(B, H) : 0,
    });
  }
  const scores = memory.floats(scored, B, padded(V));
  const dh = training ? memory.floats(T, B, H) : 0;
  const scratch = memory.take(
    Math.max(
      kernels.scratchBytes(B, 4 * H, H),
      kernels.scratchBytes(T * B, 4 * H, H),
      kernels.scratchBytes(scored * B, padded(V), H),
    ),
  );
  return { T, B, scored, tokens, targets, layers: perLayer, scores, dh, scratch, end: memory.end };
}
