import { ALIGNMENT } from "../common/aligned.js";
import type { Engine, Region } from "../engine/engine.js";
import { threadsFor, type Work } from "../engine/inference-threads.js";
import { compute, type Pass } from "../engine/pass.js";
import type { WorkerPool } from "../engine/worker-pool.js";

/** What {@link Team.of} needs to know of the passes. */
export interface PassSizes {
  /** The most passes that run at once. Default: one on each thread. */
  readonly passes?: number;
  /** Bytes of the largest pass. */
  readonly passBytes: number;
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
