import { type Kernels, padded } from "./kernels/kernels.js";
import { denseWidth, type NetworkShape, outputWidth, type ParameterAddresses, type PassPlan } from "./layout.js";

/** What the scores are compared with the targets by. */
export interface LossFunction {
  /** `cross-entropy` for tokens, in nats; the others for real vectors, the mean over their elements. */
  readonly kind: LossKind;
  /** Where Huber's loss turns from a square into a line. */
  readonly delta: number;
}

/**
 * What outputs are compared with targets by:
 *
 * - `cross-entropy`: −ln softmax(scores)[target], in nats
 * - `squared-error`: the mean over the outputs of (y − target)²
 * - `huber`: the mean of (y − target)² / 2 up to a distance of δ, of δ · (distance − δ / 2) beyond (Huber 1964)
 */
export type LossKind = "cross-entropy" | "squared-error" | "huber";

export const LOSSES = ["cross-entropy", "squared-error", "huber"] as const satisfies readonly LossKind[];

/** The loss of tokens. */
export const CROSS_ENTROPY: LossFunction = { kind: "cross-entropy", delta: 0 };

/** Which outputs of the layers a training step leaves out; the same for its forward and backward pass. */
export interface Dropout {
  /** The share that is left out, in (0, 1). */
  readonly probability: number;
  /** One int32 for every layer. */
  readonly keys: Int32Array;
}

/**
 * The network on planned memory: tokens or vectors → LSTM layers → a linear layer → scores or values, and back. It knows addresses and
 * kernels, nothing else, so that it runs wherever both are.
 */
export class Network {
  private readonly H: number;
  /** Width of the vectors that the first layer reads; 0 where it reads tokens. */
  private readonly D: number;
  private readonly stride: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
  ) {
    this.H = padded(shape.hiddenSize);
    this.D = padded(denseWidth(shape));
    this.stride = padded(outputWidth(shape));
  }

  /** From `inputs` and step 0 of every layer's h and c to `scores` and the states of all steps. */
  forward(plan: PassPlan, dropout?: Dropout): void {
    const { kernels, parameters, H, D, stride } = this;
    const { T, B, scratch, inputs, dense } = plan;
    const { embedding, wy, by } = parameters;
    const rows = T * B;
    if (embedding) kernels.gatherForward(dense, inputs, embedding, 0, rows, D);
    for (let layer = 0; layer < plan.layers.length; layer++) {
      const { gates, h, c, dropped } = plan.layers[layer]!;
      const { wx, wh, b } = parameters.layers[layer]!;
      if (layer > 0) kernels.linearForward(gates, this.outputs(plan, layer - 1), wx, b, scratch, rows, 4 * H, H);
      else if (dense) kernels.linearForward(gates, dense, wx, b, scratch, rows, 4 * H, D);
      else kernels.gatherForward(gates, inputs, wx, b, rows, 4 * H);
      kernels.lstmForward(h, c, gates, wh, scratch, T, B, H);
      if (dropout)
        kernels.dropout(dropped, afterFirstStep(h, B, H), rows * H, dropout.probability, dropout.keys[layer]!);
    }
    kernels.linearForward(plan.scores, this.scoredOutputs(plan), wy, by, scratch, plan.scored * B, stride, H);
  }

  /**
   * The loss of `scores` and `targets`, summed over all rows. Turns `scores` into the gradient of gradientScale times
   * that sum.
   */
  loss(plan: PassPlan, { kind, delta }: LossFunction, gradientScale: number): number {
    const { scores, targets } = plan;
    const rows = plan.scored * plan.B;
    const N = outputWidth(this.shape);
    if (kind === "cross-entropy")
      return this.kernels.crossEntropy(scores, targets, rows, N, this.stride, gradientScale);
    return this.kernels.squaredError(
      scores,
      targets,
      rows,
      N,
      this.stride,
      kind === "huber" ? delta : 0,
      gradientScale,
    );
  }

  /**
   * From the gradient in `scores` to the gradients of all parameters, which are written, not added. dhState and dcState
   * of every layer come in as the gradient of the final state and go out as that of the initial one.
   */
  backward(plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout): void {
    const { kernels, parameters, H, D } = this;
    const { T, B, scratch, inputs, dense, dDense, dh } = plan;
    const { vocabularySize } = this.shape;
    const rows = T * B;
    this.outputBackward(plan, gradients);
    for (let layer = plan.layers.length - 1; layer >= 0; layer--) {
      const { gates, h, c, dhState, dcState } = plan.layers[layer]!;
      const { wx, wh } = parameters.layers[layer]!;
      const d = gradients.layers[layer]!;
      if (dropout) kernels.dropout(dh, dh, rows * H, dropout.probability, dropout.keys[layer]!);
      kernels.lstmBackward(dh, dhState, dcState, d.wh, gates, h, c, wh, scratch, T, B, H);
      if (layer > 0)
        kernels.linearBackward(dh, d.wx, d.b, gates, this.outputs(plan, layer - 1), wx, scratch, rows, 4 * H, H);
      else if (dense) kernels.linearBackward(dDense, d.wx, d.b, gates, dense, wx, scratch, rows, 4 * H, D);
      else kernels.gatherBackward(d.wx, d.b, gates, inputs, scratch, rows, vocabularySize, 4 * H);
    }
    if (gradients.embedding)
      kernels.gatherBackward(gradients.embedding, 0, dDense, inputs, scratch, rows, vocabularySize, D);
  }

  /**
   * All of a training step but the update: from `inputs`, `targets` and the initial states to the gradients of gradientScale
   * times the loss. No gradient comes from beyond the chunk's end.
   *
   * @returns the loss, summed over all rows
   */
  step(
    plan: PassPlan,
    lossFunction: LossFunction,
    gradientScale: number,
    gradients: ParameterAddresses,
    dropout?: Dropout,
  ): number {
    this.forward(plan, dropout);
    const loss = this.loss(plan, lossFunction, gradientScale);
    this.clearStateGradients(plan);
    this.backward(plan, gradients, dropout);
    return loss;
  }

  /** Says that no gradient comes from beyond the chunk's end. */
  clearStateGradients({ layers, B }: PassPlan): void {
    for (const { dhState, dcState } of layers) {
      this.kernels.clear(dhState, B * this.H);
      this.kernels.clear(dcState, B * this.H);
    }
  }

  /** From the gradient in `scores` to that of the last layer's outputs, which is zero where a step has no scores. */
  private outputBackward(plan: PassPlan, { wy, by }: ParameterAddresses): void {
    const { kernels, H, stride } = this;
    const { B, scores, scored, scratch, dh } = plan;
    const unscored = (plan.T - scored) * B * H;
    const x = this.scoredOutputs(plan);
    kernels.clear(dh, unscored);
    kernels.linearBackward(dh + 4 * unscored, wy, by, scores, x, this.parameters.wy, scratch, scored * B, stride, H);
  }

  /** [T, B, H]: what a layer hands on. */
  private outputs(plan: PassPlan, layer: number): number {
    const { h, dropped } = plan.layers[layer]!;
    return dropped || afterFirstStep(h, plan.B, this.H);
  }

  /** [scored, B, H]: what the last layer hands on at the steps that have scores. */
  private scoredOutputs(plan: PassPlan): number {
    return this.outputs(plan, plan.layers.length - 1) + 4 * (plan.T - plan.scored) * plan.B * this.H;
  }
}

/** The address of h without its initial step. */
const afterFirstStep = (h: number, B: number, H: number): number => h + 4 * B * H;
