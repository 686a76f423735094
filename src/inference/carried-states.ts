import type { Engine } from "../engine/engine.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PackedAddresses } from "../network/packed-weights.js";
import type { PassOptions, PassPlan } from "../network/plan.js";

const OPTIONS = new Map<number, PassOptions>();

/** Only the B outputs after the last step are needed. The same object each time, so that the engine finds the plan at once. */
export function lastOutputs(B: number): PassOptions {
  let options = OPTIONS.get(B);
  if (!options) {
    options = { outputRows: B };
    OPTIONS.set(B, options);
  }
  return options;
}

/** The packed weights of an engine, if it has any. */
export type PackedWeightsOf = (engine: Engine) => PackedAddresses | undefined;

/** The states of N sequences, carried from pass to pass outside the model's memory, which others use in between. */
export class CarriedStates {
  /** [layers, directions, h and c] of [N, H], H padded to a multiple of four. */
  readonly states: readonly Float32Array[];
  readonly H: number;
  /** Where the states after the last pass lie in the model's memory: views, as copies between views are fast. */
  private finals:
    | { readonly plan: PassPlan; readonly floats: Float32Array; readonly views: Float32Array[] }
    | undefined;

  /** @throws OutOfMemoryError where `steps` steps of all do not fit */
  constructor(
    readonly model: Model,
    protected readonly N: number,
    steps = 1,
  ) {
    const { engine } = model;
    // Before anything is taken here that is as large.
    engine.plan(steps, N, lastOutputs(N));
    this.H = padded(engine.shape.hiddenSize);
    const states = engine.createState(N);
    this.states = Array.from({ length: states.length / (N * this.H) }, (_, i) =>
      states.subarray(i * N * this.H, (i + 1) * N * this.H),
    );
  }

  /** Plans a pass over T steps of all, valid until the next pass of the model. */
  plan(T: number): PassPlan {
    return this.model.engine.plan(T, this.N, lastOutputs(this.N));
  }

  /** The forward pass of all from their states. It leaves these as they are. */
  forward(plan: PassPlan, packed?: PackedAddresses): void {
    const { engine } = this.model;
    engine.writeLists(plan);
    this.load(plan);
    engine.network.forward(plan, undefined, packed);
  }

  /** Copies the states into a plan. */
  load({ states }: PassPlan): void {
    const { floats } = this.model.engine;
    for (let i = 0; i < states.length; i++) floats.set(this.states[i]!, states[i]! / 4);
  }

  /** Keeps the states after a forward pass. */
  keep(plan: PassPlan): void {
    const finals = this.finalsOf(plan);
    for (let i = 0; i < finals.length; i++) this.states[i]!.set(finals[i]!);
  }

  /** Views of the states after a pass. Only another plan or a grown memory makes new ones. */
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
}
