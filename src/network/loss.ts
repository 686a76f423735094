import { padded } from "../kernels/kernels.js";
import { type NetworkShape, outputSizeOf } from "./shape.js";

/** What outputs are compared with targets by. */
export interface LossFunction {
  /** `cross-entropy` for tokens, in nats; the others for real vectors, the mean over their elements. */
  readonly name: LossName;
  /** Where Huber's loss turns from a square into a line. */
  readonly delta: number;
}

/**
 * What outputs are compared with targets by:
 *
 * - `cross-entropy`: −ln softmax(logits)[target], in nats
 * - `mse`: the mean over the outputs of (y − target)²
 * - `huber`: the mean of (y − target)² / 2 up to a distance of δ, of δ · (distance − δ / 2) beyond (Huber 1964)
 */
export type LossName = "cross-entropy" | "mse" | "huber";

export const LOSSES = ["cross-entropy", "mse", "huber"] as const satisfies readonly LossName[];

/** The loss of tokens. */
export const CROSS_ENTROPY: LossFunction = { name: "cross-entropy", delta: 0 };

/** How wide a row of targets is in memory: one int32 for a token, else as many floats as a row of values has. */
export const targetWidth = (shape: NetworkShape, { name }: LossFunction): number =>
  name === "cross-entropy" ? 1 : padded(outputSizeOf(shape));
