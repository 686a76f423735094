/** What the scores are compared with the targets by. */
export interface LossFunction {
  /** `cross-entropy` for tokens, in nats; the others for real vectors, the mean over their elements. */
  readonly name: LossName;
  /** Where Huber's loss turns from a square into a line. */
  readonly delta: number;
}

/**
 * What outputs are compared with targets by:
 *
 * - `cross-entropy`: −ln softmax(scores)[target], in nats
 * - `mse`: the mean over the outputs of (y − target)²
 * - `huber`: the mean of (y − target)² / 2 up to a distance of δ, of δ · (distance − δ / 2) beyond (Huber 1964)
 */
export type LossName = "cross-entropy" | "mse" | "huber";

export const LOSSES = ["cross-entropy", "mse", "huber"] as const satisfies readonly LossName[];

/** The loss of tokens. */
export const CROSS_ENTROPY: LossFunction = { name: "cross-entropy", delta: 0 };
