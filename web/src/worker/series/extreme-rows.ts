/** Stretches that a long table is divided into: about as many as a chart has pixels. */
const STRETCHES = 1000;
/** Rows up to which all are drawn. */
const MOST = 4 * STRETCHES;

/** A value of a row, if it has one. */
export type Column = (row: number) => number | undefined;

/**
 * The rows that a chart needs: all of a short table; of a long one, in each stretch those with the smallest and the largest
 * value of each column, so that no peak and no oscillation is lost. Never more than a few thousand.
 */
export function extremeRows(columns: readonly Column[], rows: number): number[] {
  if (rows <= MOST) return Array.from({ length: rows }, (_, row) => row);
  const kept = new Set([0, rows - 1]);
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const from = Math.floor((stretch * rows) / STRETCHES);
    const to = Math.floor(((stretch + 1) * rows) / STRETCHES);
    for (const column of columns) for (const row of extremesOf(column, from, to)) kept.add(row);
  }
  return [...kept].sort((a, b) => a - b);
}

/** The rows of a stretch with the smallest and the largest value; none where there is no value. */
function extremesOf(column: Column, from: number, to: number): number[] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  const found: number[] = [];
  for (let row = from; row < to; row++) {
    const value = column(row);
    if (value === undefined) continue;
    if (value < least) {
      least = value;
      found[0] = row;
    }
    if (value > most) {
      most = value;
      found[1] = row;
    }
  }
  return found;
}
