import { BoundedCache } from "../common/bounded-cache.js";
import { WorkerError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import type { Batches } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import type { Task } from "../engine/mailbox.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { ALIGNMENT } from "../network/memory.js";
import type { Dropout } from "../network/network.js";
import { addressesOf, type ParameterAddresses } from "../network/parameters.js";
import type { PassOptions, PassPlan } from "../network/plan.js";
import { type GradientReduction, treeReduction } from "./reduction.js";

/** A shard of a batch: its sequences from `first` on, with their own pass and gradients. */
interface Shard {
  readonly first: number;
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
  /** Memory for the passes of all shards but the first: {@link DataParallel.bytesFor} bytes. */
  readonly passes: number;
  /** Number of threads, including this one. */
  readonly threads: number;
}

/**
 * The forward and backward passes of training steps over batches that are split into shards of equal size, each with
 * its own gradients. The exact result depends only on the number of shards and the reduction.
 *
 * Each thread computes adjacent shards: this one the first, workers the others in parallel. Without workers, this
 * thread computes all.
 */
export class DataParallel {
  /** The keys of dropout: an int32 for every layer of every shard. */
  readonly keys: Int32Array;
  /** The state after the last step. */
  readonly state: State;
  private readonly staging: StagingBuffer | undefined;
  private readonly plans = new BoundedCache<readonly Shard[]>();
  private pool: Promise<WorkerPool | undefined> | undefined;

  /** @throws OutOfMemoryError if a step does not fit into memory */
  constructor(
    private readonly model: Model,
    private readonly options: DataParallelOptions,
    private readonly reduction: GradientReduction = treeReduction,
  ) {
    const { engine } = model;
    const { batches, gradients } = options;
    this.keys = new Int32Array(engine.shape.layers * gradients.length);
    // First, because this is where a step that is too large is detected.
    this.shards(batches.chunkLength, batches.batchSize);
    this.state = engine.createState(batches.batchSize);
    this.staging = gradients.length > 1 ? new StagingBuffer(engine, batches) : undefined;
  }

  /** Bytes for the passes of all shards but the first. */
  static bytesFor(engine: Engine, batches: Batches, dropout: number, shards: number): number {
    return (shards - 1) * passBytes(engine, batches, dropout, shards);
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
    const { engine } = this.model;
    const B = batches.nextBatchSize;
    const shards = this.shards(batches.nextLength, B);
    const pool = Math.min(threads, shards.length) > 1 ? await this.workerPool() : undefined;
    if (this.staging) this.staging.load(shards, B);
    else engine.loadBatch(batches, shards[0]!.plan);
    for (const { plan, first } of shards) engine.loadState(plan, carried, B, first);
    const ranges = splitEvenly(shards.length, pool ? threads : 1);
    let loss = 0;
    this.state.fill(0);
    try {
      for (const [thread, { start, end }] of ranges.entries()) {
        if (thread > 0)
          pool!.submit(
            thread - 1,
            shards.slice(start, end).map((shard) => taskOf(shard, gradientScale)),
          );
      }
      for (const [thread, { start, end }] of ranges.entries()) {
        for (let i = start; i < end; i++) {
          const { plan, first, gradientAddresses, dropout } = shards[i]!;
          if (thread > 0) loss += await pool!.result(thread - 1, i - start);
          else loss += engine.network.step(plan, engine.lossFunction, gradientScale, gradientAddresses, dropout);
          // After the next `await`, other code may use the memory of the first pass.
          engine.storeState(plan, this.state, B, first);
        }
      }
    } catch (error) {
      // Busy workers must not write into memory that is reused.
      await pool?.settle();
      throw error;
    }
    this.reduction.reduce(engine.kernels, gradients.slice(0, shards.length), engine.table.length);
    return loss;
  }

  private workerPool(): Promise<WorkerPool | undefined> {
    this.pool ??= this.startWorkers(this.options.threads - 1);
    return this.pool;
  }

  private async startWorkers(count: number): Promise<WorkerPool | undefined> {
    const { engine } = this.model;
    try {
      if (engine.isShared) return await engine.workerPool(count);
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      warnOnce(`no worker could be started (${error.reason}): training runs on one thread`);
      return undefined;
    }
    const why =
      engine.backend === "javascript"
        ? "the javascript kernels run on one thread"
        : "memory cannot be shared between threads here (a page must be cross-origin isolated)";
    warnOnce(`${why}: training runs on one thread`);
    return undefined;
  }

  /** The shards of a chunk: one per gradient buffer, but no more than sequences. */
  private shards(T: number, B: number): readonly Shard[] {
    return this.plans.get(`${T} ${B}`, () =>
      splitEvenly(B, this.options.gradients.length).map(({ start, end }, i) => this.planShard(i, T, start, end)),
    );
  }

  private planShard(i: number, T: number, first: number, end: number): Shard {
    const { batches, dropout, gradients, passes } = this.options;
    const { engine } = this.model;
    const { layers } = engine.shape;
    const options = optionsFor(batches, T, dropout);
    const address = passes + (i - 1) * passBytes(engine, batches, dropout, gradients.length);
    return {
      first,
      plan: i === 0 ? engine.plan(T, end, options) : engine.planAt(address, T, end - first, options),
      gradients: gradients[i]!,
      gradientAddresses: addressesOf(engine.table, engine.shape, gradients[i]!),
      dropout:
        dropout > 0 ? { probability: dropout, keys: this.keys.subarray(i * layers, (i + 1) * layers) } : undefined,
    };
  }
}

/** A whole chunk outside the engine's memory, to be scattered into the plans of the shards. */
class StagingBuffer {
  private readonly integers: Int32Array<ArrayBuffer>;
  private readonly floats: Float32Array;
  private readonly inputWidth: number;
  private readonly targetWidth: number;
  private readonly targets: number;

  constructor(
    private readonly engine: Engine,
    private readonly batches: Batches,
  ) {
    const { vocabularySize, inputSize = 0 } = engine.shape;
    const { chunkLength: T, batchSize: B, returnSequences } = batches;
    this.inputWidth = vocabularySize > 0 ? 1 : padded(inputSize);
    this.targetWidth = engine.targetWidth;
    this.targets = T * B * this.inputWidth;
    this.integers = new Int32Array(this.targets + (returnSequences ? T : 1) * B * this.targetWidth);
    this.floats = new Float32Array(this.integers.buffer);
  }

  /** Reads the next chunk, of B sequences, and scatters it to the shards. */
  load(shards: readonly Shard[], B: number): void {
    const { batches, floats, integers, targets, inputWidth, targetWidth, engine } = this;
    batches.writeNext({ floats, integers, inputs: 0, targets: 4 * targets });
    const to = engine.integers;
    for (const { plan, first } of shards) {
      this.scatter(to, plan.inputs / 4, 0, plan.T, inputWidth, plan.B, first, B);
      this.scatter(to, plan.targets / 4, targets, plan.outputSteps, targetWidth, plan.B, first, B);
    }
  }

  /** Copies `count` of the B columns of [rows, B, width]. */
  private scatter(
    to: Int32Array,
    at: number,
    from: number,
    rows: number,
    width: number,
    count: number,
    first: number,
    B: number,
  ): void {
    const { integers } = this;
    const length = count * width;
    for (let row = 0; row < rows; row++) {
      const start = from + (row * B + first) * width;
      for (let i = 0; i < length; i++) to[at + row * length + i] = integers[start + i]!;
    }
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
function splitEvenly(count: number, parts: number): { start: number; end: number }[] {
  const ranges = Math.min(count, parts);
  const bound = (i: number) => Math.ceil((i * count) / ranges);
  return Array.from({ length: ranges }, (_, i) => ({ start: bound(i), end: bound(i + 1) }));
}

/** Bytes of the largest shard's pass. */
function passBytes(engine: Engine, batches: Batches, dropout: number, shards: number): number {
  const { chunkLength: T, batchSize: B } = batches;
  const { end } = engine.planAt(0, T, splitEvenly(B, shards)[0]!.end, optionsFor(batches, T, dropout));
  return Math.ceil(end / ALIGNMENT) * ALIGNMENT;
}

const optionsFor = ({ returnSequences }: Batches, T: number, dropout: number): PassOptions => ({
  training: true,
  dropout: dropout > 0,
  outputSteps: returnSequences ? T : 1,
});
