import { type Kernels, padded } from "../kernels/kernels.js";
import type { LossFunction } from "./loss.js";
import { LstmLayer } from "./lstm-layer.js";
import { layerShapes, type ParameterAddresses } from "./parameters.js";
import type { PassPlan } from "./plan.js";
import { denseInputSize, type NetworkShape, outputSizeOf } from "./shape.js";

/** The dropout of a training step, the same in its forward and backward pass. */
export interface Dropout {
  /** The probability of dropping an output, in (0, 1). */
  readonly probability: number;
  /** One int32 key per layer. */
  readonly keys: Int32Array;
}

/**
 * The network on planned memory: tokens or vectors → recurrent layers → a linear layer → logits or values, and back. It
 * needs only addresses and kernels, so it runs in workers too.
 */
export class Network {
  private readonly layers: readonly LstmLayer[];
  private readonly H: number;
  /** Width of the first layer's input vectors; 0 for tokens. */
  private readonly D: number;
  private readonly stride: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
  ) {
    this.layers = layerShapes(shape).map(
      (layerShape, layer) => new LstmLayer(kernels, layerShape, parameters.layers[layer]!),
    );
    this.H = padded(shape.hiddenSize);
    this.D = padded(denseInputSize(shape));
    this.stride = padded(outputSizeOf(shape));
  }

  /** The forward pass, from `inputs` and the initial states to `logits` and the states of all steps. */
  forward(plan: PassPlan, dropout?: Dropout): void {
    const { kernels, parameters, H, D, stride } = this;
    const { T, B, scratch, inputs, dense } = plan;
    const { embedding, wy, by } = parameters;
    if (embedding) kernels.gatherForward(dense, inputs, embedding, 0, T * B, D);
    for (let i = 0; i < this.layers.length; i++) {
      const layer = this.layers[i]!;
      const layerPlan = plan.layers[i]!;
      layer.forward(layerPlan, plan);
      if (dropout) kernels.dropout(layerPlan.dropped, layerPlan.h, T * B * H, dropout.probability, dropout.keys[i]!);
    }
    kernels.linearForward(plan.logits, this.lastOutputs(plan), wy, by, scratch, plan.outputSteps * B, stride, H);
  }

  /**
   * The loss of `logits` and `targets`, summed over all rows. Replaces `logits` with the gradient of gradientScale
   * times that sum.
   */
  loss(plan: PassPlan, { name, delta }: LossFunction, gradientScale: number): number {
    const { kernels, stride } = this;
    const { logits, targets } = plan;
    const rows = plan.outputSteps * plan.B;
    const N = outputSizeOf(this.shape);
    if (name === "cross-entropy") return kernels.crossEntropy(logits, targets, rows, N, stride, gradientScale);
    return kernels.squaredError(logits, targets, rows, N, stride, name === "huber" ? delta : 0, gradientScale);
  }

  /**
   * The backward pass, from the gradient in `logits` to the gradients of all parameters, which are overwritten. The
   * state gradients of every layer are those of the final state on entry, of the initial state on return.
   */
  backward(plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout): void {
    const { kernels, H, D } = this;
    const { T, B, inputs, dDense, dh, scratch } = plan;
    this.outputBackward(plan, gradients);
    for (let i = this.layers.length - 1; i >= 0; i--) {
      if (dropout) kernels.dropout(dh, dh, T * B * H, dropout.probability, dropout.keys[i]!);
      this.layers[i]!.backward(plan.layers[i]!, plan, dh, gradients.layers[i]!);
    }
    const { embedding } = gradients;
    const { vocabularySize } = this.shape;
    if (embedding) kernels.gatherBackward(embedding, 0, dDense, inputs, scratch, T * B, vocabularySize, D);
  }

  /**
   * A training step without the update: from `inputs`, `targets` and the initial states to the gradients of
   * gradientScale times the loss. The gradient of the final state is zero.
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

  /** Sets the gradient of the final state to zero. */
  clearStateGradients({ layers, B }: PassPlan): void {
    for (let i = 0; i < layers.length; i++) this.layers[i]!.clearStateGradients(layers[i]!, B);
  }

  /** From the gradient in `logits` to that of the last layer's outputs, which is zero at steps without logits. */
  private outputBackward(plan: PassPlan, d: ParameterAddresses): void {
    const { kernels, H, stride } = this;
    const { B, logits, outputSteps, scratch, dh } = plan;
    const { wy } = this.parameters;
    const skipped = (plan.T - outputSteps) * B * H;
    const x = this.lastOutputs(plan);
    kernels.clear(dh, skipped);
    kernels.linearBackward(dh + 4 * skipped, d.wy, d.by, logits, x, wy, scratch, outputSteps * B, stride, H);
  }

  /** [outputSteps, B, H]: the last layer's outputs at the steps with logits. */
  private lastOutputs(plan: PassPlan): number {
    return plan.layers.at(-1)!.outputs + 4 * (plan.T - plan.outputSteps) * plan.B * this.H;
  }
}
