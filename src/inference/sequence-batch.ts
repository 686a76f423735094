import { flatten, type Numbers, stepsOf, writeRow } from "../data/examples.js";
import { loadState, storeState } from "../engine/forward.js";
import type { Pass } from "../engine/pass.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";
import { checkFinite } from "./finite.js";
import { planSlice, type SequenceSlice, slicesOf } from "./slices.js";

/** A checked sequence. */
export interface Sequence {
  readonly numbers: Float32Array | Int32Array;
  readonly T: number;
}

/** @throws InputError for an empty sequence, or one that does not fit the model */
export function readSequence({ input }: Model, inputs: Numbers, where: string): Sequence {
  const numbers = flatten(inputs, input, where);
  return { numbers, T: stepsOf(numbers, input, where === "inputs" ? "" : `${where}: `) };
}

/** Sequences that are computed side by side, slice by slice. */
export class SequenceBatch {
  readonly results: readonly Float32Array[];
  private readonly lengths: readonly number[];
  private readonly slices: SequenceSlice[];
  private readonly state: Float32Array;

  /** @param sequences the longest first */
  constructor(
    private readonly model: Model,
    private readonly sequences: readonly Sequence[],
  ) {
    const { output, config, engine } = model;
    this.lengths = sequences.map(({ T }) => T);
    this.results = this.lengths.map((T) => new Float32Array((config.returnSequences ? T : 1) * output.size));
    this.slices = slicesOf(this.lengths, config.bidirectional);
    // Before a state is taken that is as large as what a step needs.
    engine.plan(1, sequences.length);
    this.state = engine.createState(sequences.length);
  }

  get isDone(): boolean {
    return this.slices.length === 0;
  }

  /** The pass over the next slice. */
  nextPass(): Pass {
    const { model, lengths, sequences, state } = this;
    const { engine, input, config } = model;
    const slice = this.slices.shift()!;
    const { from, to, count, ending } = slice;
    const B = sequences.length;
    return {
      plan: (address) => planSlice(engine, lengths, slice, config, address),
      write: (plan) => {
        for (let b = 0; b < count; b++) {
          const { numbers, T } = sequences[b]!;
          for (let t = from; t < Math.min(to, T); t++)
            writeRow(engine, plan.inputs, input, numbers, t, rowOf(plan, t - from, b));
        }
        loadState(engine, plan, state, B);
      },
      take: (plan) => {
        storeState(engine, plan, state, B);
        if (config.returnSequences || ending > 0) this.take(plan, slice);
      },
    };
  }

  /** Takes the outputs out of the plan. */
  private take(plan: PassPlan, { from, to, count, ending }: SequenceSlice): void {
    const { model, results, lengths } = this;
    const { engine, output, config } = model;
    const { size, kind } = output;
    if (kind === "categorical") engine.kernels.softmax(plan.logits, plan.outputRows, size, padded(size), 1);
    const { floats } = engine;
    const copy = (row: number, result: Float32Array, at: number) => {
      const start = plan.logits / 4 + row * padded(size);
      // For such short rows, a loop beats TypedArray.set.
      for (let i = 0; i < size; i++) result[at + i] = floats[start + i]!;
    };
    if (config.returnSequences)
      for (let b = 0; b < count; b++)
        for (let t = from; t < Math.min(to, lengths[b]!); t++) copy(rowOf(plan, t - from, b), results[b]!, t * size);
    else for (let i = 0; i < ending; i++) copy(i, results[count - ending + i]!, 0);
    for (let b = count - ending; b < count; b++) checkFinite(results[b]!);
  }
}

/** The row of a step of a sequence. */
const rowOf = ({ packing, B }: PassPlan, t: number, b: number): number => (packing ? packing.row(t, b) : t * B + b);
