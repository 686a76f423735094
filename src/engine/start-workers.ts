import { WorkerError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import type { Engine } from "./engine.js";
import type { WorkerPool } from "./worker-pool.js";

/**
 * Ensures so many workers of a model, or warns why there are none.
 *
 * @param work what then runs on one thread
 * @throws LstmError if the model was freed
 */
export async function startWorkers(engine: Engine, count: number, work: string): Promise<WorkerPool | undefined> {
  try {
    if (engine.isShared) return await engine.workerPool(count);
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
