import type { State } from "../engine/engine.js";
import { loadState, storeState } from "../engine/forward.js";
import type { Model } from "../model/model.js";
import { step } from "../network/backward.js";
import type { Dropout } from "../network/network.js";
import { Packing } from "../network/packing.js";
import { addressesOf, type ParameterAddresses } from "../network/parameters.js";
import type { PassOptions } from "../network/plan.js";
import type { GradientOptions, GradientSource } from "./gradient-source.js";
import { mostOptions, passOptions } from "./pass-options.js";

/** The forward and backward passes of training steps over whole batches, on this thread. */
export class SingleShard implements GradientSource {
  readonly keys: Int32Array;
  readonly state: State;
  readonly gradients: number;
  private readonly addresses: ParameterAddresses;
  private readonly dropout: Dropout | undefined;
  /** Of the last pass. */
  private latest: { readonly B: number; readonly options: PassOptions } | undefined;

  constructor(
    private readonly model: Model,
    private readonly options: GradientOptions,
  ) {
    const { engine } = model;
    const { batches, dropout: probability, gradients } = options;
    const { batchSize, chunkLength } = batches;
    // First, because this is where a step that is too large is detected.
    engine.plan(chunkLength, batchSize, mostOptions(batches, probability, batchSize));
    this.keys = new Int32Array(engine.shape.layers);
    this.dropout = probability > 0 ? { probability, keys: this.keys } : undefined;
    this.state = engine.createState(batchSize);
    this.gradients = gradients[0]!;
    this.addresses = addressesOf(engine.table, engine.shape, this.gradients);
  }

  static ownShards(): number {
    return 1;
  }

  static bytesFor(): number {
    return 0;
  }

  async prepare(): Promise<void> {}

  async step(carried: State, gradientScale: number): Promise<number> {
    const { model, options, addresses, dropout, state } = this;
    const { engine } = model;
    const { batches } = options;
    const { nextLength: T, nextBatchSize: B, nextLengths } = batches;
    // A state that continues is the one that is carried, if batches are accumulated.
    if (!batches.continuous) state.fill(0);
    const packing = nextLengths && new Packing(nextLengths);
    const planned = engine.plan(T, B, this.passOptions(B, packing?.rows ?? T * B));
    const plan = packing ? { ...planned, packing } : planned;
    batches.write(engine, plan, { from: 0, to: T, first: 0, stride: 1, count: B });
    loadState(engine, plan, carried);
    const loss = step(engine.network, plan, engine.lossFunction, gradientScale, addresses, dropout);
    if (batches.continuous) storeState(engine, plan, state);
    batches.advance();
    return loss;
  }

  /** The same object where the one before fits: engines find its plan without a key. */
  private passOptions(B: number, rows: number): PassOptions {
    const { latest } = this;
    if (latest?.B === B && latest.options.rows === rows) return latest.options;
    const { batches, dropout } = this.options;
    const options = passOptions(batches, dropout, B, rows);
    this.latest = { B, options };
    return options;
  }
}
