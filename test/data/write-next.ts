import type { Batches, BatchMemory, BatchPlan } from "../internals/data.js";
import { Packing } from "../internals/network.js";

/** Writes the next chunk as a whole, and moves on. */
export function writeNext(batches: Batches, memory: BatchMemory & Pick<BatchPlan, "inputs" | "targets">): void {
  const { nextLength, nextBatchSize, nextLengths } = batches;
  const packing = nextLengths ? { packing: new Packing(nextLengths) } : {};
  const slice = { from: 0, to: nextLength, first: 0, stride: 1, count: nextBatchSize };
  batches.write(memory, { ...memory, weights: 0, ...packing }, slice);
  batches.advance();
}
