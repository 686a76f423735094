import type { Engine } from "../engine/engine.js";
import { Packing } from "../network/packing.js";
import type { PassOptions, PassPlan } from "../network/plan.js";

/** Steps per forward pass: enough to keep the kernels busy, few enough to stay in cache. */
export const STEPS = 256;

/** Some steps of the sequences that have them. */
export interface SequenceSlice {
  readonly from: number;
  readonly to: number;
  /** The number of sequences with a step `from`: the first ones. */
  readonly count: number;
  /** How many of them end by `to`: the last ones. */
  readonly ending: number;
}

/**
 * Splits sequences into slices that are computed one after another, so that the memory for activations does not grow with
 * their length.
 *
 * @param lengths descending
 * @param isWhole takes all steps at once, as a network that reads from both ends has to
 */
export function slicesOf(lengths: readonly number[], isWhole: boolean): SequenceSlice[] {
  const T = lengths[0]!;
  const steps = isWhole ? T : STEPS;
  const slices: SequenceSlice[] = [];
  for (let from = 0; from < T; from += steps) {
    const to = Math.min(T, from + steps);
    const alive = lengths.filter((length) => length > from);
    slices.push({ from, to, count: alive.length, ending: alive.filter((length) => length <= to).length });
  }
  return slices;
}

/** What a slice's pass computes besides. */
export interface SliceOptions {
  readonly returnSequences: boolean;
  readonly weighted?: boolean;
}

/**
 * A forward pass over a slice, with outputs at every step, or at the last one of each sequence that ends.
 *
 * @param address where to plan it, in reserved memory; by default in the memory that passes share
 */
export function planSlice(
  engine: Engine,
  lengths: readonly number[],
  { from, to, count, ending }: SequenceSlice,
  { returnSequences, weighted = false }: SliceOptions,
  address?: number,
): PassPlan {
  // Without any outputs there would be nothing to plan for.
  const options = { weighted, ...(returnSequences ? {} : { outputRows: Math.max(1, ending) }) };
  const planAt = (T: number, given: PassOptions) =>
    address === undefined ? engine.plan(T, count, given) : engine.planAt(address, T, count, given);
  if (lengths[count - 1]! >= to) return planAt(to - from, options);
  const packing = new Packing(lengths.slice(0, count).map((length) => Math.min(length, to) - from));
  return { ...planAt(to - from, { ...options, rows: packing.rows }), packing };
}
