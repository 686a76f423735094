import type { Engine } from "./engine.js";
import { startWorkers } from "./start-workers.js";
import { usefulInferenceThreads } from "./thread-count.js";
import type { WorkerPool } from "./worker-pool.js";

/** What {@link threadsFor} needs to know of the work. */
export interface Work {
  /** The most threads that have anything to do. */
  readonly most: number;
  /** Steps of all sequences together. */
  readonly steps: number;
  /** Threads that were asked for; 0 takes as many as are useful. */
  readonly threads: number;
  /** Processes that share this host's threads. Default: this one. */
  readonly processes?: number | undefined;
  /** What runs, for a warning. */
  readonly name: string;
}

/**
 * Starts the missing workers, where they pay.
 *
 * @returns them, if there are any, and the number of threads, this one included
 */
export async function threadsFor(
  engine: Engine,
  { most, steps, threads, processes, name }: Work,
): Promise<{ readonly pool: WorkerPool | undefined; readonly size: number }> {
  const wanted = threads > 0 ? threads : engine.isShared ? usefulInferenceThreads(steps, engine, processes) : 1;
  const size = Math.min(wanted, most);
  const pool = size > 1 ? await startWorkers(engine, size - 1, name) : undefined;
  return { pool, size: pool ? size : 1 };
}
