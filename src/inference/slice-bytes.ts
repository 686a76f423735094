import type { Engine } from "../engine/engine.js";
import { type SliceOptions, STEPS } from "./slices.js";

/** Bytes that the pass over any slice of some sequences takes, at most. */
export function sliceBytes(
  engine: Engine,
  lengths: readonly number[],
  isWhole: boolean,
  { returnSequences, weighted = false }: SliceOptions,
): number {
  const T = isWhole ? lengths[0]! : Math.min(STEPS, lengths[0]!);
  const rows = lengths.reduce((sum, length) => sum + Math.min(length, T), 0);
  const options = { weighted, rows, packed: true, outputRows: returnSequences ? rows : lengths.length };
  return engine.planAt(0, T, lengths.length, options).end;
}
