import { type Kernels, padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import type { Addresses } from "./memory.js";
import type { TensorSpec } from "./tensors.js";

// One LSTM layer: its tensors, states, plan and passes. It reads vectors, or tokens, each of which selects a row of the
// input weights.

/** Gates in PyTorch's order, in memory as on disk. */
const GATES = ["input", "forget", "cell", "output"] as const;

/** The states that a layer carries from one step to the next, by PyTorch's names. */
export const STATES = ["h", "c"] as const;

/** The sizes of a layer. */
export interface LstmShape {
  readonly hiddenSize: number;
  /** Width of the input vectors; 0 for tokens. */
  readonly inputSize: number;
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

/** The layer's part of the plan of a pass: byte addresses. */
export interface LstmPlan {
  /** [T, B, 4, H] */
  readonly gates: number;
  /** [T + 1, B, H] for each of {@link STATES}, with step 0 given */
  readonly states: readonly number[];
  /** [B, H] for each of them: first the gradient of the final state, then of the initial one */
  readonly stateGradients: readonly number[];
  /** The inputs: [T, B, I], or [T, B] int32 tokens */
  readonly x: number;
  /** The gradient of x if requested, else 0 */
  readonly dx: number;
  /** [T, B, H], h of every step but the initial one */
  readonly h: number;
  /** [T, B, H], h after dropout; 0 without dropout */
  readonly dropped: number;
  /** [T, B, H], the layer's outputs: one of the two */
  readonly outputs: number;
}

/** The sizes of a pass, and the scratch memory of its kernels. */
export interface PassSizes {
  readonly T: number;
  readonly B: number;
  readonly scratch: number;
}

/** The layer's tensors as torch.nn.LSTM names them. The two biases of a gate are merged into one. */
export function lstmTensors(layer: number, { hiddenSize, inputSize, vocabularySize }: LstmShape): TensorSpec[] {
  const H = padded(hiddenSize);
  const inputs = inputSize || vocabularySize;
  const inputRows = inputSize ? padded(inputSize) : vocabularySize;
  const rows = GATES.length * hiddenSize;
  const gateAxes = [
    { size: GATES.length, stride: H },
    { size: hiddenSize, stride: 1 },
  ];
  const weight = (name: string, fanIn: number, length: number): TensorSpec => ({
    name: `lstm.${name}_l${layer}`,
    shape: [rows, fanIn],
    length,
    axes: [...gateAxes, { size: fanIn, stride: GATES.length * H }],
    init: { role: "weight", fanIn, fanOut: hiddenSize, jointFanIn: inputs + hiddenSize },
  });
  const forget = GATES.indexOf("forget") * hiddenSize;
  return [
    weight("weight_ih", inputs, inputRows * GATES.length * H),
    weight("weight_hh", hiddenSize, H * GATES.length * H),
    {
      name: `lstm.bias_ih_l${layer}`,
      shape: [rows],
      length: GATES.length * H,
      axes: gateAxes,
      init: { role: "bias", forgetGate: [forget, forget + hiddenSize] },
    },
  ];
}

/** @param at the address of a tensor, by name */
export const lstmAddresses = (layer: number, at: (name: string) => number): LstmAddresses => ({
  wx: at(`lstm.weight_ih_l${layer}`),
  wh: at(`lstm.weight_hh_l${layer}`),
  b: at(`lstm.bias_ih_l${layer}`),
});

/** Plans the layer's part of a pass. */
export function planLstm(
  memory: Addresses,
  { hiddenSize }: LstmShape,
  T: number,
  B: number,
  { x, dx }: Pick<LstmPlan, "x" | "dx">,
  { training, dropout }: { readonly training: boolean; readonly dropout: boolean },
): LstmPlan {
  const H = padded(hiddenSize);
  const gates = memory.floats(T, B, GATES.length, H);
  const states = STATES.map(() => memory.floats(T + 1, B, H));
  const dropped = memory.floatsIf(dropout, T, B, H);
  const stateGradients = STATES.map(() => memory.floatsIf(training, B, H));
  const h = states[0]! + 4 * B * H;
  return { gates, states, stateGradients, x, dx, h, dropped, outputs: dropped || h };
}

/** Bytes of scratch memory for each of the layer's kernels. */
export function lstmScratch(
  scratch: ScratchBytes,
  { hiddenSize, inputSize, vocabularySize }: LstmShape,
  T: number,
  B: number,
  training: boolean,
): number[] {
  const H = padded(hiddenSize);
  const product = [T * B, GATES.length * H, padded(inputSize)] as const;
  return [
    scratch.lstmForward(B, H),
    training ? scratch.lstmBackward(T, B, H) : 0,
    inputSize ? scratch.linearForward(...product) : 0,
    inputSize && training ? scratch.linearBackward(...product) : 0,
    !inputSize && training ? scratch.gatherBackward(T * B, vocabularySize, GATES.length * H) : 0,
  ];
}

/** One LSTM layer on planned memory. */
export class LstmLayer {
  private readonly H: number;
  private readonly I: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: LstmShape,
    private readonly parameters: LstmAddresses,
  ) {
    this.H = padded(shape.hiddenSize);
    this.I = padded(shape.inputSize);
  }

  /** The forward pass, from the inputs and the initial states to the states of all steps. */
  forward({ x, gates, states }: LstmPlan, { T, B, scratch }: PassSizes): void {
    const { kernels, H, I } = this;
    const { wx, wh, b } = this.parameters;
    const [h, c] = states as [number, number];
    if (I > 0) kernels.linearForward(gates, x, wx, b, scratch, T * B, 4 * H, I);
    else kernels.gatherForward(gates, x, wx, b, T * B, 4 * H);
    kernels.lstmForward(h, c, gates, wh, scratch, T, B, H);
  }

  /**
   * The backward pass, from the gradient of the outputs to those of the parameters and inputs, which are overwritten.
   *
   * @param dh [T, B, H], the gradient of each output
   */
  backward(plan: LstmPlan, { T, B, scratch }: PassSizes, dh: number, d: LstmAddresses): void {
    const { kernels, H, I } = this;
    const { wx, wh } = this.parameters;
    const { x, dx, gates } = plan;
    const [h, c] = plan.states as [number, number];
    const [dhState, dcState] = plan.stateGradients as [number, number];
    kernels.lstmBackward(dh, dhState, dcState, d.wh, gates, h, c, wh, scratch, T, B, H);
    if (I > 0) kernels.linearBackward(dx, d.wx, d.b, gates, x, wx, scratch, T * B, 4 * H, I);
    else kernels.gatherBackward(d.wx, d.b, gates, x, scratch, T * B, this.shape.vocabularySize, 4 * H);
  }

  /** Sets the gradient of the final state to zero. */
  clearStateGradients({ stateGradients }: LstmPlan, B: number): void {
    for (const gradient of stateGradients) this.kernels.clear(gradient, B * this.H);
  }
}
