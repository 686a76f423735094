import { allocateFloats } from "../common/errors.js";

/** Where the elements of an axis go in a longer one. */
export interface Placement {
  /** The longer axis. */
  readonly size: number;
  /** The place of each element of the shorter one. */
  readonly places: readonly number[];
}

/**
 * The placement of blocks of `from` elements as blocks of `to` elements, each at the beginning of its own.
 *
 * @param which the block that each of them becomes
 * @param count the blocks of the longer axis
 */
export const blocks = (which: readonly number[], count: number, from: number, to: number): Placement => ({
  size: count * to,
  places: which.flatMap((block) => Array.from({ length: from }, (_, i) => block * to + i)),
});

/** The placement of an axis that stays as it is. */
export const whole = (size: number): Placement => blocks([0], 1, size, size);

/** A matrix [rows, columns] within one of zeros. */
export function place(values: Float32Array, rows: Placement, columns: Placement): Float32Array {
  if (values.length === rows.size * columns.size) return values;
  const placed = allocateFloats(rows.size * columns.size);
  let i = 0;
  for (const row of rows.places)
    for (const column of columns.places) placed[row * columns.size + column] = values[i++]!;
  return placed;
}
