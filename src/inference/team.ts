import type { Engine, Region } from "../engine/engine.js";
import { startWorkers } from "../engine/start-workers.js";
import { usefulInferenceThreads } from "../engine/thread-count.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import { ALIGNMENT } from "../network/memory.js";
import type { PassPlan } from "../network/plan.js";

/** A forward pass, on whichever thread. */
export interface Pass {
  /** Plans it from an address on, or in the memory that all passes of this thread share. */
  plan(address?: number): PassPlan;
  /** Writes its inputs and states. */
  write(plan: PassPlan): void;
  /** Takes its outputs and states. */
  take(plan: PassPlan): void;
}

/** What {@link Team.of} needs to know of the work. */
export interface Work {
  /** The most threads that have anything to do. */
  readonly most: number;
  /** The most passes that run at once. Default: one on each thread. */
  readonly passes?: number;
  /** Bytes of the largest pass. */
  readonly passBytes: number;
  /** Steps of all sequences together. */
  readonly steps: number;
  /** Threads that were asked for; 0 takes as many as are useful. */
  readonly threads: number;
  /** What runs, for a warning. */
  readonly name: string;
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
  static async of(engine: Engine, { most, passes, passBytes, steps, threads, name }: Work): Promise<Team> {
    const wanted = threads > 0 ? threads : engine.isShared ? usefulInferenceThreads(steps, engine) : 1;
    const size = Math.min(wanted, most);
    const pool = size > 1 ? await startWorkers(engine, size - 1, name) : undefined;
    if (!pool) return new Team(engine, undefined, 1, 0, undefined);
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
    const { engine, pool, size } = this;
    if (!pool || passes.length === 1) {
      for (const pass of passes) compute(engine, pass);
      return;
    }
    const endTurn = await pool.takeTurn();
    try {
      const threads = Math.min(size, passes.length);
      const ends = Array.from({ length: threads + 1 }, (_, i) => Math.ceil((i * passes.length) / threads));
      const plans = passes.map((pass, i) => (i < ends[1]! ? undefined : this.prepare(pass, i - ends[1]!)));
      for (let thread = 1; thread < threads; thread++)
        pool.submit(
          thread - 1,
          plans.slice(ends[thread], ends[thread + 1]).map((plan) => ({
            ...plan!,
            pass: plan!.start,
            gradients: 0,
            gradientScale: 0,
            dropout: undefined,
          })),
        );
      for (let i = 0; i < ends[1]!; i++) compute(engine, passes[i]!);
      for (let thread = 1; thread < threads; thread++)
        for (let i = ends[thread]!; i < ends[thread + 1]!; i++) {
          await pool.result(thread - 1, i - ends[thread]!);
          passes[i]!.take(plans[i]!);
        }
    } catch (error) {
      // Busy workers must not write into memory that is reused.
      await pool.settle();
      throw error;
    } finally {
      endTurn();
    }
  }

  /** Releases the workers' memory. */
  free(): void {
    if (this.region) this.engine.releaseRegion(this.region);
  }

  private prepare(pass: Pass, place: number): PassPlan {
    const plan = pass.plan(this.region!.start + place * this.passBytes);
    pass.write(plan);
    return plan;
  }
}

/** Computes a pass on this thread. */
export function compute(engine: Engine, pass: Pass): void {
  const plan = pass.plan();
  pass.write(plan);
  engine.network.forward(plan);
  pass.take(plan);
}
