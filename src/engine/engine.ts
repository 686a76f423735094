import { BoundedCache } from "../common/bounded-cache.js";
import { LstmError, OutOfMemoryError } from "../common/errors.js";
import type { Batches } from "../data/batches.js";
import { ADDRESSABLE, type Backend, type KernelInstance, type Kernels, padded } from "../kernels/kernels.js";
import { CROSS_ENTROPY, type LossFunction, targetWidth } from "../network/loss.js";
import { STATES } from "../network/lstm-layer.js";
import { Addresses } from "../network/memory.js";
import { type Dropout, Network } from "../network/network.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassOptions, type PassPlan, planPass } from "../network/plan.js";
import type { NetworkShape } from "../network/shape.js";
import { WorkerPool } from "./worker-pool.js";

/** What a network carries from one chunk to the next: [layers, h and c, B, H], H padded to a multiple of four. */
export type State = Float32Array;

/** What {@link Engine.allocate} made room for: byte addresses. */
export interface Allocation {
  /** Runs of floats in the layout of the parameters, all zero. */
  readonly buffers: readonly number[];
  /** Bytes for passes beside the one that everybody uses. */
  readonly passes: number;
}

/** Ends the threads of models that were dropped without a word. */
const abandoned = new FinalizationRegistry<WorkerPool>((pool) => void pool.terminate());

/**
 * A network on a memory of its own:
 *
 *     parameters | what a training run keeps | one pass: inputs, activations, their gradients, scratch
 *
 * Everything in the last part is over when the call that needed it returns, so training, evaluation and generation use
 * the same bytes in turn. Memory grows when a larger pass is planned, never within one.
 */
export class Engine {
  readonly kernels: Kernels;
  readonly backend: Backend;
  readonly table: ParameterTable;
  /** Byte address of the parameters. */
  readonly parameters: number;
  readonly network: Network;
  /** Numbers of 4 bytes in a row of targets. */
  readonly targetWidth: number;
  private pool: WorkerPool | undefined;
  private readonly plans = new BoundedCache<PassPlan>();
  private latest: { readonly options: PassOptions; readonly plan: PassPlan } | undefined;
  /** Where the part that a training run keeps begins, and where the passes begin. */
  private readonly allocationStart: number;
  private passStart: number;
  private floatView: Float32Array | undefined;
  private integerView: Int32Array | undefined;

  constructor(
    private readonly instance: KernelInstance,
    readonly shape: NetworkShape,
    readonly lossFunction: LossFunction = CROSS_ENTROPY,
  ) {
    this.kernels = instance.kernels;
    this.backend = instance.backend;
    this.targetWidth = targetWidth(shape, lossFunction);
    this.table = planParameters(shape);
    const memory = new Addresses(instance.memory.base);
    this.parameters = memory.floats(this.table.length);
    this.allocationStart = memory.end;
    this.passStart = memory.end;
    this.reserve(memory.end);
    this.network = new Network(this.kernels, shape, addressesOf(this.table, shape, this.parameters));
  }

  /** Whether threads can share the memory. */
  get isShared(): boolean {
    return this.instance.share !== undefined;
  }

  /**
   * At least so many threads beside this one, at work on this memory. They stay until {@link free}.
   *
   * @throws WorkerError where one does not start
   */
  async workerPool(count: number): Promise<WorkerPool> {
    const { shape, lossFunction, parameters } = this;
    const { share } = this.instance;
    if (!share) throw new LstmError("this memory cannot be shared between threads");
    if (!this.pool || this.pool.failed) {
      this.pool = new WorkerPool({ ...share, shape, lossFunction, parameters });
      abandoned.register(this, this.pool, this);
    }
    await this.pool.ensureWorkers(count);
    return this.pool;
  }

  /** Ends the threads. */
  free(): void {
    void this.pool?.terminate();
    abandoned.unregister(this);
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

  /** A copy of the parameters as they lie in memory. */
  parameterValues(): Float32Array {
    return this.floats.slice(this.parameters / 4, this.parameters / 4 + this.table.length);
  }

  /** Bytes of memory in use. */
  get memoryBytes(): number {
    return this.instance.memory.buffer.byteLength;
  }

  /**
   * Makes room until {@link release}.
   *
   * @param buffers how many flat buffers as long as the parameters
   * @param bytes how much besides, for passes
   * @throws LstmError where the room is taken
   */
  allocate(buffers: number, bytes = 0): Allocation {
    if (this.passStart !== this.allocationStart)
      throw new LstmError("this model is being trained already: end that run before you begin another");
    const memory = new Addresses(this.allocationStart);
    const addresses = Array.from({ length: buffers }, () => memory.floats(this.table.length));
    const passes = memory.take(bytes);
    this.reserve(memory.end);
    this.floats.fill(0, this.allocationStart / 4, passes / 4);
    this.passStart = memory.end;
    this.clearPlans();
    return { buffers: addresses, passes };
  }

  /** Gives back what {@link allocate} took. */
  release(): void {
    this.passStart = this.allocationStart;
    this.clearPlans();
  }

  private reserve(bytes: number): void {
    if (bytes > ADDRESSABLE) throw new OutOfMemoryError(bytes);
    try {
      this.instance.memory.reserve(bytes);
    } catch {
      throw new OutOfMemoryError(bytes);
    }
  }

  private clearPlans(): void {
    this.plans.clear();
    this.latest = undefined;
  }

  /** Plans a pass over T steps of B sequences and makes room for it. Its bytes last until the next plan is used. */
  plan(T: number, B: number, options: PassOptions = {}): PassPlan {
    const { latest } = this;
    // Step after step, generation asks for the same: it need not put a key together.
    if (latest && latest.options === options && latest.plan.T === T && latest.plan.B === B) return latest.plan;
    const { training, inputGradient, dropout, outputSteps } = options;
    const key = `${T} ${B} ${outputSteps} ${training} ${inputGradient} ${dropout}`;
    const plan = this.plans.get(key, () => {
      const fresh = this.planAt(this.passStart, T, B, options);
      this.reserve(fresh.end);
      return fresh;
    });
    this.latest = { options, plan };
    return plan;
  }

  /** Plans a pass from an address on, where there is room for it. */
  planAt(address: number, T: number, B: number, options: PassOptions): PassPlan {
    const { shape, targetWidth, instance } = this;
    return planPass(shape, instance.scratchBytes, T, B, { ...options, targetWidth }, address);
  }

  /** Writes the next chunk of some data into a plan of its size. */
  loadBatch(batches: Batches, { inputs, targets }: PassPlan): void {
    batches.writeNext({ floats: this.floats, integers: this.integers, inputs, targets });
  }

  /** Zeros: the state from which B sequences begin. */
  createState(B: number): State {
    return new Float32Array(this.shape.layers * STATES.length * B * padded(this.shape.hiddenSize));
  }

  /**
   * From the plan's inputs and `state` to the plan's scores; `state` becomes the state after the last step.
   *
   * @param dropout for a plan with room for it
   */
  forward(plan: PassPlan, state: State, dropout?: Dropout): void {
    this.loadState(plan, state);
    this.network.forward(plan, dropout);
    this.storeState(plan, state);
  }

  /** Copies a state into the plan, as that before the first step: of B sequences, those from `first` on. */
  loadState(plan: PassPlan, state: State, B = plan.B, first = 0): void {
    this.copyState(plan, 0, state, B, first, true);
  }

  /** The other way, with the state after the last step. */
  storeState(plan: PassPlan, state: State, B = plan.B, first = 0): void {
    this.copyState(plan, plan.T, state, B, first, false);
  }

  private copyState(plan: PassPlan, step: number, state: State, B: number, first: number, inwards: boolean): void {
    const { floats } = this;
    const H = padded(this.shape.hiddenSize);
    const size = plan.B * H;
    for (let layer = 0; layer < plan.layers.length; layer++) {
      const { states } = plan.layers[layer]!;
      for (let i = 0; i < states.length; i++) {
        const at = states[i]! / 4 + step * size;
        const s = ((layer * states.length + i) * B + first) * H;
        // In such short runs a loop beats TypedArray.set.
        if (inwards) for (let j = 0; j < size; j++) floats[at + j] = state[s + j]!;
        else for (let j = 0; j < size; j++) state[s + j] = floats[at + j]!;
      }
    }
  }

  /** The loss of the plan's scores, summed over the rows; the scores become gradientScale times their gradient. */
  loss(plan: PassPlan, gradientScale: number): number {
    return this.network.loss(plan, this.lossFunction, gradientScale);
  }

  /**
   * From the gradient of the plan's scores to all gradients.
   *
   * @param stateGradient comes in as the gradient of the final state and goes out as that of the initial one; without it,
   *   no gradient comes from beyond the chunk's end
   */
  backward(plan: PassPlan, gradients: ParameterAddresses, dropout?: Dropout, stateGradient?: State): void {
    if (!stateGradient) {
      this.network.clearStateGradients(plan);
      this.network.backward(plan, gradients, dropout);
      return;
    }
    const size = plan.B * padded(this.shape.hiddenSize);
    const parts = plan.layers.flatMap(({ stateGradients }) => stateGradients);
    for (const [i, part] of parts.entries())
      this.floats.set(stateGradient.subarray(i * size, (i + 1) * size), part / 4);
    this.network.backward(plan, gradients, dropout);
    for (const [i, part] of parts.entries())
      stateGradient.set(this.floats.subarray(part / 4, part / 4 + size), i * size);
  }
}
