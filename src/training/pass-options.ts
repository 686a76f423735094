import type { Batches } from "../data/batches.js";
import type { PassOptions } from "../network/plan.js";

/** The options of a training pass over B sequences of so many rows together. */
export const passOptions = (batches: Batches, dropout: number, B: number, rows: number): PassOptions => ({
  training: true,
  dropout: dropout > 0,
  weighted: batches.weighted,
  rows,
  outputRows: batches.returnSequences ? rows : B,
});

/** The options of a pass that needs at least the memory of any other of so many sequences. */
export const mostOptions = (batches: Batches, dropout: number, B: number): PassOptions => ({
  ...passOptions(batches, dropout, B, batches.mostSteps(B)),
  packed: batches.ragged,
});
