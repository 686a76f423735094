import { BoundedCache } from "../common/bounded-cache.js";
import { allocateFloats, InputError, LstmError, OutOfMemoryError } from "../common/errors.js";
import { ADDRESSABLE, type Backend, type KernelInstance, type Kernels, padded } from "../kernels/kernels.js";
import { CROSS_ENTROPY, type LossFunction, targetWidth } from "../network/loss.js";
import { STATES } from "../network/lstm-layer.js";
import { Addresses, ALIGNMENT } from "../network/memory.js";
import { type Dropout, Network } from "../network/network.js";
import { type PackedAddresses, PackedWeights } from "../network/packed-weights.js";
import { Packing } from "../network/packing.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassOptions, type PassPlan, planPass } from "../network/plan.js";
import { directionsOf, type NetworkShape } from "../network/shape.js";
import { type Tensor, writeTensor } from "../network/tensors.js";
import type { WorkerPool } from "./worker-pool.js";

/**
 * The state that a network carries from one chunk to the next: [layers, directions, h and c, B, H], H padded to a multiple
 * of four.
 */
export type State = Float32Array;

/** A range of byte addresses. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** Memory from {@link Engine.allocate}: byte addresses. */
export interface Allocation {
  /** Flat buffers in the layout of the parameters, all zero. */
  readonly buffers: readonly number[];
  /** Memory for passes besides the common one. */
  readonly passes: number;
}

/** Weights that are packed besides, at most: 1 GiB. */
const MOST_PACKED = 2 ** 28;

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
  /** The threads on this memory, if any were started, and what ends them. */
  threads: { readonly pool: WorkerPool; readonly end: () => void } | undefined;
  isFreed = false;
  private readonly plans = new BoundedCache<PassPlan>();
  private latest: { readonly options: PassOptions; readonly plan: PassPlan } | undefined;
  /** What is reserved behind the parameters, in order. */
  private readonly regions: Region[] = [];
  private readonly regionStart: number;
  private training: Region | undefined;
  /** Packed copies of the weights, where they lie, and whether they are of the weights as they are. */
  private packed: { readonly weights: PackedWeights; readonly region: Region } | undefined;
  private isPacked = false;
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

  private get parameterAddresses(): ParameterAddresses {
    return addressesOf(this.table, this.shape, this.parameters);
  }

  /** Whether threads share the memory. */
  get isShared(): boolean {
    return this.instance.share !== undefined;
  }

  /** Ends the threads. */
  free(): void {
    this.isFreed = true;
    this.threads?.end();
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

  /**
   * Reserves memory until {@link release}.
   *
   * @param buffers the number of flat buffers, each as long as the parameters
   * @param bytes additional bytes, for passes
   * @throws LstmError if it is already reserved
   * @throws InputError if the parameters cannot be trained
   */
  allocate(buffers: number, bytes = 0): Allocation {
    if (this.fixed)
      throw new InputError("int8 weights are too coarse to train: train the float32 model, then convert it again");
    if (this.training) throw new LstmError("this model is already being trained: end that run before starting another");
    // Updates change the weights all the time.
    if (this.packed) this.releaseRegion(this.packed.region);
    this.packed = undefined;
    const layOut = (start: number) => {
      const memory = new Addresses(start);
      const addresses = Array.from({ length: buffers }, () => memory.floats(this.table.length));
      return { buffers: addresses, passes: memory.take(bytes), end: memory.end };
    };
    this.training = this.takeRegion(layOut(0).end);
    const { passes, ...laidOut } = layOut(this.training.start);
    this.floats.fill(0, this.training.start / 4, passes / 4);
    return { buffers: laidOut.buffers, passes };
  }

  /** Releases the memory from {@link allocate}. */
  release(): void {
    if (this.training) this.releaseRegion(this.training);
    this.training = undefined;
  }

  /** Replaces a parameter tensor by values in PyTorch's order. While nothing is allocated, nobody else writes parameters. */
  writeParameter(tensor: Tensor, values: ArrayLike<number>): void {
    writeTensor(tensor, values, this.floats, this.parameters / 4);
    this.isPacked = false;
  }

  /**
   * The weights as products of several rows read them, for passes of one step of several sequences. It takes memory at the
   * first call, so plan afterwards. Undefined while a run has memory allocated, as its updates change the weights all the
   * time; for large models, whose memory is better not taken twice; and on backends that read the weights as they are.
   */
  packedWeights(): PackedAddresses | undefined {
    if (this.training) return undefined;
    this.packed ??= this.planPackedWeights();
    if (!this.packed) return undefined;
    const { weights } = this.packed;
    if (!this.isPacked) weights.pack(this.kernels);
    this.isPacked = true;
    return weights.addresses;
  }

  private planPackedWeights(): typeof this.packed {
    const { packWeights } = this.instance.scratchBytes;
    if (!packWeights || this.table.length > MOST_PACKED) return undefined;
    const weightsAt = (start: number) => new PackedWeights(this.shape, this.parameterAddresses, packWeights, start);
    const region = this.takeRegion(weightsAt(0).end);
    this.isPacked = false;
    return { weights: weightsAt(region.start), region };
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

  /** Plans a pass over sequences of unequal length, sorted by length, the longest first. */
  planPacked(packing: Packing, options: PassOptions = {}): PassPlan {
    const { T, B, rows } = packing;
    return { ...this.plan(T, B, { ...options, rows }), packing };
  }

  /** The initial state of B sequences: zeros. */
  createState(B: number): State {
    const { layers, hiddenSize } = this.shape;
    return allocateFloats(layers * directionsOf(this.shape) * STATES.length * B * padded(hiddenSize));
  }

  /**
   * The forward pass, from the plan's inputs and `state` to its logits. `state` becomes the state after the last step.
   *
   * @param dropout only for a plan with dropout
   * @param B sequences in `state`, the first of which are those of the plan
   */
  forward(plan: PassPlan, state: State, dropout?: Dropout, B = plan.B): void {
    this.loadState(plan, state, B);
    this.network.forward(plan, dropout);
    this.storeState(plan, state, B);
  }

  /** Copies a state into the plan as its initial state: of `B` sequences, those from `first` on. */
  loadState(plan: PassPlan, state: State, B = plan.B, first = 0): void {
    this.writeLists(plan);
    this.copyState(plan, 0, state, B, first, true);
  }

  /** Copies the state after the last step of each sequence out of the plan. */
  storeState(plan: PassPlan, state: State, B = plan.B, first = 0): void {
    if (plan.packing) this.storeFinalRows(plan, plan.packing, state, B, first);
    else this.copyState(plan, plan.rows, state, B, first, false);
  }

  private copyState(plan: PassPlan, row: number, state: State, B: number, first: number, inwards: boolean): void {
    const { floats } = this;
    const { states } = plan;
    const H = padded(this.shape.hiddenSize);
    const size = plan.B * H;
    for (let i = 0; i < states.length; i++) {
      const at = states[i]! / 4 + row * H;
      const s = (i * B + first) * H;
      // For such short rows, a loop beats TypedArray.set.
      if (inwards) for (let j = 0; j < size; j++) floats[at + j] = state[s + j]!;
      else for (let j = 0; j < size; j++) state[s + j] = floats[at + j]!;
    }
  }

  private storeFinalRows(plan: PassPlan, packing: Packing, state: State, B: number, first: number): void {
    const { floats } = this;
    const H = padded(this.shape.hiddenSize);
    const { lastRows } = packing;
    for (const [i, address] of plan.states.entries())
      for (const [b, row] of lastRows.entries()) {
        const at = address / 4 + (plan.B + row) * H;
        state.set(floats.subarray(at, at + H), (i * B + first + b) * H);
      }
  }

  /** Writes what tells the kernels how the rows lie, where that is not one step after another. */
  writeLists({ T, B, counts, reversal, outputList, outputRows, packing }: PassPlan): void {
    if (!(counts || reversal || outputList)) return;
    const { integers } = this;
    const layout = packing ?? new Packing(new Array(B).fill(T));
    if (counts) integers.set(layout.counts, counts / 4);
    if (reversal) integers.set(layout.reversal, reversal / 4);
    // Those that end first are the last ones; the others may have their outputs in a later chunk.
    if (outputList) integers.set(layout.lastRows.slice(B - outputRows), outputList / 4);
  }
}
