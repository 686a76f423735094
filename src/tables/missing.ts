/** What is done about cells without a value, and dates without a row. */
export const MISSING_CHOICES = ["error", "interpolate", "drop"] as const satisfies readonly Missing[];
/** What is done about cells without a value, and dates without a row. */
export type Missing = "error" | "interpolate" | "drop";

/**
 * Replaces missing values (NaN) between others by a straight line between their neighbors, in place.
 *
 * @returns how many were replaced; those at both ends stay
 */
export function interpolate(values: Float64Array): number {
  let replaced = 0;
  let before = values.findIndex((value) => !Number.isNaN(value));
  for (let row = before + 1; before >= 0 && row < values.length; row++) {
    if (Number.isNaN(values[row]!)) continue;
    const [from, to] = [values[before]!, values[row]!];
    for (let i = before + 1; i < row; i++) {
      values[i] = from + ((to - from) * (i - before)) / (row - before);
      replaced++;
    }
    before = row;
  }
  return replaced;
}

/**
 * Replaces missing values (NaN) by 0, in place.
 *
 * @returns how many were replaced
 */
export function fillZeros(values: Float64Array): number {
  let replaced = 0;
  for (const [row, value] of values.entries()) {
    if (!Number.isNaN(value)) continue;
    values[row] = 0;
    replaced++;
  }
  return replaced;
}

/** The rows from the first to the last one in which every column has a value. */
export function completeRows(columns: readonly Float64Array[]): readonly [from: number, to: number] {
  const isComplete = (row: number) => columns.every((column) => !Number.isNaN(column[row]!));
  const rows = columns[0]!.length;
  let [from, to] = [0, rows];
  while (from < rows && !isComplete(from)) from++;
  while (to > from && !isComplete(to - 1)) to--;
  return [from, to];
}
