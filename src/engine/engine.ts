import { ALIGNMENT } from "../common/aligned.js";
import { BoundedCache } from "../common/bounded-cache.js";
import { allocateFloats, OutOfMemoryError } from "../common/errors.js";
import { ADDRESSABLE, type Backend, type KernelInstance, type Kernels, padded } from "../kernels/kernels.js";
import { CROSS_ENTROPY, type LossFunction, targetWidth } from "../network/loss.js";
import { STATES } from "../network/lstm-layer.js";
import { Addresses } from "../network/memory.js";
import { Network } from "../network/network.js";
import type { PackedAddresses, PackedWeights } from "../network/packed-weights.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassOptions, type PassPlan, planPass, writeLists } from "../network/plan.js";
import { directionsOf, type NetworkShape } from "../network/shape.js";
import { type Tensor, writeTensor } from "../network/tensors.js";
import type { WorkerPool } from "./worker-pool.js";

/**
 * The state that a network carries from one chunk to the next: [layers, directions, h and c, B, H], H padded to a multiple
 * of four.
 */
export type State = Float32Array;

/** What threads do: tasks, or their part of steps, which keeps them busy without any. */
export type PoolKind = "tasks" | "steps";

/** A range of byte addresses. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** Packed copies of the weights and where they lie. */
export interface PackedRegion {
  readonly weights: PackedWeights;
  /** One of their two orders: that in which they are packed. */
  order: PackedAddresses;
  readonly region: Region;
  /** How many read them beyond their own turn on this thread: the last one releases a region that the engine has given up. */
  readers: number;
}

/**
 * A network on a memory of its own:
 *
 *     parameters | training buffers, passes of workers, packed weights | one pass: inputs, activations, their gradients, scratch
 *
 * Nothing in the last part outlives the call that uses it, so training, evaluation and generation share these bytes.
 * Memory grows when a larger pass is planned, never within one.
 */
export class Engine {
  readonly kernels: Kernels;
  readonly backend: Backend;
  readonly table: ParameterTable;
  /** Byte address of the parameters. */
  readonly parameters: number;
  readonly network: Network;
  /** 4-byte numbers per row of targets. */
  readonly targetWidth: number;
  /** The threads on this memory that were started, and what ends them. */
  readonly threads = new Map<PoolKind, { readonly pool: WorkerPool; readonly end: () => void }>();
  isFreed = false;
  private readonly plans = new BoundedCache<PassPlan>();
  private latest: { readonly options: PassOptions; readonly plan: PassPlan } | undefined;
  /** What is reserved behind the parameters, in order. */
  private readonly regions: Region[] = [];
  private readonly regionStart: number;
  /** What training-memory.ts has reserved. */
  training: Region | undefined;
  /** Packed copies of the weights, and whether they are of the weights as they are: packed-weights.ts. */
  packed: PackedRegion | undefined;
  isPacked = false;
  private floatView: Float32Array | undefined;
  private integerView: Int32Array | undefined;

  constructor(
    readonly instance: KernelInstance,
    readonly shape: NetworkShape,
    readonly lossFunction: LossFunction = CROSS_ENTROPY,
    /** How the parameters lie in memory, if they are not float32, and so cannot be trained. */
    readonly fixed?: ParameterTable,
  ) {
    this.kernels = instance.kernels;
    this.backend = instance.backend;
    this.targetWidth = targetWidth(shape, lossFunction);
    this.table = fixed ?? planParameters(shape);
    const memory = new Addresses(instance.memory.base);
    this.parameters = memory.floats(this.table.length);
    this.regionStart = memory.take(0);
    this.reserve(memory.end);
    this.network = new Network(this.kernels, shape, this.parameterAddresses);
  }

  get parameterAddresses(): ParameterAddresses {
    return addressesOf(this.table, this.shape, this.parameters);
  }

  /** Whether threads share the memory. */
  get isShared(): boolean {
    return this.instance.share !== undefined;
  }

  /**
   * Loads the kernels of training, and of the losses, where they are missing: a model that was loaded has those that run it.
   *
   * @throws BackendError if they cannot be loaded
   */
  async complete(): Promise<void> {
    await this.instance.complete?.();
  }

  /** Ends the threads. */
  free(): void {
    this.isFreed = true;
    for (const { end } of this.threads.values()) end();
  }

  /** The whole memory as float32; element i is byte address 4i. Planning can replace it: fetch it afterwards. */
  get floats(): Float32Array {
    const { buffer } = this.instance.memory;
    if (this.floatView?.buffer !== buffer) this.floatView = new Float32Array(buffer);
    return this.floatView;
  }

  /** The whole memory as int32; element i is byte address 4i. Planning can replace it: fetch it afterwards. */
  get integers(): Int32Array {
    const { buffer } = this.instance.memory;
    if (this.integerView?.buffer !== buffer) this.integerView = new Int32Array(buffer);
    return this.integerView;
  }

  /** Bytes of memory in use. */
  get memoryBytes(): number {
    return this.instance.memory.buffer.byteLength;
  }

  /** Replaces a parameter tensor by values in PyTorch's order. While nothing is allocated, nobody else writes parameters. */
  writeParameter(tensor: Tensor, values: ArrayLike<number>): void {
    writeTensor(tensor, values, this.floats, this.parameters / 4);
    this.isPacked = false;
  }

  /** Reserves bytes that no pass on this thread uses, until they are released. All plans become invalid. */
  takeRegion(bytes: number): Region {
    let start = this.regionStart;
    let place = 0;
    for (; place < this.regions.length && this.regions[place]!.start < start + bytes; place++)
      start = Math.ceil(this.regions[place]!.end / ALIGNMENT) * ALIGNMENT;
    const region = { start, end: start + bytes };
    this.reserve(region.end);
    this.regions.splice(place, 0, region);
    this.clearPlans();
    return region;
  }

  releaseRegion(region: Region): void {
    this.regions.splice(this.regions.indexOf(region), 1);
    this.clearPlans();
  }

  /** Where the passes on this thread begin. */
  get passStart(): number {
    return this.regions.at(-1)?.end ?? this.regionStart;
  }

  private clearPlans(): void {
    this.plans.clear();
    this.latest = undefined;
  }

  private reserve(bytes: number): void {
    if (bytes > ADDRESSABLE) throw new OutOfMemoryError(bytes);
    try {
      this.instance.memory.reserve(bytes);
    } catch {
      throw new OutOfMemoryError(bytes);
    }
  }

  /** Plans a pass over T steps of B sequences and reserves memory for it, valid until another plan is used. */
  plan(T: number, B: number, options: PassOptions = {}): PassPlan {
    const { latest } = this;
    // Streams request the same plan for every step: skip building the key.
    if (latest && latest.options === options && latest.plan.T === T && latest.plan.B === B) return latest.plan;
    return this.findPlan(T, B, options);
  }

  /** A function of its own, since one with a closure allocates at every call. */
  private findPlan(T: number, B: number, options: PassOptions): PassPlan {
    const { training, inputGradient, dropout, weighted, rows, packed, outputRows } = options;
    const key = `${T} ${B} ${rows} ${packed} ${outputRows} ${training} ${inputGradient} ${dropout} ${weighted}`;
    const plan = this.plans.get(key, () => {
      const fresh = this.planAt(this.passStart, T, B, options);
      this.reserve(fresh.end);
      return fresh;
    });
    this.latest = { options, plan };
    return plan;
  }

  /** Plans a pass in reserved memory, from an address on. */
  planAt(address: number, T: number, B: number, options: PassOptions): PassPlan {
    const { shape, targetWidth, instance } = this;
    return planPass(shape, instance.scratchBytes, T, B, { ...options, targetWidth }, address);
  }

  /** The initial state of B sequences: zeros. */
  createState(B: number): State {
    const { layers, hiddenSize } = this.shape;
    return allocateFloats(layers * directionsOf(this.shape) * STATES.length * B * padded(hiddenSize));
  }

  /** Writes what tells the kernels how the rows lie, where that is not one step after another. */
  writeLists(plan: PassPlan): void {
    writeLists(plan, this.integers);
  }
}
