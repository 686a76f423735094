import { type Case, trainingCase, V } from "./cases.js";

/** Cases that differ in the length of their sequences alone. */
export interface LengthSeries {
  /** Which steps have a target, and so a part in the loss; `examples-H` has one at the last step, with H units. */
  readonly loss: "every-step" | "last-step" | `examples-${number}`;
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
  ...[64, 128].map(
    (hiddenSize): LengthSeries => ({
      loss: `examples-${hiddenSize}`,
      title: `600 examples of 80 steps, and of 40 to 120 mixed (B = 32, H = ${hiddenSize}, one layer)`,
      specs: [examplesOf("equal", 80, 80, hiddenSize), examplesOf("mixed", 80, 40, hiddenSize)],
    }),
  ),
];

/** Those of 600 examples: equal-64, mixed-64, equal-128, mixed-128. */
export const EXAMPLE_CASES: readonly Case[] = LENGTH_SERIES.flatMap(({ specs }) => specs).filter(
  ({ training }) => training?.examples,
);

/** Sequences of unequal length in one batch, which are not padded. */
function examplesOf(name: string, mean: number, shortest: number, hiddenSize: number): Case {
  const spec = trainingCase(`${name}-${hiddenSize}`, 32, mean, V, hiddenSize, 1, "adam", false);
  return { ...spec, training: { ...spec.training!, examples: { count: 600, shortest } } };
}

function specs(name: string, returnSequences: boolean): Case[] {
  return LENGTHS.map((T) => trainingCase(`${name}-${T}`, B, T, V, H, 1, "sgd", returnSequences));
}
