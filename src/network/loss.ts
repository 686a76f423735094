import { padded } from "../kernels/kernels.js";
import { type NetworkShape, outputSizeOf } from "./shape.js";

/** A loss function. */
export interface LossFunction {
  /** `cross-entropy` for tokens, in nats; the others for vectors, averaged over their elements. */
  readonly name: LossName;
  /** Error at which the Huber loss changes from quadratic to linear. */
  readonly delta: number;
}

/**
 * Loss functions:
 *
 * - `cross-entropy`: −ln softmax(logits)[target], in nats
 * - `mse`: the mean over the outputs of (y − target)²
 * - `huber`: the mean of e² / 2 for errors e = |y − target| up to δ, of δ · (e − δ / 2) beyond (Huber 1964)
 */
export type LossName = "cross-entropy" | "mse" | "huber";

export const LOSSES = ["cross-entropy", "mse", "huber"] as const satisfies readonly LossName[];

/** The loss for tokens. */
export const CROSS_ENTROPY: LossFunction = { name: "cross-entropy", delta: 0 };

/** The width of a row of targets in memory: one int32 for a token, otherwise the floats of a row of values. */
export const targetWidth = (shape: NetworkShape, { name }: LossFunction): number =>
  name === "cross-entropy" ? 1 : padded(outputSizeOf(shape));
