import type { Engine, PoolKind } from "./engine.js";
import type { WorkerPool } from "./worker-pool.js";

/**
 * Ensures so many workers of a model, or warns why there are none. What starts them is fetched only now.
 *
 * @param work what then runs on one thread
 * @throws LstmError if the model was freed
 */
export async function startWorkers(
  engine: Engine,
  count: number,
  work: string,
  kind?: PoolKind,
): Promise<WorkerPool | undefined> {
  const { ensureWorkers } = await import("./threads.js");
  return ensureWorkers(engine, count, work, kind);
}
