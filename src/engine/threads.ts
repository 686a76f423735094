import { FREED, LstmError, WorkerError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import type { Engine, PoolKind } from "./engine.js";
import { WorkerPool } from "./worker-pool.js";

// Fetched by what computes on several threads.

/** As startWorkers of start-workers.ts. */
export async function ensureWorkers(
  engine: Engine,
  count: number,
  work: string,
  kind?: PoolKind,
): Promise<WorkerPool | undefined> {
  try {
    if (engine.isShared) return await workerPool(engine, count, kind);
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    warnOnce(`no worker could be started (${error.reason}): ${work} runs on one thread`);
    return undefined;
  }
  const why =
    engine.backend === "javascript"
      ? "the javascript kernels run on one thread"
      : "memory cannot be shared between threads here (a page must be cross-origin isolated)";
  warnOnce(`${why}: ${work} runs on one thread`);
  return undefined;
}

/** Ends the threads of models that were garbage-collected without `free`. */
const abandoned = new FinalizationRegistry<WorkerPool>((pool) => void pool.terminate());

/**
 * Ensures at least `count` worker threads on an engine's memory. They live until it is freed.
 *
 * @throws WorkerError if one does not start
 * @throws LstmError if the engine was freed
 */
export async function workerPool(engine: Engine, count: number, kind: PoolKind = "tasks"): Promise<WorkerPool> {
  const { shape, lossFunction, parameters, fixed, instance } = engine;
  const { share } = instance;
  if (!share) throw new LstmError("this memory cannot be shared between threads");
  const module = await share.module();
  if (engine.isFreed) throw new LstmError(FREED);
  let threads = engine.threads.get(kind);
  if (!threads || threads.pool.failed) {
    const { memory } = share;
    const pool = new WorkerPool({ module, memory, shape, lossFunction, parameters, table: fixed });
    const end = () => {
      void pool.terminate();
      abandoned.unregister(pool);
    };
    abandoned.register(engine, pool, pool);
    threads = { pool, end };
    engine.threads.set(kind, threads);
  }
  const { pool } = threads;
  await pool.ensureWorkers(count);
  return pool;
}
