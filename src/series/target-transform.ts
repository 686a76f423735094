import { exponential, naturalLogarithm } from "../common/exact-math.js";

/** What is done to the target first: nothing, its natural logarithm, or that of 1 + itself, which 0 has too. */
export const TARGET_TRANSFORMS = ["none", "log", "log1p"] as const satisfies readonly TargetTransform[];
/** What is done to the target first. */
export type TargetTransform = "none" | "log" | "log1p";

/** What is added to a value before its logarithm is taken. */
const OFFSETS = { log: 0, log1p: 1 } as const;

/** Whether a value has a transformed one. */
export const isTransformable = (value: number, transform: TargetTransform): boolean =>
  transform === "none" || value + OFFSETS[transform] > 0;

/**
 * The transformed value of a number.
 *
 * @param floor numbers below count as it: later ones may have no logarithm
 */
export function transformed(value: number, transform: TargetTransform, floor: number): number {
  return transform === "none" ? value : naturalLogarithm(Math.max(value, floor) + OFFSETS[transform]);
}

/**
 * The number whose transformed value this is.
 *
 * @param floor as of {@link transformed}: where it is not below 0, as of counts, no number is
 */
export function restored(value: number, transform: TargetTransform, floor: number): number {
  if (transform === "none") return value;
  const number = exponential(value) - OFFSETS[transform];
  return floor >= 0 ? Math.max(0, number) : number;
}
