import { packedRowWeights, packedWeights } from "../engine/packed-weights.js";
import type { Model } from "../model/model.js";
import type { PackedAddresses } from "../network/packed-weights.js";
import type { PassPlan } from "../network/plan.js";
import { CarriedStates, lastOutputs } from "./carried-states.js";

/** Carried states of which a step takes any along: those of the sequences that it names, in any order. */
export class RowStates extends CarriedStates {
  /** All sequences: 0 … N − 1. */
  readonly all: Int32Array;
  /** The plan of a step of all, and plans within its memory of a step of fewer. */
  private whole: PassPlan | undefined;
  private readonly parts = new Map<number, PassPlan>();

  /** @throws OutOfMemoryError where a step of all does not fit */
  constructor(model: Model, N: number) {
    super(model, N);
    this.all = Int32Array.from({ length: N }, (_, i) => i);
  }

  /** Plans a step of B sequences, valid until the next pass of the model. */
  planRows(B: number): PassPlan {
    const { engine } = this.model;
    this.packed(B);
    const whole = this.plan(1);
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

  /** The step of the plan's B sequences, the first of `rows`, from their states. It leaves these as they are. */
  forwardRows(plan: PassPlan, rows: Int32Array): void {
    const { H, states: from, model } = this;
    const { engine } = model;
    const { states, B } = plan;
    if (this.isAll(B, rows)) {
      this.forward(plan, this.packed(B));
      return;
    }
    const { floats: to } = engine;
    engine.writeLists(plan);
    for (let i = 0; i < states.length; i++) {
      let at = states[i]! / 4;
      const state = from[i]!;
      for (let b = 0; b < B; b++, at += H) {
        const source = rows[b]! * H;
        for (let j = 0; j < H; j++) to[at + j] = state[source + j]!;
      }
    }
    engine.network.forward(plan, undefined, this.packed(B));
  }

  /** Keeps the states after such a step. */
  keepRows(plan: PassPlan, rows: Int32Array): void {
    const { H, states: to } = this;
    const { B } = plan;
    if (this.isAll(B, rows)) {
      this.keep(plan);
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

  /** The packed weights, where a step of so many sequences is faster with them. */
  private packed(B: number): PackedAddresses | undefined {
    const { engine } = this.model;
    return B > 1 ? packedWeights(engine) : packedRowWeights(engine);
  }

  /** Whether a step has all sequences, in order. */
  private isAll(B: number, rows: Int32Array): boolean {
    return B === this.N && rows === this.all;
  }
}
