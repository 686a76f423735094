import { type Case, trainingCase, V } from "./cases.js";

/** Cases that differ in the length of their sequences alone. */
export interface LengthSeries {
  /** Which steps have a target, and so a part in the loss. */
  readonly loss: "every-step" | "last-step";
  readonly title: string;
  readonly specs: readonly Case[];
}

const B = 8;
const H = 64;
const LENGTHS = [50, 100, 200, 500, 1000, 2000];

/**
 * Training on ever longer sequences. With a loss at the last step alone, gradients vanish on their way back through a few
 * hundred steps: without a cut they would be subnormal numbers, on which many processors are ten times slower.
 */
export const LENGTH_SERIES: readonly LengthSeries[] = [
  {
    loss: "every-step",
    title: `a loss at every step (B = ${B}, H = ${H}, one layer)`,
    specs: specs("every-step", true),
  },
  {
    loss: "last-step",
    title: `a loss at the last step (B = ${B}, H = ${H}, one layer)`,
    specs: specs("last-step", false),
  },
];

function specs(name: string, returnSequences: boolean): Case[] {
  return LENGTHS.map((T) => trainingCase(`${name}-${T}`, B, T, V, H, 1, "sgd", returnSequences));
}
