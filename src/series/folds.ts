import type { SeriesPart } from "./dataset.js";
import type { Encoding } from "./encoder.js";

/** Validation parts of a series, one before the other. */
export const FOLDS = 3;
/** The share of the rows that a validation part has. */
const SHARE = 0.15;

/** A part of a series, cut into rows to learn from and rows to judge by. */
export interface CutPart extends SeriesPart {
  /** The first row to judge by. */
  readonly cut: number;
  /** The row after the last that is known, in this part or after it. */
  readonly known: number;
}

/** The series without their last rows, which a fold farther back leaves out more of. */
export function cutParts(parts: readonly SeriesPart[], fold: number, { horizon }: Encoding): CutPart[] {
  return parts.map((part) => {
    const rows = part.to - part.from;
    const held = Math.max(Math.min(horizon, Math.floor(rows / 3)), Math.round(rows * SHARE), 1);
    const before = (folds: number) => Math.max(0, part.to - folds * held);
    return { ...part, known: part.to, to: before(fold), cut: before(fold + 1) };
  });
}
