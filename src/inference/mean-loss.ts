import type { TimeSlice } from "../common/event-loop.js";
import type { Batches } from "../data/batches.js";
import type { Model } from "../model/model.js";
import { lossOf } from "../network/loss.js";
import { forEachChunk } from "./chunks.js";

/** The mean loss per prediction on held-out data. */
export async function meanLoss(model: Model, batches: Batches, timeSlice: TimeSlice, threads: number): Promise<number> {
  let total = 0;
  batches.cursor = 0;
  await forEachChunk(model, batches, { timeSlice, parts: { threads, name: "validation" } }, (plan) => {
    total += lossOf(model.engine, plan, 0);
  });
  return total / batches.predictionsPerEpoch;
}
