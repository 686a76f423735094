import { Random } from "../common/random.js";
import type { Sampler } from "./sampler.js";
import { type Dimension, drawValue, gridOf, type Value } from "./space.js";

/** The values of one trial, by option. */
export type Values = Readonly<Record<string, Value>>;

/** How the values of trials are drawn. */
export interface Drawing {
  readonly sampler: Sampler;
  readonly seed: number;
  /** The number of trials; undefined if nobody has said it. */
  readonly trials: number | undefined;
}

/** The number of trials at random, if nobody says it, and the least room of a grid with ranges. */
export const USUAL_TRIALS = 30;

/**
 * The values of all trials. Those of a trial at random depend on the seed and the trials before it alone: with more
 * trials, the first stay as they were.
 *
 * @param fixed options that all trials share, as far as they are known
 */
export function drawTrials(space: readonly Dimension[], { sampler, seed, trials }: Drawing, fixed: Values): Values[] {
  const all = sampler === "grid" ? combinations(gridOf(space, trials, USUAL_TRIALS)) : [];
  if (sampler !== "grid") {
    const random = new Random(seed);
    for (let i = 0; i < (trials ?? USUAL_TRIALS); i++) all.push(space.map((dimension) => drawValue(dimension, random)));
  }
  const effective = all.map((values) => effectiveOf(space, values, fixed));
  // In a grid, combinations may differ in what has no effect only.
  return sampler === "grid"
    ? [...new Map(effective.map((values) => [JSON.stringify(values), values])).values()]
    : effective;
}

/** All combinations, of which the last value varies fastest. */
const combinations = (lists: readonly (readonly Value[])[]): Value[][] =>
  lists.reduce<Value[][]>((all, list) => all.flatMap((one) => list.map((value) => [...one, value])), [[]]);

/** Leaves out options that others make ineffective, such as Adam's with another optimizer: train refuses them. */
function effectiveOf(space: readonly Dimension[], values: readonly Value[], fixed: Values): Values {
  const drawn: Record<string, Value> = Object.fromEntries(space.map(({ option }, i) => [option, values[i]!]));
  const known: Values = { ...fixed, ...drawn };
  return Object.fromEntries(
    space
      .filter(({ spec: { requires = {} } }) =>
        Object.entries(requires).every(([other, wanted]) => {
          const value = known[other];
          return value === undefined || (wanted === "above 0" ? Number(value) > 0 : wanted.includes(value));
        }),
      )
      .map(({ option }) => [option, drawn[option]!]),
  );
}
