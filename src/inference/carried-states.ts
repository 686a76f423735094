import { allocateFloats } from "../common/errors.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { STATES } from "../network/lstm-layer.js";
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

/**
 * The states of N sequences, carried from pass to pass outside the model's memory, which others use in between. A pass
 * takes any of the sequences along: those that it names, in any order.
 */
export class CarriedStates {
  /** All sequences: 0 … N − 1. */
  readonly all: Int32Array;
  /** [N, layers, directions, h and c, H], H padded to a multiple of four. */
  private readonly floats: Float32Array;
  private readonly H: number;
  /** Floats of one sequence. */
  private readonly stride: number;
  /** The plan of one step of all, and plans within its memory of a step of fewer. */
  private whole: PassPlan | undefined;
  private readonly parts = new Map<number, PassPlan>();

  /** @throws OutOfMemoryError where a step of all, or `steps` steps, does not fit */
  constructor(
    private readonly model: Model,
    private readonly N: number,
    steps = 1,
  ) {
    const { engine } = model;
    // Before anything is taken here that is as large.
    engine.plan(steps, N, lastOutputs(N));
    this.H = padded(engine.shape.hiddenSize);
    this.stride = engine.createState(1).length;
    this.floats = allocateFloats(N * this.stride);
    this.all = Int32Array.from({ length: N }, (_, i) => i);
  }

  /** Plans a pass over T steps of B sequences, valid until the next pass of the model. */
  plan(T: number, B: number): PassPlan {
    const { engine } = this.model;
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
    const { H, stride, floats: from } = this;
    const { engine } = this.model;
    const { floats: to } = engine;
    const { states, B } = plan;
    engine.writeLists(plan);
    for (let i = 0; i < states.length; i++) {
      let at = states[i]! / 4;
      for (let b = 0; b < B; b++, at += H) {
        const source = rows[b]! * stride + i * H;
        // For such short rows, a loop beats TypedArray.set.
        for (let j = 0; j < H; j++) to[at + j] = from[source + j]!;
      }
    }
    engine.network.forward(plan);
  }

  /** Keeps the states after a forward pass. */
  keep(plan: PassPlan, rows: Int32Array): void {
    const { H, stride, floats: to } = this;
    const { floats: from } = this.model.engine;
    const { states, B } = plan;
    for (let i = 0; i < states.length; i++) {
      let at = states[i]! / 4 + plan.rows * H;
      for (let b = 0; b < B; b++, at += H) {
        const target = rows[b]! * stride + i * H;
        for (let j = 0; j < H; j++) to[target + j] = from[at + j]!;
      }
    }
  }

  /** Sets all states to zero, or those of one sequence. */
  clear(row?: number): void {
    if (row === undefined) this.floats.fill(0);
    else this.floats.fill(0, row * this.stride, (row + 1) * this.stride);
  }

  /** Gives all sequences the state of the first. */
  fork(): void {
    for (let at = this.stride; at < this.floats.length; at += this.stride) this.floats.copyWithin(at, 0, this.stride);
  }

  /** A copy of one of {@link STATES} of a sequence: [layers, hiddenSize]. */
  read(row: number, state: number): Float32Array {
    const { hiddenSize, layers } = this.model.engine.shape;
    const values = new Float32Array(layers * hiddenSize);
    for (let i = 0; i < values.length; i++) values[i] = this.floats[this.placeOf(row, state, i, hiddenSize)]!;
    return values;
  }

  /** Replaces one of {@link STATES} of a sequence: [layers, hiddenSize]. */
  write(row: number, state: number, values: ArrayLike<number>): void {
    const { hiddenSize } = this.model.engine.shape;
    for (let i = 0; i < values.length; i++) this.floats[this.placeOf(row, state, i, hiddenSize)] = values[i]!;
  }

  private placeOf(row: number, state: number, i: number, hiddenSize: number): number {
    const layer = Math.floor(i / hiddenSize);
    return row * this.stride + (layer * STATES.length + state) * this.H + (i % hiddenSize);
  }
}
