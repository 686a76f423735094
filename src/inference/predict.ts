import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, type SettledOptions, SIGNAL, settle } from "../common/options.js";
import { checkArray } from "../common/validate.js";
import { flatten, type Numbers, stepsOf, writeRow } from "../data/examples.js";
import { loadState, storeState } from "../engine/forward.js";
import { compute, type Pass } from "../engine/pass.js";
import { padded } from "../kernels/kernels.js";
import { checkModel, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, PROGRESS, THREADS } from "../model/options.js";
import type { PassPlan } from "../network/plan.js";
import { checkFinite } from "./finite.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import { planSlice, type SequenceSlice, sliceBytes, slicesOf } from "./slices.js";
import type { Team } from "./team.js";

/** Fewest sequences that keep a thread busy: matrix products are computed several rows at a time. */
const MIN_SEQUENCES = 4;

/** Options of {@link predictBatch}. */
export const PREDICT_BATCH_OPTIONS = {
  /** Sequences that are computed side by side. */
  batchSize: integer({ default: 64, min: 1, max: MAX_BATCH_SIZE }),
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Processes that share the sequences, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Aborts with the signal's reason. */
  signal: SIGNAL,
  /** Called after each batch with the number of sequences that are done, and of all, in this process. */
  onProgress: PROGRESS,
};

/** Options of {@link predictBatch}. */
export interface PredictBatchOptions extends OptionsOf<typeof PREDICT_BATCH_OPTIONS> {}

/**
 * Runs a model on one sequence, from a zero state. The memory for activations does not grow with its length, unless the
 * model is bidirectional.
 *
 * @param inputs tokens [T], or vectors [T, inputSize], concatenated or nested
 * @returns per output, the probabilities of the tokens or classes, or the predicted values: [T, outputSize], or
 *   [outputSize] with `returnSequences: false`
 * @throws InputError for an empty sequence, or one that does not fit the model
 * @throws LstmError if the model's weights are so large that its outputs overflow
 */
export function predict(model: Model, inputs: Numbers): Float32Array {
  checkModel(model);
  const batch = new SequenceBatch(model, [readSequence(model, inputs, "inputs")]);
  while (!batch.isDone) compute(model.engine.network, batch.nextPass());
  return batch.results[0]!;
}

/**
 * Runs a model on many sequences of any length, each from a zero state. They are computed side by side, those of similar
 * length together and without padding. Lets the event loop run about 60 times a second.
 *
 * @param sequences each as the inputs of {@link predict}
 * @returns what {@link predict} returns for each, in their order
 * @throws OptionError for an invalid option
 * @throws as {@link predict}
 * @throws RankError if another process of `processGroup` fails or differs
 */
export async function predictBatch(
  model: Model,
  sequences: readonly Numbers[],
  options: PredictBatchOptions = {},
): Promise<Float32Array[]> {
  const group = groupOf(options);
  if (!group) return new Predictions(model, sequences, options).predictAll();
  const { sharePredictions } = await import("./shared-predictions.js");
  return sharePredictions(group, () => new Predictions(model, sequences, options));
}

/** A call of {@link predictBatch}. */
class Predictions {
  readonly settled: SettledOptions<typeof PREDICT_BATCH_OPTIONS>;
  readonly inputs: readonly Sequence[];
  /** The indices of the inputs, the longest first. */
  readonly order: readonly number[];

  constructor(
    readonly model: Model,
    sequences: readonly Numbers[],
    options: PredictBatchOptions,
  ) {
    checkModel(model);
    this.settled = settle(PREDICT_BATCH_OPTIONS, options);
    this.inputs = Array.from(checkArray("sequences", sequences), (sequence, i) =>
      readSequence(model, sequence, `sequences[${i}]`),
    );
    this.order = this.inputs.map((_, i) => i).sort((a, b) => this.inputs[b]!.T - this.inputs[a]!.T);
  }

  /** The results of the inputs, in their order. */
  async predictAll(): Promise<Float32Array[]> {
    const results = new Array<Float32Array>(this.inputs.length);
    await this.predict(this.order, results);
    return results;
  }

  /** @param order indices of inputs, the longest first */
  async predict(order: readonly number[], results: Float32Array[]): Promise<void> {
    const { model, inputs } = this;
    const { batchSize, signal, onProgress } = this.settled;
    const timeSlice = new TimeSlice(signal);
    if (order.length === 0) return;
    const team = await startTeam(
      model,
      order.map((i) => inputs[i]!.T),
      this.settled,
    );
    try {
      // In a round each thread has a batch; rounds are of about the same size.
      const rounds = Math.ceil(order.length / (batchSize * team.size));
      const perRound = Math.ceil(order.length / rounds / team.size) * team.size;
      for (let start = 0; start < order.length; start += perRound) {
        const round = order.slice(start, start + perRound);
        const shares = sharesOf(round, team.size);
        const batches = shares.map(
          (indices) =>
            new SequenceBatch(
              model,
              indices.map((i) => inputs[i]!),
            ),
        );
        while (batches.some(({ isDone }) => !isDone)) {
          if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
          await team.run(batches.filter(({ isDone }) => !isDone).map((batch) => batch.nextPass()));
        }
        for (const [k, indices] of shares.entries())
          for (const [b, i] of indices.entries()) results[i] = batches[k]!.results[b]!;
        onProgress?.(start + round.length, order.length);
      }
    } finally {
      team.free();
    }
  }
}

/** @param lengths of all sequences, descending */
async function startTeam(
  model: Model,
  lengths: readonly number[],
  { batchSize, threads, processGroup }: Predictions["settled"],
): Promise<Team> {
  const { engine, config } = model;
  const steps = lengths.reduce((sum, T) => sum + T, 0);
  const passBytes = sliceBytes(engine, lengths.slice(0, batchSize), config.bidirectional, config);
  const most = Math.ceil(lengths.length / MIN_SEQUENCES);
  const processes = processGroup?.localSize;
  const { Team } = await import("./team.js");
  return Team.of(engine, { most, passBytes, steps, threads, processes, name: "predictBatch" });
}

/** Every so many items for each of the threads, so that all have about as many steps. */
const sharesOf = (items: readonly number[], threads: number): number[][] =>
  Array.from({ length: Math.min(threads, items.length) }, (_, k) => items.filter((_, i) => i % threads === k));

/** A checked sequence. */
export interface Sequence {
  readonly numbers: Float32Array | Int32Array;
  readonly T: number;
}

function readSequence({ input }: Model, inputs: Numbers, where: string): Sequence {
  const numbers = flatten(inputs, input, where);
  return { numbers, T: stepsOf(numbers, input, where === "inputs" ? "" : `${where}: `) };
}

/** Sequences that are computed side by side, slice by slice. */
class SequenceBatch {
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
