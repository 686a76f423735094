import { WorkerError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import type { Batches } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import {
  ALIGNMENT,
  addressesOf,
  outputSizeOf,
  type ParameterAddresses,
  type PassOptions,
  type PassPlan,
} from "../network/layout.js";
import type { Dropout } from "../network/network.js";

/** A part of a batch: its sequences from `first` on. */
interface Shard {
  readonly first: number;
  readonly plan: PassPlan;
  readonly gradients: number;
  readonly gradientAddresses: ParameterAddresses;
  readonly dropout: Dropout | undefined;
}

/**
 * The forward and backward passes of training steps over batches in parts of equal size, each with gradients of its own,
 * which are added up in order. So the bits of the result depend on the number of parts, and on nothing else.
 *
 * The first part is computed here. The others are computed by threads at the same time or, where no threads can be had,
 * here as well, one after the other.
 */
export class DataParallel {
  /** What the random choices of dropout depend on: an int32 for every layer of every part. */
  readonly keys: Int32Array;
  /** The state after the last step. */
  readonly state: State;
  private readonly chunk: StagingBuffer | undefined;
  private readonly plans = new Map<string, readonly Shard[]>();
  private pool: Promise<WorkerPool | undefined> | undefined;

  /**
   * @param gradients a run of floats for each part; the first receives the sum
   * @param passes where the passes of all parts but the first are, as long as {@link bytesFor} says
   * @throws OutOfMemoryError where a step does not fit into memory
   */
  constructor(
    private readonly model: Model,
    private readonly batches: Batches,
    private readonly dropout: number,
    private readonly gradients: readonly number[],
    private readonly passes: number,
  ) {
    const { engine } = model;
    this.keys = new Int32Array(engine.shape.layers * gradients.length);
    this.state = engine.createState(batches.batchSize);
    this.chunk = gradients.length > 1 ? new StagingBuffer(engine, batches) : undefined;
    this.shards(batches.chunkLength, batches.batchSize);
  }

  /** Bytes for the passes of all parts but the first. */
  static bytesFor(engine: Engine, batches: Batches, dropout: number, count: number): number {
    return (count - 1) * passBytes(engine, batches, dropout, count);
  }

  /** Starts the threads that are missing. */
  async prepare(): Promise<void> {
    if (this.gradients.length > 1) await this.crew();
  }

  /**
   * The next chunk's gradients, and the state after it.
   *
   * @param carried the state before it
   * @returns the loss, summed over all predictions
   * @throws WorkerError where a thread fails
   * @throws LstmError where the model was freed
   */
  async step(carried: State, gradientScale: number): Promise<number> {
    const { batches, state } = this;
    const { engine } = this.model;
    const B = batches.nextBatchSize;
    const parts = this.shards(batches.nextLength, B);
    const workerPool = parts.length > 1 ? await this.crew() : undefined;
    if (this.chunk) this.chunk.read(parts, B);
    else engine.loadBatch(batches, parts[0]!.plan);
    for (const { plan, first } of parts) engine.loadState(plan, carried, B, first);
    for (let i = 1; workerPool && i < parts.length; i++) {
      const { plan, gradients, dropout } = parts[i]!;
      workerPool.submit(i - 1, { ...plan, pass: plan.start, gradients, gradientScale, dropout });
    }
    let loss = 0;
    state.fill(0);
    try {
      for (let i = 0; i < parts.length; i++) {
        const { plan, first, gradientAddresses, dropout } = parts[i]!;
        if (workerPool && i > 0) loss += await workerPool.result(i - 1);
        else loss += engine.network.step(plan, engine.lossFunction, gradientScale, gradientAddresses, dropout);
        // From the next `await` on, others may use the room of the first pass.
        engine.storeState(plan, state, B, first);
      }
    } catch (error) {
      // What the threads are still at must not be written into memory that is used for something else.
      workerPool?.terminate();
      throw error;
    }
    for (let i = 1; i < parts.length; i++)
      engine.kernels.add(this.gradients[0]!, parts[i]!.gradients, engine.table.length);
    return loss;
  }

  private crew(): Promise<WorkerPool | undefined> {
    this.pool ??= this.startWorkers(this.gradients.length - 1);
    return this.pool;
  }

  private async startWorkers(count: number): Promise<WorkerPool | undefined> {
    const { engine } = this.model;
    try {
      if (engine.isShared) return await engine.workerPool(count);
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      warnOnce(`no thread can be started here (${error.reason}): one thread computes all parts of a batch`);
      return undefined;
    }
    const why =
      engine.backend === "javascript"
        ? "the javascript kernels run on one thread"
        : "memory cannot be shared between threads here (a page must be cross-origin isolated)";
    warnOnce(`${why}: one thread computes all parts of a batch`);
    return undefined;
  }

  /** A chunk's parts: as many as there are gradients, or as there are sequences. */
  private shards(T: number, B: number): readonly Shard[] {
    const key = `${T} ${B}`;
    let parts = this.plans.get(key);
    if (!parts) {
      const firsts = starts(B, this.gradients.length);
      parts = firsts.map((first, i) => this.planShard(i, T, first, firsts[i + 1] ?? B));
      this.plans.set(key, parts);
    }
    return parts;
  }

  private planShard(i: number, T: number, first: number, end: number): Shard {
    const { batches, dropout, gradients, keys, passes } = this;
    const { engine } = this.model;
    const { layers } = engine.shape;
    const options = optionsFor(batches, T, dropout);
    const address = passes + (i - 1) * passBytes(engine, batches, dropout, gradients.length);
    return {
      first,
      plan: i === 0 ? engine.plan(T, end, options) : engine.planAt(address, T, end - first, options),
      gradients: gradients[i]!,
      gradientAddresses: addressesOf(engine.table, gradients[i]!),
      dropout: dropout > 0 ? { probability: dropout, keys: keys.subarray(i * layers, (i + 1) * layers) } : undefined,
    };
  }
}

/** A whole chunk outside the engine's memory, on its way into the parts' plans. */
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
    this.targetWidth = engine.lossFunction.name === "cross-entropy" ? 1 : padded(outputSizeOf(engine.shape));
    this.targets = T * B * this.inputWidth;
    this.integers = new Int32Array(this.targets + (returnSequences ? T : 1) * B * this.targetWidth);
    this.floats = new Float32Array(this.integers.buffer);
  }

  /** Reads the next chunk, of B sequences, and deals it out. */
  read(parts: readonly Shard[], B: number): void {
    const { batches, floats, integers, targets, inputWidth, targetWidth, engine } = this;
    batches.writeNext({ floats, integers, inputs: 0, targets: 4 * targets });
    const to = engine.integers;
    for (const { plan, first } of parts) {
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

/** Where each of `count` parts of B sequences starts; the first parts are the larger ones, and none is empty. */
function starts(B: number, count: number): number[] {
  const parts = Math.min(B, count);
  return Array.from({ length: parts }, (_, i) => Math.ceil((i * B) / parts));
}

/** What the pass of the largest part takes. */
function passBytes(engine: Engine, batches: Batches, dropout: number, count: number): number {
  const { chunkLength: T, batchSize: B } = batches;
  const { end } = engine.planAt(0, T, starts(B, count)[1] ?? B, optionsFor(batches, T, dropout));
  return Math.ceil(end / ALIGNMENT) * ALIGNMENT;
}

const optionsFor = ({ returnSequences }: Batches, T: number, dropout: number): PassOptions => ({
  training: true,
  dropout: dropout > 0,
  outputSteps: returnSequences ? T : 1,
});
