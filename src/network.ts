import { type Kernels, padded } from "./kernels/kernels.js";
import type { NetworkShape, ParameterAddresses, PassPlan } from "./layout.js";

/**
 * The network on planned memory: tokens → LSTM layers → a linear layer → scores, and back. It knows addresses and
 * kernels, nothing else, so that it runs wherever both are (one day, on another thread).
 */
export class Network {
  private readonly H: number;
  private readonly stride: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
  ) {
    this.H = padded(shape.hiddenSize);
    this.stride = padded(shape.vocabularySize);
  }

  /** From `tokens` and step 0 of every layer's h and c to `scores` and the states of all steps. */
  forward(plan: PassPlan): void {
    const { kernels, parameters, H, stride } = this;
    const { T, B, scratch } = plan;
    const rows = T * B;
    plan.layers.forEach(({ gates, h, c }, layer) => {
      const { wx, wh, b } = parameters.layers[layer]!;
      if (layer === 0) kernels.gatherForward(gates, plan.tokens, wx, b, rows, 4 * H);
      else kernels.linearForward(gates, this.outputs(plan, layer - 1), wx, b, scratch, rows, 4 * H, H);
      kernels.lstmForward(h, c, gates, wh, scratch, T, B, H);
    });
    const { wy, by } = parameters;
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
  backward(plan: PassPlan, gradients: ParameterAddresses): void {
    const { kernels, parameters, H, stride } = this;
    const { T, B, scratch, scores, dh } = plan;
    const { vocabularySize } = this.shape;
    const rows = T * B;
    const last = plan.layers.length - 1;
    const unscored = 4 * (T - plan.scored) * B * H;
    kernels.clear(dh, unscored / 4);
    kernels.linearBackward(
      dh + unscored,
      gradients.wy,
      gradients.by,
      scores,
      this.scoredOutputs(plan),
      parameters.wy,
      scratch,
      plan.scored * B,
      stride,
      H,
    );
    for (let layer = last; layer >= 0; layer--) {
      const { gates, h, c, dhState, dcState } = plan.layers[layer]!;
      const { wx, wh } = parameters.layers[layer]!;
      const d = gradients.layers[layer]!;
      kernels.lstmBackward(dh, dhState, dcState, d.wh, gates, h, c, wh, scratch, T, B, H);
      if (layer === 0) kernels.gatherBackward(d.wx, d.b, gates, plan.tokens, rows, vocabularySize, 4 * H);
      else kernels.linearBackward(dh, d.wx, d.b, gates, this.outputs(plan, layer - 1), wx, scratch, rows, 4 * H, H);
    }
  }

  /** [T, B, H]: a layer's h without its initial step. */
  private outputs(plan: PassPlan, layer: number): number {
    return plan.layers[layer]!.h + 4 * plan.B * this.H;
  }

  /** [scored, B, H]: the last layer's h at the steps that have scores. */
  private scoredOutputs(plan: PassPlan): number {
    return this.outputs(plan, plan.layers.length - 1) + 4 * (plan.T - plan.scored) * plan.B * this.H;
  }
}
