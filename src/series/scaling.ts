import { InputError } from "../common/errors.js";
import { naturalLogarithm } from "../common/exact-math.js";
import { quote, show } from "../common/show.js";

/** How columns are scaled: to mean 0 and standard deviation 1, to the range 0 to 1, or not at all. */
export type Scaling = "standard" | "min-max" | "none";

export const SCALINGS = ["standard", "min-max", "none"] as const satisfies readonly Scaling[];

/** A scaled value is (value − shift) / scale. */
export interface Scale {
  readonly shift: number;
  /** Above 0. */
  readonly scale: number;
}

/** The transform of a column before scaling. */
export interface Preparation {
  /** Whether to take the natural logarithm. */
  readonly logarithm: boolean;
  /** Whether to then take each row's difference from the row before. */
  readonly difference: boolean;
}

/**
 * How much equal steps can differ by rounding alone, relative to a column's largest value: both ends of a step are
 * rounded once when read and once when the logarithm is taken, and so are those of the step it is compared with.
 */
const ROUNDING = 8 * Number.EPSILON;
/** The smallest normal float64: smaller ranges have too few digits to divide by. */
const SMALLEST_RANGE = 2.2250738585072014e-308;

/**
 * The scale of a column: mean and population standard deviation for `standard`, minimum and range for `min-max`. A
 * column that is constant, up to rounding, gets a scale of 1, and so becomes 0.
 *
 * @param name of the column, for messages
 * @throws InputError as {@link prepare}, or if the range exceeds float64
 */
export function fitColumn(column: Float64Array, name: string, how: Preparation & { scaling: Scaling }): Scale {
  const { values, steps } = prepare(column, name, how);
  if (how.scaling === "none") return { shift: 0, scale: 1 };
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const low = steps.reduce((least, step) => Math.min(least, step), Number.POSITIVE_INFINITY);
  const high = steps.reduce((most, step) => Math.max(most, step), Number.NEGATIVE_INFINITY);
  const range = high - low;
  if (!Number.isFinite(range))
    throw new InputError(`column ${quote(name)}: values from ${low} to ${high} are too far apart to scale`);
  if (range <= Math.max(ROUNDING * largest, SMALLEST_RANGE)) return { shift: low, scale: 1 };
  if (how.scaling === "min-max") return { shift: low, scale: range };
  // Moments of (step − low) / range, which is from 0 to 1: neither the sum nor the squares overflow or vanish.
  const units = steps.map((step) => (step - low) / range);
  const mean = meanOf(units);
  const variance = meanOf(units.map((unit) => (unit - mean) * (unit - mean)));
  return { shift: low + range * mean, scale: range * Math.sqrt(variance) };
}

/**
 * A column before scaling: its values or their logarithms, and the numbers to scale: the same ones or, with
 * `difference`, their differences, [rows − 1].
 *
 * @param name of the column, for messages
 * @throws InputError for too few rows, a value that is not finite, or one that has no logarithm
 */
export function prepare(column: Float64Array, name: string, { logarithm, difference }: Preparation) {
  const needed = difference ? 2 : 1;
  if (column.length < needed)
    throw new InputError(
      `column ${quote(name)}: too few rows: need at least ${needed}` +
        `${difference ? " to take differences" : ""}, got ${column.length}`,
    );
  const values = column.map((value, row) => {
    if (!Number.isFinite(value))
      throw new InputError(`${place(name, row)}: expected a finite number, got ${show(value)}`);
    if (logarithm && value <= 0)
      throw new InputError(`${place(name, row)}: the logarithm needs a number above 0, got ${value}`);
    return logarithm ? naturalLogarithm(value) : value;
  });
  return { values, steps: difference ? values.subarray(1).map((value, i) => value - values[i]!) : values };
}

/** A cell of the table, for messages. */
export function place(name: string, row: number): string {
  return `column ${quote(name)}, row ${row} (counted from 0)`;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
