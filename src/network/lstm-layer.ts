import { type Kernels, padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import type { Addresses } from "./memory.js";
import { type Axis, splitAxis, type TensorSpec } from "./tensors.js";

// One LSTM layer in one direction: its tensors, states, plan and passes. It reads vectors, or tokens, each of which selects
// a row of the input weights. recurrent-layer.ts makes a layer of one or two of them.

/** Gates in PyTorch's order, in memory as on disk. */
const GATES = ["input", "forget", "cell", "output"] as const;

/** The states that a layer carries from one step to the next, by PyTorch's names. */
export const STATES = ["h", "c"] as const;

/** The sizes of a layer. */
export interface LstmShape {
  readonly hiddenSize: number;
  /** Width of the input vectors; 0 for tokens. */
  readonly inputSize: number;
  /** Equal parts of an input vector, each padded in memory: 2 if it reads both directions of the layer below, else 1. */
  readonly inputParts: number;
  /** Number of distinct tokens, if it reads tokens. */
  readonly vocabularySize: number;
}

/** The layer's parameters, or their gradients: byte addresses. */
export interface LstmAddresses {
  /** [I, 4, H] */
  readonly wx: number;
  /** [H, 4, H] */
  readonly wh: number;
  /** [4, H] */
  readonly b: number;
}

/** Packed copies of the layer's weights, by kernels.packWeights: byte addresses. */
export interface PackedLstm {
  /** 0 if it reads tokens. */
  readonly wx: number;
  readonly wh: number;
  /** As they are packed. */
  readonly columns: number;
}

/** The layer's part of the plan of a pass: byte addresses. */
export interface LstmPlan {
  /** [rows, 4, H] */
  readonly gates: number;
  /** [B + rows, H] for each of {@link STATES}, with the first B given */
  readonly states: readonly number[];
  /** [B, H] for each of them: first the gradient of the final state, then of the initial one */
  readonly stateGradients: readonly number[];
  /** The inputs: [rows, I], or [rows] int32 tokens */
  readonly x: number;
  /** The gradient of x if requested, else 0 */
  readonly dx: number;
  /** [rows, H], h of every step but the initial one */
  readonly h: number;
}

/**
 * The sizes of a pass, and the memory that its kernels share. Its rows are those of T steps of B sequences, one step after
 * another.
 */
export interface PassSizes {
  readonly T: number;
  readonly B: number;
  /** T · B, or fewer if the sequences are of unequal length. */
  readonly rows: number;
  /** [T] int32, the sequences that have each step; 0 if all have all. */
  readonly counts: number;
  readonly scratch: number;
}

/** Width of the input vectors in memory; 0 for tokens. */
export const inputWidth = ({ inputSize, inputParts }: LstmShape): number => inputParts * padded(inputSize / inputParts);

/**
 * The layer's tensors as torch.nn.LSTM names them. The two biases of a gate are merged into one.
 *
 * @param suffix such as `l0` or `l0_reverse`
 */
export function lstmTensors(suffix: string, shape: LstmShape): TensorSpec[] {
  const { hiddenSize, inputSize, inputParts, vocabularySize } = shape;
  const H = padded(hiddenSize);
  const inputs = inputSize || vocabularySize;
  const inputRows = inputSize ? inputWidth(shape) : vocabularySize;
  const rows = GATES.length * hiddenSize;
  const stride = GATES.length * H;
  const gateAxes = [
    { size: GATES.length, stride: H },
    { size: hiddenSize, stride: 1 },
  ];
  const weight = (name: string, fanIn: number, inputAxes: readonly Axis[], length: number): TensorSpec => ({
    name: `lstm.${name}_${suffix}`,
    shape: [rows, fanIn],
    length,
    axes: [...gateAxes, ...inputAxes],
    init: { role: "weight", fanIn, fanOut: hiddenSize, jointFanIn: inputs + hiddenSize },
  });
  const forget = GATES.indexOf("forget") * hiddenSize;
  return [
    weight("weight_ih", inputs, splitAxis(inputs, inputParts, stride), inputRows * stride),
    weight("weight_hh", hiddenSize, splitAxis(hiddenSize, 1, stride), H * stride),
    {
      name: `lstm.bias_ih_${suffix}`,
      shape: [rows],
      length: GATES.length * H,
      axes: gateAxes,
      init: { role: "bias", forgetGate: [forget, forget + hiddenSize] },
    },
  ];
}

/**
 * @param suffix as of {@link lstmTensors}
 * @param at the address of a tensor, by name
 */
export const lstmAddresses = (suffix: string, at: (name: string) => number): LstmAddresses => ({
  wx: at(`lstm.weight_ih_${suffix}`),
  wh: at(`lstm.weight_hh_${suffix}`),
  b: at(`lstm.bias_ih_${suffix}`),
});

/** @param place finds room for a copy of the matrix [K, N] at an address, and returns its address */
export function packLstm(
  shape: LstmShape,
  { wx, wh }: LstmAddresses,
  place: (address: number, K: number, N: number) => number,
  columns: number,
): PackedLstm {
  const H = padded(shape.hiddenSize);
  const I = inputWidth(shape);
  return { wx: I > 0 ? place(wx, I, 4 * H) : 0, wh: place(wh, H, 4 * H), columns };
}

/** Plans the layer's part of a pass. */
export function planLstm(
  memory: Addresses,
  { hiddenSize }: LstmShape,
  B: number,
  rows: number,
  { x, dx }: Pick<LstmPlan, "x" | "dx">,
  training: boolean,
): LstmPlan {
  const H = padded(hiddenSize);
  const gates = memory.floats(rows, GATES.length, H);
  const states = STATES.map(() => memory.floats(B + rows, H));
  const stateGradients = STATES.map(() => memory.floatsIf(training, B, H));
  return { gates, states, stateGradients, x, dx, h: states[0]! + 4 * B * H };
}

/** Bytes of scratch memory for each of the layer's kernels. */
export function lstmScratch(
  scratch: ScratchBytes,
  shape: LstmShape,
  B: number,
  rows: number,
  training: boolean,
): number[] {
  const { inputSize, vocabularySize } = shape;
  const H = padded(shape.hiddenSize);
  const product = [rows, GATES.length * H, inputWidth(shape)] as const;
  return [
    scratch.lstmForward(B, H),
    training ? scratch.lstmBackward(rows, B, H) : 0,
    inputSize ? scratch.linearForward(...product) : 0,
    inputSize && training ? scratch.linearBackward(...product) : 0,
    !inputSize && training ? scratch.gatherBackward(rows, vocabularySize, GATES.length * H) : 0,
  ];
}

/** One LSTM layer on planned memory. */
export interface LstmLayer {
  readonly kernels: Kernels;
  readonly shape: LstmShape;
  readonly parameters: LstmAddresses;
}

/**
 * The forward pass, from the inputs and the initial states to the states of all steps.
 *
 * @param packed the layer's weights, packed, for one step
 */
export function lstmForward(
  { kernels, shape, parameters }: LstmLayer,
  { x, gates, states }: LstmPlan,
  { T, B, rows, counts, scratch }: PassSizes,
  packed?: PackedLstm,
): void {
  const { wx, wh, b } = parameters;
  const H = padded(shape.hiddenSize);
  const I = inputWidth(shape);
  const [h, c] = states as [number, number];
  if (I === 0) kernels.gatherForward(gates, x, wx, b, rows, 4 * H);
  else if (packed) kernels.linearForwardPacked(gates, x, packed.wx, b, scratch, rows, 4 * H, I, packed.columns);
  else kernels.linearForward(gates, x, wx, b, scratch, rows, 4 * H, I);
  if (packed) kernels.lstmStepPacked(h, c, gates, packed.wh, scratch, B, H, packed.columns);
  else kernels.lstmForward(h, c, gates, wh, counts, scratch, T, B, H);
}

/**
 * The backward pass, from the gradient of the outputs to those of the parameters and inputs, which are overwritten.
 *
 * @param dh [rows, H], the gradient of each output
 */
export function lstmBackward(
  { kernels, shape, parameters }: LstmLayer,
  plan: LstmPlan,
  { T, B, rows, counts, scratch }: PassSizes,
  dh: number,
  d: LstmAddresses,
): void {
  const { wx, wh } = parameters;
  const { x, dx, gates } = plan;
  const H = padded(shape.hiddenSize);
  const I = inputWidth(shape);
  const [h, c] = plan.states as [number, number];
  const [dhState, dcState] = plan.stateGradients as [number, number];
  kernels.lstmBackward(dh, dhState, dcState, d.wh, gates, h, c, wh, counts, scratch, T, B, H);
  if (I > 0) kernels.linearBackward(dx, d.wx, d.b, gates, x, wx, scratch, rows, 4 * H, I);
  else kernels.gatherBackward(d.wx, d.b, gates, x, scratch, rows, shape.vocabularySize, 4 * H);
}
