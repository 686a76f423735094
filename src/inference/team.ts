import type { Engine, Region } from "../engine/engine.js";
import { compute, type Pass } from "../engine/pass.js";
import { startWorkers } from "../engine/start-workers.js";
import { usefulInferenceThreads } from "../engine/thread-count.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import { ALIGNMENT } from "../network/memory.js";

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

/** What {@link Team.of} needs to know of the passes. */
export interface PassSizes {
  /** The most passes that run at once. Default: one on each thread. */
  readonly passes?: number;
  /** Bytes of the largest pass. */
  readonly passBytes: number;
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

/**
 * Threads that compute forward passes side by side: this one, and workers with memory of their own. Without workers, this thread
 * computes all.
 */
export class Team {
  private constructor(
    private readonly engine: Engine,
    private readonly pool: WorkerPool | undefined,
    /** Threads, this one included. */
    readonly size: number,
    private readonly passBytes: number,
    private readonly region: Region | undefined,
  ) {}

  /**
   * Starts the missing workers, where they pay.
   *
   * @throws OutOfMemoryError where their passes do not fit
   */
  static async of(engine: Engine, work: Work & PassSizes): Promise<Team> {
    const { pool, size } = await threadsFor(engine, work);
    if (!pool) return new Team(engine, undefined, 1, 0, undefined);
    const { passes, passBytes } = work;
    const aligned = Math.ceil(passBytes / ALIGNMENT) * ALIGNMENT;
    const places = passes === undefined ? size - 1 : passes - Math.ceil(passes / size);
    const region = engine.takeRegion(places * aligned);
    return new Team(engine, pool, size, aligned, region);
  }

  /**
   * Computes passes, at most as many as announced. What they take is taken in their order.
   *
   * @throws WorkerError if a thread fails
   */
  async run(passes: readonly Pass[]): Promise<void> {
    const { engine, pool, size, region, passBytes } = this;
    if (!pool || passes.length === 1) {
      for (const pass of passes) compute(engine.network, pass);
      return;
    }
    await pool.run(
      passes,
      size,
      (pass) => compute(engine.network, pass),
      (i) => region!.start + i * passBytes,
    );
  }

  /** Releases the workers' memory. */
  free(): void {
    if (this.region) this.engine.releaseRegion(this.region);
  }
}
