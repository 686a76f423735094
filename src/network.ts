import { type Kernels, padded } from "./kernels/kernels.js";
import type { NetworkShape, ParameterAddresses, PassPlan } from "./layout.js";

/** Which outputs of the layers a training step leaves out; the same for its forward and backward pass. */
export interface Dropout {
  /** The share that is left out, in (0, 1). */
  readonly probability: number;
  /** One int32 for every layer. */
  readonly keys: Int32Array;
}

/**
 * The network on planned memory: tokens → LSTM layers → a linear layer → scores, and back. It knows addresses and
 * kernels, nothing else, so that it runs wherever both are.
 */
export class Network {
  private readonly H: number;
  private readonly E: number;
  private readonly stride: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
  ) {
    this.H = padded(shape.hiddenSize);
    this.E = padded(shape.embeddingSize ?? 0);
    this.stride = padded(shape.vocabularySize);
  }

  /** From `tokens` and step 0 of every layer's h and c to `scores` and the states of all steps. */
  forward(plan: PassPlan, dropout?: Dropout): void {
    const { kernels, parameters, H, E, stride } = this;
    const { T, B, scratch, tokens, embedded } = plan;
    const { embedding, wy, by } = parameters;
    const rows = T * B;
    if (E > 0) kernels.gatherForward(embedded, tokens, embedding, 0, rows, E);
    plan.layers.forEach(({ gates, h, c, dropped }, layer) => {
      const { wx, wh, b } = parameters.layers[layer]!;
      if (layer > 0) kernels.linearForward(gates, this.outputs(plan, layer - 1), wx, b, scratch, rows, 4 * H, H);
      else if (E > 0) kernels.linearForward(gates, embedded, wx, b, scratch, rows, 4 * H, E);
      else kernels.gatherForward(gates, tokens, wx, b, rows, 4 * H);
      kernels.lstmForward(h, c, gates, wh, scratch, T, B, H);
      if (dropout)
        kernels.dropout(dropped, afterFirstStep(h, B, H), rows * H, dropout.probability, dropout.keys[layer]!);
    });
    kernels.linearForward(plan.scores, this.scoredOutputs(plan), wy, by, scratch, plan.scored * B, stride, H);
  }

  /**
   * The sum over all rows of the cross-entropy of `scores` and `targets`, in nats. Turns `scores` into the gradient of
   * gradientScale times that sum.
   */
  loss(plan: PassPlan, gradientScale: number): number {
    const { vocabularySize } = this.shape;
    const rows = plan.scored * plan.B;
    return this.kernels.crossEntropy(plan.scores, plan.targets, rows, vocabularySize, this.stride, gradientScale);
  }

  /**
   * From the gradient in `scores` to the gradients of all parameters, which are written, not added. dhState and dcState
   * of every layer come in as the gradient of the final state and go out as that of the initial one.
   */
  backward(plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout): void {
    const { kernels, parameters, H, E } = this;
    const { T, B, scratch, tokens, embedded, dEmbedded, dh } = plan;
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
      else if (E > 0) kernels.linearBackward(dEmbedded, d.wx, d.b, gates, embedded, wx, scratch, rows, 4 * H, E);
      else kernels.gatherBackward(d.wx, d.b, gates, tokens, rows, vocabularySize, 4 * H);
    }
    if (E > 0) kernels.gatherBackward(gradients.embedding, 0, dEmbedded, tokens, rows, vocabularySize, E);
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
