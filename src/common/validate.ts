import { OptionError } from "./errors.js";

// Checks of single values. Each returns the value, or throws an OptionError that says what was expected.

/** The largest seed: the generator is seeded with 32 bits. */
export const MAX_SEED = 2 ** 32 - 1;

/** A range of allowed numbers. Each bound is optional. */
export interface Range {
  /** Inclusive lower bound. */
  readonly min?: number;
  /** Inclusive upper bound. */
  readonly max?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  /** Exclusive upper bound. */
  readonly below?: number;
}

/** @throws OptionError unless `value` is an integer from `min` to `max` */
export function checkInteger(option: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  // The largest integer goes without saying, except to those who go beyond it.
  const isOpen = max === Number.MAX_SAFE_INTEGER && !(typeof value === "number" && value > max);
  throw new OptionError(option, `an integer ${describeRange(isOpen ? { min } : { min, max })}`, value);
}

/** @throws OptionError unless `value` is a finite number in the range */
export function checkNumber(option: string, value: unknown, range: Range): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, above = min, below = max } = range;
  const x = Number.isFinite(value) ? (value as number) : Number.NaN;
  const isAbove = range.above === undefined ? x >= min : x > above;
  const isBelow = range.below === undefined ? x <= max : x < below;
  if (isAbove && isBelow) return x;
  throw new OptionError(option, `a number ${describeRange(range)}`.trim(), value);
}

/** @throws OptionError unless `value` is a valid seed */
export const checkSeed = (value: unknown): number => checkInteger("seed", value, 0, MAX_SEED);

/** @throws OptionError unless `value` is true or false */
export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new OptionError(option, "true or false", value);
}

/** @throws OptionError unless `value` is a string */
export function checkString(option: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new OptionError(option, `a string${Array.isArray(value) ? ', such as list.join("")' : ""}`, value);
}

/** @throws OptionError unless `value` is an array */
export function checkArray<Values extends readonly unknown[]>(option: string, value: Values): Values {
  if (Array.isArray(value)) return value;
  throw new OptionError(option, "an array", value);
}

/** @throws OptionError unless `value` is one of `choices` */
export function checkChoice<Choice extends string>(option: string, value: unknown, choices: readonly Choice[]): Choice {
  if (choices.includes(value as Choice)) return value as Choice;
  throw new OptionError(option, `one of ${choices.join(", ")}`, value);
}

/** A range in words: "from 0 to below 1", "above 0", "of at least 1". */
export function describeRange({ min, max, above, below }: Range): string {
  const high = max !== undefined ? `up to ${max}` : below !== undefined ? `below ${below}` : "";
  if (min !== undefined) {
    if (high === "") return `of at least ${min}`;
    return max !== undefined ? `from ${min} to ${max}` : `from ${min} to below ${below}`;
  }
  return [above !== undefined ? `above ${above}` : "", high].filter((part) => part !== "").join(", ");
}
