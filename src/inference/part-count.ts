/** Fewest sequences of a part, and most parts. */
const PART_SEQUENCES = 8;
const MOST_PARTS = 8;

/** The number of parts that the sequences of a batch are split into where threads or processes share them. */
export const partCount = (batchSize: number): number =>
  Math.max(1, Math.min(MOST_PARTS, Math.floor(batchSize / PART_SEQUENCES)));
