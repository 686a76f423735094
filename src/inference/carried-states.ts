import type { Engine } from "../engine/engine.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PackedAddresses } from "../network/packed-weights.js";
import type { PassOptions, PassPlan } from "../network/plan.js";

const OPTIONS = new Map<number, PassOptions>();

/** Only the B outputs after the last step are needed. The same object each time, so that the engine finds the plan at once. */
function lastOutputs(B: number): PassOptions {
  let options = OPTIONS.get(B);
  if (!options) {
    options = { outputRows: B };
    OPTIONS.set(B, options);
  }
  return options;
}

/** Parameters of 256 KB: for one sequence, reading fewer is not what takes the time. */
const FEW_PARAMETERS = 2 ** 16;

/** The packed weights of an engine, if it has any. */
export type PackedWeightsOf = (engine: Engine) => PackedAddresses | undefined;

/**
 * The states of N sequences, carried from pass to pass outside the model's memory, which others use in between. A pass
 * takes any of the sequences along: those that it names, in any order.
 */
export class CarriedStates {
  /** All sequences: 0 … N − 1. */
  readonly all: Int32Array;
  /** [layers, directions, h and c] of [N, H], H padded to a multiple of four. */
  readonly states: readonly Float32Array[];
  readonly H: number;
  /** Where the states after the last pass of all lie in the model's memory: views, as copies between views are fast. */
  private finals:
    | { readonly plan: PassPlan; readonly floats: Float32Array; readonly views: Float32Array[] }
    | undefined;
  /** The plan of one step of all, and plans within its memory of a step of fewer. */
  private whole: PassPlan | undefined;
  private readonly parts = new Map<number, PassPlan>();

  /** @throws OutOfMemoryError where a step of all, or `steps` steps, does not fit */
  constructor(
    readonly model: Model,
    private readonly N: number,
    steps = 1,
    /** For steps of several sequences, or of one and many parameters, which are faster with them. */
    private readonly packedWeightsOf?: PackedWeightsOf,
  ) {
    const { engine } = model;
    // Before anything is taken here that is as large.
    engine.plan(steps, N, lastOutputs(N));
    this.H = padded(engine.shape.hiddenSize);
    const states = engine.createState(N);
    this.states = Array.from({ length: states.length / (N * this.H) }, (_, i) =>
      states.subarray(i * N * this.H, (i + 1) * N * this.H),
    );
    this.all = Int32Array.from({ length: N }, (_, i) => i);
  }

  /** Plans a pass over T steps of B sequences, valid until the next pass of the model. */
  plan(T: number, B: number): PassPlan {
    const { engine } = this.model;
    this.packedWeights(T, B);
    if (T > 1 || B > this.N) return engine.plan(T, B, lastOutputs(B));
    const whole = engine.plan(1, this.N, lastOutputs(this.N));
    if (B === this.N) return whole;
    // The engine keeps only a few plans, while users come and go: B changes at every step.
    if (whole !== this.whole) this.parts.clear();
    this.whole = whole;
    let part = this.parts.get(B);
    if (!part) {
      part = engine.planAt(whole.start, 1, B, lastOutputs(B));
      this.parts.set(B, part);
    }
    return part;
  }

  /** The forward pass of the plan's B sequences, the first of `rows`, from their states. It leaves these as they are. */
  forward(plan: PassPlan, rows: Int32Array): void {
    const { H, states: from, model } = this;
    const { engine } = model;
    const { floats: to } = engine;
    const { states, B } = plan;
    engine.writeLists(plan);
    for (let i = 0; i < states.length; i++) {
      let at = states[i]! / 4;
      const state = from[i]!;
      if (this.isAll(B, rows)) {
        to.set(state, at);
        continue;
      }
      for (let b = 0; b < B; b++, at += H) {
        const source = rows[b]! * H;
        for (let j = 0; j < H; j++) to[at + j] = state[source + j]!;
      }
    }
    engine.network.forward(plan, undefined, this.packedWeights(plan.T, B));
  }

  /** The packed weights, for a pass that is faster with them. */
  private packedWeights(T: number, B: number): PackedAddresses | undefined {
    const { engine } = this.model;
    return T === 1 && (B > 1 || engine.table.length > FEW_PARAMETERS) ? this.packedWeightsOf?.(engine) : undefined;
  }

  /** Keeps the states after a forward pass. */
  keep(plan: PassPlan, rows: Int32Array): void {
    const { H, states: to } = this;
    const { B } = plan;
    if (this.isAll(B, rows)) {
      const finals = this.finalsOf(plan);
      for (let i = 0; i < finals.length; i++) to[i]!.set(finals[i]!);
      return;
    }
    const { floats: from } = this.model.engine;
    for (let i = 0; i < plan.states.length; i++) {
      let at = plan.states[i]! / 4 + plan.rows * H;
      const state = to[i]!;
      for (let b = 0; b < B; b++, at += H) {
        const target = rows[b]! * H;
        for (let j = 0; j < H; j++) state[target + j] = from[at + j]!;
      }
    }
  }

  /** Whether a pass has all sequences, in order. */
  private isAll(B: number, rows: Int32Array): boolean {
    return B === this.N && rows === this.all;
  }

  /** Views of the states after a pass of all. Only another plan or a grown memory makes new ones. */
  private finalsOf(plan: PassPlan): readonly Float32Array[] {
    const { finals, H } = this;
    const { floats } = this.model.engine;
    if (finals?.plan === plan && finals.floats === floats) return finals.views;
    const views = plan.states.map((address) => {
      const at = address / 4 + plan.rows * H;
      return floats.subarray(at, at + plan.B * H);
    });
    this.finals = { plan, floats, views };
    return views;
  }

  /** Sets all states to zero. */
  clear(): void {
    for (const state of this.states) state.fill(0);
  }

  /** Gives all sequences the state of the first. */
  fork(): void {
    const { H } = this;
    for (const state of this.states) for (let at = H; at < state.length; at += H) state.copyWithin(at, 0, H);
  }
}
