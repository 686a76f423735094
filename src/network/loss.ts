import { padded } from "../kernels/kernels.js";
import type { Network } from "./network.js";
import type { PassPlan } from "./plan.js";
import { type NetworkShape, outputSizeOf } from "./shape.js";

/** A loss function. */
export interface LossFunction {
  /** `cross-entropy` for tokens, in nats; the others for vectors, averaged over their elements. */
  readonly name: LossName;
  /** Error at which the Huber loss changes from quadratic to linear. */
  readonly delta: number;
  /** The quantiles of the pinball loss: output i is that of index i mod their number. */
  readonly quantiles: readonly number[];
}

/**
 * Loss functions:
 *
 * - `cross-entropy`: −ln softmax(logits)[target], in nats
 * - `mse`: the mean over the outputs of (y − target)²
 * - `huber`: the mean of e² / 2 for errors e = |y − target| up to δ, of δ · (e − δ / 2) beyond (Huber 1964)
 * - `pinball`: the mean of q · (target − y) for a quantile q that is too low, of (1 − q) · (y − target) for one that is
 *   too high, which the quantiles of the targets minimize (Koenker and Bassett 1978)
 */
export type LossName = "cross-entropy" | "mse" | "huber" | "pinball";

export const LOSSES = ["cross-entropy", "mse", "huber", "pinball"] as const satisfies readonly LossName[];

/** The loss for tokens. */
export const CROSS_ENTROPY: LossFunction = { name: "cross-entropy", delta: 0, quantiles: [] };

/** The width of a row of targets in memory: one int32 for a token, otherwise the floats of a row of values. */
export const targetWidth = (shape: NetworkShape, { name }: LossFunction): number =>
  name === "cross-entropy" ? 1 : padded(outputSizeOf(shape));

/**
 * The loss of a pass's `logits` and `targets`, summed over all rows. Replaces `logits` with the gradient of gradientScale
 * times that sum.
 */
export function lossOf(
  { network, lossFunction }: { readonly network: Network; readonly lossFunction: LossFunction },
  { logits, targets, weights, outputRows: rows }: PassPlan,
  gradientScale: number,
): number {
  const { kernels, stride, shape } = network;
  const { name, delta, quantiles } = lossFunction;
  const N = outputSizeOf(shape);
  if (name === "cross-entropy") return kernels.crossEntropy(logits, targets, weights, rows, N, stride, gradientScale);
  if (name === "pinball") {
    const lossOfQuantile = (quantile: number, q: number) =>
      kernels.pinball(logits, targets, weights, rows, N, stride, q, quantiles.length, quantile, gradientScale);
    return quantiles.reduce((sum, quantile, q) => sum + lossOfQuantile(quantile, q), 0);
  }
  const huberDelta = name === "huber" ? delta : 0;
  return kernels.squaredError(logits, targets, weights, rows, N, stride, huberDelta, gradientScale);
}
