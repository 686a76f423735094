import { type LossFunction, lossOf } from "./loss.js";
import { type Dropout, type Network, withoutPadding } from "./network.js";
import type { ParameterAddresses } from "./parameters.js";
import type { PassPlan } from "./plan.js";
import { layerBackward } from "./recurrent-layer.js";

/**
 * A training step without the update: from `inputs`, `targets` and the initial states to the gradients of gradientScale
 * times the loss. The gradient of the final state is zero.
 *
 * @returns the loss, summed over all rows
 */
export function step(
  network: Network,
  plan: PassPlan,
  lossFunction: LossFunction,
  gradientScale: number,
  gradients: ParameterAddresses,
  dropout?: Dropout,
): number {
  const loss = stepForward(network, plan, lossFunction, gradientScale, dropout);
  backward(network, plan, gradients, dropout);
  return loss;
}

/**
 * The first half of {@link step}: from `inputs`, `targets` and the initial states to the gradient in `logits`.
 *
 * @returns the loss, summed over all rows
 */
export function stepForward(
  network: Network,
  plan: PassPlan,
  lossFunction: LossFunction,
  gradientScale: number,
  dropout?: Dropout,
): number {
  network.forward(plan, dropout);
  const loss = lossOf({ network, lossFunction }, plan, gradientScale);
  clearStateGradients(network, plan);
  return loss;
}

/** Sets the gradient of the final state to zero. */
export function clearStateGradients({ kernels, H }: Network, { stateGradients, B }: PassPlan): void {
  for (let i = 0; i < stateGradients.length; i++) kernels.clear(stateGradients[i]!, B * H);
}

/**
 * The backward pass, from the gradient in `logits` to the gradients of all parameters, which are overwritten. The state
 * gradients of every layer are those of the final state on entry, of the initial state on return.
 */
export function backward(network: Network, plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout): void {
  for (let part = 0; part < backwardParts(network); part++) backwardPart(network, plan, gradients, part, dropout);
}

/** The number of parts that a backward pass can be computed in. */
export const backwardParts = ({ layers }: Network): number => 1 + layers.length;

/** One of {@link backwardParts}, in their order: the head, then the layers from the last to the first. */
export function backwardPart(
  network: Network,
  plan: PassPlan,
  gradients: ParameterAddresses,
  part: number,
  dropout?: Dropout,
): void {
  if (part === 0) {
    headBackward(network, plan, gradients);
    return;
  }
  const { kernels, layers, shape, width, I } = network;
  const { rows, inputs, dDense, dh, scratch } = plan;
  const i = layers.length - part;
  if (dropout) kernels.dropout(dh, dh, rows * width, dropout.probability, dropout.keys[i]!);
  layerBackward(layers[i]!, plan.layers[i]!, plan, dh, gradients.layers[i]!);
  const { embedding } = gradients;
  if (i === 0 && embedding)
    kernels.gatherBackward(embedding, 0, dDense, inputs, scratch, rows, shape.vocabularySize, I);
}

/** From the gradient in `logits` to that of the last layer's outputs, which is zero at rows without outputs. */
function headBackward(network: Network, plan: PassPlan, d: ParameterAddresses): void {
  const { kernels, parameters, hasHead, stride, width } = network;
  const { rows, logits, features, dFeatures, outputRows, outputList, headScratch: scratch, dh } = plan;
  kernels.clear(dh, (outputList ? rows : rows - outputRows) * width);
  if (hasHead) {
    const { wy } = parameters;
    kernels.linearBackward(dFeatures, d.wy, d.by, logits, features, wy, scratch, outputRows, stride, width);
  } else {
    kernels.clear(dFeatures, outputRows * width);
    withoutPadding(network, logits, dFeatures, (x, out, N) =>
      kernels.copyRows(out, 0, width, x, 0, stride, outputRows, N),
    );
  }
  if (outputList) scatterFeatures(network, plan);
}

/** The way back of the forward pass's gathering. */
function scatterFeatures({ kernels, H, width }: Network, { dFeatures, outputList, outputRows, dh }: PassPlan): void {
  kernels.copyRows(dh, outputList, width, dFeatures, 0, width, outputRows, H);
  if (width > H) kernels.copyRows(dh + 4 * H, 0, width, dFeatures + 4 * H, 0, width, outputRows, H);
}
