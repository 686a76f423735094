import { type Kernels, padded } from "../kernels/kernels.js";
import type { LossFunction } from "./loss.js";
import type { PackedAddresses } from "./packed-weights.js";
import { layerShapes, type ParameterAddresses } from "./parameters.js";
import type { PassPlan } from "./plan.js";
import { RecurrentLayer } from "./recurrent-layer.js";
import { denseInputSize, directionsOf, type NetworkShape, outputSizeOf } from "./shape.js";

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
  private readonly layers: readonly RecurrentLayer[];
  private readonly hiddenSize: number;
  private readonly directions: number;
  private readonly hasHead: boolean;
  /** Hidden units of one direction, and of all, in memory. */
  private readonly H: number;
  private readonly width: number;
  /** Width of the first layer's input vectors; 0 for tokens. */
  private readonly I: number;
  /** Width of a row of logits in memory. */
  private readonly stride: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
  ) {
    this.layers = layerShapes(shape).map(
      (layerShape, layer) => new RecurrentLayer(kernels, layerShape, parameters.layers[layer]!),
    );
    this.hiddenSize = shape.hiddenSize;
    this.directions = directionsOf(shape);
    this.hasHead = shape.head !== "none";
    this.H = padded(shape.hiddenSize);
    this.width = this.directions * this.H;
    this.I = padded(denseInputSize(shape));
    this.stride = padded(outputSizeOf(shape));
  }

  /**
   * The forward pass, from `inputs` and the initial states to `logits` and the states of all steps.
   *
   * @param packed the weights, packed, for one step of several sequences
   */
  forward(plan: PassPlan, dropout?: Dropout, packed?: PackedAddresses): void {
    const { kernels, parameters, I, width } = this;
    const { rows, inputs, dense } = plan;
    if (parameters.embedding) kernels.gatherForward(dense, inputs, parameters.embedding, 0, rows, I);
    for (let i = 0; i < this.layers.length; i++) {
      const layerPlan = plan.layers[i]!;
      this.layers[i]!.forward(layerPlan, plan, packed?.layers[i]);
      if (dropout) kernels.dropout(layerPlan.dropped, layerPlan.h, rows * width, dropout.probability, dropout.keys[i]!);
    }
    this.headForward(plan, packed?.wy);
  }

  /**
   * The loss of `logits` and `targets`, summed over all rows. Replaces `logits` with the gradient of gradientScale
   * times that sum.
   */
  loss(plan: PassPlan, { name, delta, quantiles }: LossFunction, gradientScale: number): number {
    const { kernels, stride } = this;
    const { logits, targets, weights, outputRows: rows } = plan;
    const N = outputSizeOf(this.shape);
    if (name === "cross-entropy") return kernels.crossEntropy(logits, targets, weights, rows, N, stride, gradientScale);
    if (name === "pinball") {
      const lossOf = (quantile: number, q: number) =>
        kernels.pinball(logits, targets, weights, rows, N, stride, q, quantiles.length, quantile, gradientScale);
      return quantiles.reduce((sum, quantile, q) => sum + lossOf(quantile, q), 0);
    }
    const huberDelta = name === "huber" ? delta : 0;
    return kernels.squaredError(logits, targets, weights, rows, N, stride, huberDelta, gradientScale);
  }

  /**
   * The backward pass, from the gradient in `logits` to the gradients of all parameters, which are overwritten. The
   * state gradients of every layer are those of the final state on entry, of the initial state on return.
   */
  backward(plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout): void {
    const { kernels, width, I } = this;
    const { rows, inputs, dDense, dh, scratch } = plan;
    this.headBackward(plan, gradients);
    for (let i = this.layers.length - 1; i >= 0; i--) {
      if (dropout) kernels.dropout(dh, dh, rows * width, dropout.probability, dropout.keys[i]!);
      this.layers[i]!.backward(plan.layers[i]!, plan, dh, gradients.layers[i]!);
    }
    const { embedding } = gradients;
    const { vocabularySize } = this.shape;
    if (embedding) kernels.gatherBackward(embedding, 0, dDense, inputs, scratch, rows, vocabularySize, I);
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
  clearStateGradients({ stateGradients, B }: PassPlan): void {
    for (let i = 0; i < stateGradients.length; i++) this.kernels.clear(stateGradients[i]!, B * this.H);
  }

  /** From the last layer's outputs to `logits`. */
  private headForward(plan: PassPlan, packed?: number): void {
    const { kernels, parameters, stride, width } = this;
    const { logits, features, outputRows, scratch } = plan;
    if (plan.outputList) this.gatherFeatures(plan);
    if (packed)
      kernels.linearForwardPacked(logits, features, packed, parameters.by, scratch, outputRows, stride, width);
    else if (this.hasHead)
      kernels.linearForward(logits, features, parameters.wy, parameters.by, scratch, outputRows, stride, width);
    else
      this.withoutPadding(logits, features, (out, x, N) =>
        kernels.copyRows(out, 0, stride, x, 0, width, outputRows, N),
      );
  }

  /** From the gradient in `logits` to that of the last layer's outputs, which is zero at rows without outputs. */
  private headBackward(plan: PassPlan, d: ParameterAddresses): void {
    const { kernels, parameters, stride, width } = this;
    const { rows, logits, features, dFeatures, outputRows, outputList, scratch, dh } = plan;
    kernels.clear(dh, (outputList ? rows : rows - outputRows) * width);
    if (this.hasHead) {
      const { wy } = parameters;
      kernels.linearBackward(dFeatures, d.wy, d.by, logits, features, wy, scratch, outputRows, stride, width);
    } else {
      kernels.clear(dFeatures, outputRows * width);
      this.withoutPadding(logits, dFeatures, (x, out, N) =>
        kernels.copyRows(out, 0, width, x, 0, stride, outputRows, N),
      );
    }
    if (outputList) this.scatterFeatures(plan);
  }

  /** Collects the final outputs of the listed rows' sequences: forward at the last step, in reverse at the first. */
  private gatherFeatures({ features, outputList, outputRows, layers }: PassPlan): void {
    const { kernels, H, width } = this;
    const top = layers.at(-1)!.outputs;
    kernels.copyRows(features, 0, width, top, outputList, width, outputRows, H);
    // The first steps of all sequences are the first rows.
    if (width > H) kernels.copyRows(features + 4 * H, 0, width, top + 4 * H, 0, width, outputRows, H);
  }

  private scatterFeatures({ dFeatures, outputList, outputRows, dh }: PassPlan): void {
    const { kernels, H, width } = this;
    kernels.copyRows(dh, outputList, width, dFeatures, 0, width, outputRows, H);
    if (width > H) kernels.copyRows(dh + 4 * H, 0, width, dFeatures + 4 * H, 0, width, outputRows, H);
  }

  /** Calls `copy` with the addresses of each direction's units, first without padding between them, then with it. */
  private withoutPadding(plain: number, wide: number, copy: (plain: number, wide: number, N: number) => void): void {
    const { hiddenSize, directions, H } = this;
    for (let i = 0; i < directions; i++) copy(plain + 4 * i * hiddenSize, wide + 4 * i * H, hiddenSize);
  }
}
