import { ALIGNMENT } from "../common/aligned.js";
import { BoundedCache } from "../common/bounded-cache.js";
import type { Batches, Slice } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import { loadState, storeState } from "../engine/forward.js";
import type { Task } from "../engine/mailbox.js";
import type { Pass } from "../engine/pass.js";
import { startWorkers } from "../engine/start-workers.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import type { Model } from "../model/model.js";
import { backwardPart, backwardParts, step, stepForward } from "../network/backward.js";
import type { Dropout } from "../network/network.js";
import { Packing } from "../network/packing.js";
import { addressesOf, type ParameterAddresses } from "../network/parameters.js";
import type { PassPlan } from "../network/plan.js";
import type { GradientOptions, GradientSource } from "./gradient-source.js";
import { mostOptions, passOptions } from "./pass-options.js";
import type { Exchange, SharedRun } from "./process-group.js";
import { type GradientReduction, treeReduction } from "./reduction.js";
import { segmentsOf } from "./segments.js";
import { longest, type Range, rangeOf } from "./split.js";

// Fetched by runs of several shards.

/** This process's shards of a chunk, among those of all processes. */
interface Layout {
  readonly T: number;
  readonly B: number;
  /** The number of shards of the chunk. */
  readonly total: number;
  readonly own: Range;
  readonly shards: readonly Shard[];
}

/** A shard's number among those of all processes, and among those of this one, of which there are so many. */
interface Place {
  readonly shard: number;
  readonly local: number;
  readonly own: number;
}

/** A shard of a batch: some of its sequences, with their own pass and gradients. */
interface Shard {
  /** Its steps and sequences. */
  readonly slice: Slice;
  readonly plan: PassPlan;
  readonly gradients: number;
  readonly gradientAddresses: ParameterAddresses;
  readonly dropout: Dropout | undefined;
}

/** The pass of a shard, which is planned when it is asked for. */
interface ShardPass extends Pass {
  shard(): Shard;
}

/** Where a pass is planned: shards have places of their own. */
const NONE = () => 0;

/** Most bytes for the passes of shards that are computed layer by layer. */
const MOST_LAYERED = 2 ** 28;

/**
 * The forward and backward passes of training steps over batches that are split into shards of equal size, each with
 * its own gradients. The exact result depends only on the number of shards and the reduction.
 *
 * Each process computes adjacent shards, and each of its threads adjacent ones of these: this thread the first, one after
 * another in the same memory, workers the others in parallel, each in memory of its own. Without workers, this thread
 * computes all; where several processes share the run, layer by layer, so that the gradients of one layer are exchanged while those
 * of the layers below it are computed.
 */
export class DataParallel implements GradientSource {
  readonly keys: Int32Array;
  readonly state: State;
  private readonly plans = new BoundedCache<Layout>();
  private latest: Layout | undefined;
  /** Where the passes began when they were planned. */
  private passStart = 0;
  /** Of all shards of the chunk. */
  private readonly losses: Float64Array;
  /** Bytes of a shard's pass at most. */
  private readonly passBytes: number;
  /** The address of the memory in which the gradients of several processes are added up. */
  private readonly sums: number;
  private readonly isLayered: boolean;
  private pool: Promise<WorkerPool | undefined> | undefined;

  constructor(
    private readonly model: Model,
    private readonly options: GradientOptions,
    private readonly reduction: GradientReduction = treeReduction,
  ) {
    const { engine } = model;
    const { batches, dropout, shards, passes, threads, group } = options;
    this.keys = new Int32Array(engine.shape.layers * shards);
    this.losses = new Float64Array(shards);
    // First, because this is where a step that is too large is detected.
    const most = longest(batches.batchSize, shards);
    engine.plan(batches.chunkLength, most, mostOptions(batches, dropout, most));
    this.passBytes = passBytes(engine, batches, dropout, shards);
    this.isLayered = isLayered(this.passBytes, shards, threads, group);
    this.sums = passes + apart(this.passBytes, shards, threads, group) * this.passBytes;
    this.state = engine.createState(batches.batchSize);
  }

  get gradients(): number {
    return this.options.gradients[0]!;
  }

  static ownShards(shards: number, group?: SharedRun): number {
    return longest(shards, group?.size ?? 1);
  }

  static bytesFor(
    engine: Engine,
    batches: Batches,
    dropout: number,
    shards: number,
    threads: number,
    group?: SharedRun,
  ): number {
    const bytes = passBytes(engine, batches, dropout, shards);
    return apart(bytes, shards, threads, group) * bytes + (group?.bytesFor(segmentsOf(engine), shards) ?? 0);
  }

  /** Starts the missing workers. */
  async prepare(): Promise<void> {
    if (this.options.threads > 1) await this.workerPool();
  }

  async step(carried: State, gradientScale: number): Promise<number> {
    const { batches, threads } = this.options;
    const { own, total } = this.split(batches.nextBatchSize);
    const count = own.end - own.start;
    const losses = this.losses.subarray(0, total);
    // A state that continues is the one that is carried, if batches are accumulated.
    if (!batches.continuous) this.state.fill(0);
    const pool = Math.min(threads, count) > 1 ? await this.workerPool() : undefined;
    // Planned by the first pass, which may have to wait for its turn, while other code plans passes.
    let layout: Layout | undefined;
    const shardOf = (i: number): Shard => {
      layout ??= this.layout();
      return layout.shards[i]!;
    };
    const passes = Array.from({ length: count }, (_, i) =>
      this.passOf(() => shardOf(i), carried, losses, own.start + i),
    );
    const compute = (pass: ShardPass) => {
      const plan = pass.plan();
      pass.write(plan);
      pass.take(plan, this.compute(pass.shard(), gradientScale));
    };
    let exchange: Exchange | undefined;
    if (pool) await pool.run(passes, threads, compute, NONE, (_, pass) => taskOf(pass.shard(), gradientScale));
    else if (this.isLayered) {
      layout = this.layout();
      exchange = this.computeLayered(passes, layout, losses, gradientScale);
    } else for (const pass of passes) compute(pass);
    layout ??= this.layout();
    batches.advance();
    await this.reduce(layout, losses, exchange);
    // In the order of the shards, whoever computed them.
    return losses.reduce((sum, loss) => sum + loss, 0);
  }

  private passOf(shard: () => Shard, carried: State, losses: Float64Array, i: number): ShardPass {
    const { batches } = this.options;
    const { engine } = this.model;
    return {
      shard,
      plan: () => shard().plan,
      write: (plan) => {
        const { slice } = shard();
        batches.write(engine, plan, slice);
        loadState(engine, plan, carried, batches.nextBatchSize, slice.first);
      },
      take: (plan, loss) => {
        losses[i] = loss;
        if (batches.continuous) storeState(engine, plan, this.state, batches.nextBatchSize, shard().slice.first);
      },
    };
  }

  /**
   * Computes a shard on this thread.
   *
   * @internal
   */
  compute({ plan, gradientAddresses, dropout }: Shard, gradientScale: number): number {
    const { network, lossFunction } = this.model.engine;
    return step(network, plan, lossFunction, gradientScale, gradientAddresses, dropout);
  }

  /** Computes all shards on this thread, layer by layer, and begins to exchange the gradients that are complete. */
  private computeLayered(
    passes: readonly ShardPass[],
    layout: Layout,
    losses: Float64Array,
    gradientScale: number,
  ): Exchange {
    const { engine } = this.model;
    const { network, lossFunction } = engine;
    const { shards } = layout;
    for (const pass of passes) {
      const { plan, dropout } = pass.shard();
      pass.write(plan);
      pass.take(plan, stepForward(network, plan, lossFunction, gradientScale, dropout));
    }
    const exchange = this.exchange(layout, losses);
    const segments = segmentsOf(engine);
    for (let part = 0; part < backwardParts(network); part++) {
      for (const { plan, gradientAddresses, dropout } of shards) {
        backwardPart(network, plan, gradientAddresses, part, dropout);
        exchange.advance();
      }
      const segment = segments.find((each) => each.part === part);
      if (segment) exchange.add(segment);
    }
    return exchange;
  }

  /** Adds up the gradients of all shards. @param begun adds them up already */
  private async reduce(layout: Layout, losses: Float64Array, begun: Exchange | undefined): Promise<void> {
    const { gradients, group } = this.options;
    const { engine } = this.model;
    if (!group) {
      this.reduction.reduce(engine.kernels, gradients.slice(0, layout.shards.length), engine.table.length);
      return;
    }
    const exchange = begun ?? this.exchange(layout, losses);
    if (!begun) for (const segment of segmentsOf(engine)) exchange.add(segment);
    await exchange.finish();
  }

  private exchange({ own, shards, B }: Layout, losses: Float64Array): Exchange {
    const { batches, gradients, group } = this.options;
    const { engine } = this.model;
    const state = batches.continuous ? { all: this.state, B } : undefined;
    const used = gradients.slice(0, Math.max(1, shards.length));
    return group!.exchange({ engine, losses, own, gradients: used, memory: this.sums, state });
  }

  private workerPool(): Promise<WorkerPool | undefined> {
    this.pool ??= startWorkers(this.model.engine, this.options.threads - 1, "training");
    return this.pool;
  }

  /** The shards of the next chunk: as many as the run has, but no more than sequences. */
  private layout(): Layout {
    const { batches, shards } = this.options;
    const { nextLength: T, nextBatchSize: B, nextLengths } = batches;
    if (nextLengths) return this.packedLayout(T, nextLengths);
    const { passStart } = this.model.engine;
    if (passStart !== this.passStart) {
      this.plans.clear();
      this.latest = undefined;
      this.passStart = passStart;
    }
    // Most chunks are as large as the one before: skip building the key.
    if (this.latest?.T === T && this.latest.B === B) return this.latest;
    this.latest = this.plans.get(`${T} ${B}`, () =>
      this.layoutOf(T, B, (place) => {
        const { start, end } = rangeOf(B, shards, place.shard);
        const slice = { from: 0, to: T, first: start, stride: 1, count: end - start };
        return this.shardOf(place, slice, this.planShard(place, T, end - start));
      }),
    );
    return this.latest;
  }

  /** Every so many sequences of the order by length, so that shards have about as many steps. */
  private packedLayout(T: number, lengths: readonly number[]): Layout {
    const stride = Math.min(this.options.shards, lengths.length);
    return this.layoutOf(T, lengths.length, (place) => {
      const first = place.shard;
      const packing = new Packing(lengths.filter((_, b) => b % stride === first));
      const { T, B: count, rows } = packing;
      const plan = { ...this.planShard(place, T, count, rows), packing };
      return this.shardOf(place, { from: 0, to: T, first, stride, count }, plan);
    });
  }

  private layoutOf(T: number, B: number, make: (place: Place) => Shard): Layout {
    const { total, own } = this.split(B);
    const count = own.end - own.start;
    const shards = Array.from({ length: count }, (_, local) => make({ shard: own.start + local, local, own: count }));
    return { T, B, total, own, shards };
  }

  /** The number of shards of B sequences, and which of them this process computes. */
  private split(B: number): Pick<Layout, "total" | "own"> {
    const { shards, group } = this.options;
    const total = Math.min(shards, B);
    return { total, own: group ? rangeOf(total, group.size, group.rank) : { start: 0, end: total } };
  }

  private shardOf({ shard, local }: Place, slice: Slice, plan: PassPlan): Shard {
    const { dropout: probability, gradients } = this.options;
    const { engine } = this.model;
    const { layers } = engine.shape;
    const keys = this.keys.subarray(shard * layers, (shard + 1) * layers);
    return {
      slice,
      plan,
      gradients: gradients[local]!,
      gradientAddresses: addressesOf(engine.table, engine.shape, gradients[local]!),
      dropout: probability > 0 ? { probability, keys } : undefined,
    };
  }

  private planShard({ local, own }: Place, T: number, B: number, rows = T * B): PassPlan {
    const { batches, dropout, passes, threads } = this.options;
    const { engine } = this.model;
    const options = passOptions(batches, dropout, B, rows);
    // Of those that are computed layer by layer, each has memory of its own.
    const i = local - (this.isLayered ? 1 : onThisThread(own, threads));
    return i < 0 ? engine.plan(T, B, options) : engine.planAt(passes + i * this.passBytes, T, B, options);
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

/** How many of its process's shards this thread computes: the first ones. */
const onThisThread = (shards: number, threads: number): number => longest(shards, threads);

/** The most shards of a process whose passes are apart from the common memory: those of workers, or of several layers at a time. */
function apart(passBytes: number, shards: number, threads: number, group?: SharedRun): number {
  const own = DataParallel.ownShards(shards, group);
  return own - (isLayered(passBytes, shards, threads, group) ? 1 : onThisThread(own, threads));
}

/** Whether this thread computes the shards of its process layer by layer: where others are waited for, and there is memory. */
function isLayered(passBytes: number, shards: number, threads: number, group?: SharedRun): boolean {
  if (threads > 1 || !group || group.size === 1) return false;
  return DataParallel.ownShards(shards, group) * passBytes <= MOST_LAYERED;
}

/** Bytes of the largest shard's pass. */
function passBytes(engine: Engine, batches: Batches, dropout: number, shards: number): number {
  const most = longest(batches.batchSize, shards);
  const { end } = engine.planAt(0, batches.chunkLength, most, mostOptions(batches, dropout, most));
  return Math.ceil(end / ALIGNMENT) * ALIGNMENT;
}
