import type { TimeSlice } from "../common/event-loop.js";
import type { Batches } from "../data/batches.js";
import type { Model } from "../model/model.js";
import { lossOf } from "../network/loss.js";
import { addInOrder, forEachChunk } from "./chunks.js";
import { ALONE, type Place } from "./process-group.js";

/** The mean loss per prediction on held-out data. @param run the run of several processes that share it */
export async function meanLoss(
  model: Model,
  batches: Batches,
  timeSlice: TimeSlice,
  threads: number,
  run?: Place & { gather(part: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> },
): Promise<number> {
  const losses: number[] = [];
  batches.cursor = 0;
  const parts = { threads, name: "validation", place: run ?? ALONE };
  const owners = await forEachChunk(model, batches, { timeSlice, parts }, (plan) => {
    losses.push(lossOf(model.engine, plan, 0));
  });
  const own = Float64Array.from(losses);
  const all = run ? await run.gather(new Uint8Array(own.buffer)) : [];
  const each = run ? all.map(({ buffer }) => new Float64Array(buffer)) : [own];
  return addInOrder(each, owners, 1)[0]! / batches.predictionsPerEpoch;
}
