import { BoundedCache } from "../common/bounded-cache.js";
import type { Batches, Slice } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import type { Task } from "../engine/mailbox.js";
import { startWorkers } from "../engine/start-workers.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import type { Model } from "../model/model.js";
import { ALIGNMENT } from "../network/memory.js";
import type { Dropout } from "../network/network.js";
import { Packing } from "../network/packing.js";
import { addressesOf, type ParameterAddresses } from "../network/parameters.js";
import type { PassOptions, PassPlan } from "../network/plan.js";
import { type GradientReduction, treeReduction } from "./reduction.js";

/** A shard of a batch: some of its sequences, with their own pass and gradients. */
interface Shard {
  /** Its steps and sequences. */
  readonly slice: Slice;
  readonly plan: PassPlan;
  readonly gradients: number;
  readonly gradientAddresses: ParameterAddresses;
  readonly dropout: Dropout | undefined;
}

/** Options of {@link DataParallel}. */
export interface DataParallelOptions {
  readonly batches: Batches;
  /** The probability of dropping an output. */
  readonly dropout: number;
  /** One flat gradient buffer per shard; the first receives the sum. */
  readonly gradients: readonly number[];
  /** Memory for the passes of the workers' shards: {@link DataParallel.bytesFor} bytes. */
  readonly passes: number;
  /** Number of threads, including this one. */
  readonly threads: number;
}

/**
 * The forward and backward passes of training steps over batches that are split into shards of equal size, each with
 * its own gradients. The exact result depends only on the number of shards and the reduction.
 *
 * Each thread computes adjacent shards: this one the first, one after another in the same memory, workers the others in
 * parallel, each in memory of its own. Without workers, this thread computes all.
 */
export class DataParallel {
  /** The keys of dropout: an int32 for every layer of every shard. */
  readonly keys: Int32Array;
  /** The state after the last step. */
  readonly state: State;
  private readonly plans = new BoundedCache<readonly Shard[]>();
  private latest: readonly Shard[] = [];
  /** Where the passes began when they were planned. */
  private passStart = 0;
  /** Bytes of a shard's pass at most. */
  private readonly passBytes: number;
  private pool: Promise<WorkerPool | undefined> | undefined;

  /** @throws OutOfMemoryError if a step does not fit into memory */
  constructor(
    private readonly model: Model,
    private readonly options: DataParallelOptions,
    private readonly reduction: GradientReduction = treeReduction,
  ) {
    const { engine } = model;
    const { batches, gradients, dropout } = options;
    this.keys = new Int32Array(engine.shape.layers * gradients.length);
    // First, because this is where a step that is too large is detected.
    const most = rangeOf(batches.batchSize, gradients.length, 0).end;
    engine.plan(batches.chunkLength, most, mostOptions(batches, dropout, most));
    this.passBytes = passBytes(engine, batches, dropout, gradients.length);
    this.state = engine.createState(batches.batchSize);
  }

  /** The address of a step's gradients. */
  get gradients(): number {
    return this.options.gradients[0]!;
  }

  /** Bytes for the passes of the workers' shards. */
  static bytesFor(engine: Engine, batches: Batches, dropout: number, shards: number, threads: number): number {
    return (shards - ownShards(shards, threads)) * passBytes(engine, batches, dropout, shards);
  }

  /** Starts the missing workers. */
  async prepare(): Promise<void> {
    if (this.options.threads > 1) await this.workerPool();
  }

  /**
   * Computes the next chunk's gradients, and the state after it.
   *
   * @param carried the state before it
   * @returns the loss, summed over all predictions
   * @throws WorkerError if a worker fails
   * @throws LstmError if the model was freed
   */
  async step(carried: State, gradientScale: number): Promise<number> {
    const { batches, gradients, threads } = this.options;
    const isParallel = Math.min(threads, gradients.length, batches.nextBatchSize) > 1;
    const pool = isParallel ? await this.workerPool() : undefined;
    if (!pool) return this.compute(undefined, carried, gradientScale);
    const endTurn = await pool.takeTurn();
    try {
      return await this.compute(pool, carried, gradientScale);
    } finally {
      endTurn();
    }
  }

  private async compute(pool: WorkerPool | undefined, carried: State, gradientScale: number): Promise<number> {
    const { batches, gradients, threads } = this.options;
    const { engine } = this.model;
    const shards = this.shards();
    const B = batches.nextBatchSize;
    const mine = pool ? ownShards(shards.length, threads) : shards.length;
    const write = ({ plan, slice }: Shard) => {
      batches.write(engine, plan, slice);
      engine.loadState(plan, carried, B, slice.first);
    };
    let loss = 0;
    // A state that continues is the one that is carried, if batches are accumulated.
    if (!batches.continuous) this.state.fill(0);
    try {
      for (let i = mine; i < shards.length; i++) write(shards[i]!);
      if (pool) this.submit(pool, shards, gradientScale);
      for (let i = 0; i < shards.length; i++) {
        const { plan, slice, gradientAddresses, dropout } = shards[i]!;
        if (i < mine) {
          // Only now: this thread's shards share their memory.
          write(shards[i]!);
          loss += engine.network.step(plan, engine.lossFunction, gradientScale, gradientAddresses, dropout);
        } else loss += await this.resultOf(pool!, shards.length, i);
        // After the next `await`, other code may use the memory of the first pass.
        if (batches.continuous) engine.storeState(plan, this.state, B, slice.first);
      }
    } catch (error) {
      // Busy workers must not write into memory that is reused.
      await pool?.settle();
      throw error;
    }
    batches.advance();
    const used = shards.length === gradients.length ? gradients : gradients.slice(0, shards.length);
    this.reduction.reduce(engine.kernels, used, engine.table.length);
    return loss;
  }

  /** Gives each worker its shards. */
  private submit(pool: WorkerPool, shards: readonly Shard[], gradientScale: number): void {
    for (let thread = 1; thread < Math.min(this.options.threads, shards.length); thread++) {
      const { start, end } = rangeOf(shards.length, this.options.threads, thread);
      const tasks = shards.slice(start, end).map((shard) => taskOf(shard, gradientScale));
      pool.submit(thread - 1, tasks);
    }
  }

  /** The loss of a shard that a worker computes. */
  private resultOf(pool: WorkerPool, shards: number, shard: number): Promise<number> {
    let thread = 1;
    while (rangeOf(shards, this.options.threads, thread).end <= shard) thread++;
    return pool.result(thread - 1, shard - rangeOf(shards, this.options.threads, thread).start);
  }

  private workerPool(): Promise<WorkerPool | undefined> {
    this.pool ??= startWorkers(this.model.engine, this.options.threads - 1, "training");
    return this.pool;
  }

  /** The shards of the next chunk: one per gradient buffer, but no more than sequences. */
  private shards(): readonly Shard[] {
    const { batches } = this.options;
    const { nextLength: T, nextBatchSize: B, nextLengths } = batches;
    if (nextLengths) return this.packedShards(nextLengths);
    const { passStart } = this.model.engine;
    if (passStart !== this.passStart) {
      this.plans.clear();
      this.latest = [];
      this.passStart = passStart;
    }
    const { latest } = this;
    const last = latest.at(-1)?.slice;
    // Most chunks are as large as the one before: skip building the key.
    if (last?.to === T && last.first + last.count === B) return latest;
    this.latest = this.plans.get(`${T} ${B}`, () =>
      splitEvenly(B, this.options.gradients.length).map(({ start, end }, i, { length }) => {
        const slice = { from: 0, to: T, first: start, stride: 1, count: end - start };
        return this.shardOf(i, slice, this.planShard(i, length, T, end - start));
      }),
    );
    return this.latest;
  }

  /** Every so many sequences of the order by length, so that shards have about as many steps. */
  private packedShards(lengths: readonly number[]): Shard[] {
    const stride = Math.min(this.options.gradients.length, lengths.length);
    return Array.from({ length: stride }, (_, first) => {
      const packing = new Packing(lengths.filter((_, b) => b % stride === first));
      const { T, B: count, rows } = packing;
      const plan = { ...this.planShard(first, stride, T, count, rows), packing };
      return this.shardOf(first, { from: 0, to: T, first, stride, count }, plan);
    });
  }

  private shardOf(i: number, slice: Slice, plan: PassPlan): Shard {
    const { dropout: probability, gradients } = this.options;
    const { engine } = this.model;
    const { layers } = engine.shape;
    const keys = this.keys.subarray(i * layers, (i + 1) * layers);
    return {
      slice,
      plan,
      gradients: gradients[i]!,
      gradientAddresses: addressesOf(engine.table, engine.shape, gradients[i]!),
      dropout: probability > 0 ? { probability, keys } : undefined,
    };
  }

  /** Plans the pass of one of several shards. */
  private planShard(i: number, shards: number, T: number, B: number, rows = T * B): PassPlan {
    const { batches, dropout, passes, threads } = this.options;
    const { engine } = this.model;
    const options = passOptions(batches, dropout, B, rows);
    const place = i - ownShards(shards, threads);
    return place < 0 ? engine.plan(T, B, options) : engine.planAt(passes + place * this.passBytes, T, B, options);
  }
}

/** The task of a worker for a shard. */
const taskOf = ({ plan, gradients, dropout }: Shard, gradientScale: number): Task => ({
  ...plan,
  pass: plan.start,
  gradients,
  gradientScale,
  dropout,
});

/** Splits `count` items into at most `parts` non-empty ranges, the longer ones first. */
const splitEvenly = (count: number, parts: number): Range[] =>
  Array.from({ length: Math.min(count, parts) }, (_, i) => rangeOf(count, parts, i));

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Range i of {@link splitEvenly}. */
function rangeOf(count: number, parts: number, i: number): Range {
  const ranges = Math.min(count, parts);
  return { start: Math.ceil((i * count) / ranges), end: Math.ceil(((i + 1) * count) / ranges) };
}

/** How many shards this thread computes: the first ones. */
const ownShards = (shards: number, threads: number): number => rangeOf(shards, threads, 0).end;

/** Bytes of the largest shard's pass. */
function passBytes(engine: Engine, batches: Batches, dropout: number, shards: number): number {
  const most = rangeOf(batches.batchSize, shards, 0).end;
  const { end } = engine.planAt(0, batches.chunkLength, most, mostOptions(batches, dropout, most));
  return Math.ceil(end / ALIGNMENT) * ALIGNMENT;
}

/** The options of a pass that needs at least the memory of any other of so many sequences. */
const mostOptions = (batches: Batches, dropout: number, B: number): PassOptions => ({
  ...passOptions(batches, dropout, B, batches.mostSteps(B)),
  packed: batches.ragged,
});

const passOptions = (batches: Batches, dropout: number, B: number, rows: number): PassOptions => ({
  training: true,
  dropout: dropout > 0,
  weighted: batches.weighted,
  rows,
  outputRows: batches.returnSequences ? rows : B,
});
