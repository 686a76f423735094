import { InputError } from "../common/errors.js";
import { integer, type OptionsOf, settle } from "../common/options.js";
import { show } from "../common/show.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE } from "../model/options.js";
import { clearState } from "./single-states.js";
import { Steps } from "./steps.js";
import type { StreamSnapshot, StreamState } from "./stream-state.js";

/** Options of {@link createStream}. */
export const STREAM_OPTIONS = {
  /** Sequences that are stepped side by side. Default: one, without rows. */
  batch: integer({ min: 1, max: MAX_BATCH_SIZE }),
};

/** Options of {@link createStream}. */
export interface StreamOptions extends OptionsOf<typeof STREAM_OPTIONS> {}

/** What a step of a sequence reads: a token, or a vector [inputSize]. */
export type StepInput<Reads extends InputKind> = Reads extends "tokens" ? number : ArrayLike<number>;

/** What a step of several sequences reads: a token for each, or a vector for each, nested or concatenated. */
export type StepInputs<Reads extends InputKind> =
  | ArrayLike<number>
  | (Reads extends "tokens" ? never : ArrayLike<ArrayLike<number>>);

/**
 * Creates a stream: stateful inference, one time step after another, as readings, keys or requests come in. Any number
 * of streams can be open on one model, also while it trains or generates; each step uses the model's parameters of that
 * moment. A stream holds its states and nothing else, and needs no closing.
 *
 * @param options.batch for so many sequences side by side, which takes much less time than one after the other
 * @throws InputError for a model that carries no state from step to step: one with a `window`, or a
 *   `bidirectional` one
 * @throws OptionError for an invalid option value
 * @throws OutOfMemoryError if a step does not fit into memory
 */
export function createStream<Reads extends InputKind>(
  model: Model<Reads>,
  options?: StreamOptions & { batch?: undefined },
): LstmStream<Reads>;
export function createStream<Reads extends InputKind>(
  model: Model<Reads>,
  options: StreamOptions & { batch: number },
): LstmStreamBatch<Reads>;
export function createStream(model: Model, options: StreamOptions = {}): LstmStream | LstmStreamBatch {
  checkModel(model);
  const { batch } = settle(STREAM_OPTIONS, options) as StreamOptions;
  const { window, bidirectional } = model.config;
  if (bidirectional)
    throw new InputError(
      "this model reads each sequence from both ends, so it cannot be stepped while the rest is still to come: " +
        "call predict with the whole sequence",
    );
  if (window > 0)
    throw new InputError(
      `this model reads windows of ${window} steps, each from a zero state, and carries nothing from step to step: ` +
        "call predict with the last steps instead",
    );
  return batch === undefined ? new LstmStream(model) : new LstmStreamBatch(model, batch);
}

/** One sequence, stepped through a model. Created by {@link createStream}. */
// biome-ignore lint/suspicious/noExplicitAny: as for Model, a stream of unknown kind is accepted everywhere.
export class LstmStream<Reads extends InputKind = any> {
  private readonly steps: Steps;

  /** @internal */
  constructor(model: Model) {
    this.steps = new Steps(model, 1);
  }

  /**
   * Reads one step. The results are those that `predict` has for the sequence up to here.
   *
   * @param input a token, or a vector [inputSize]
   * @returns the probabilities of the tokens or classes, or the values [outputSize], in an array that the next step
   *   overwrites; of a model without a head, the hidden state of the last layer
   * @throws InputError for an input that does not fit the model
   * @throws LstmError if the model was freed, or its outputs overflow. After any error the stream is as before the step
   */
  step(input: StepInput<Reads>): Float32Array {
    const { steps } = this;
    const plan = steps.plan(1);
    steps.write(plan, 0, input, "input");
    steps.run(plan, steps.all);
    return steps.outputs[0]!;
  }

  /** A copy of the state. */
  snapshot(): StreamSnapshot {
    return this.steps.snapshot(0);
  }

  /**
   * Goes back, or over, to a state. The array of outputs is left as it is.
   *
   * @param state a snapshot of any stream on a model of the same sizes, or what structuredClone or JSON made of it
   * @throws InputError for anything else
   */
  restore(state: StreamState): void {
    this.steps.restore(state, 0);
  }

  /** Starts a new sequence: the state becomes zero. */
  reset(): void {
    this.steps.states.clear();
  }
}

/**
 * Several sequences, stepped side by side through a model, each in a row of its own and with the results that it has
 * alone. Created by {@link createStream} with `batch`.
 */
// biome-ignore lint/suspicious/noExplicitAny: as for Model, a stream of unknown kind is accepted everywhere.
export class LstmStreamBatch<Reads extends InputKind = any> {
  private readonly steps: Steps;
  /** The rows of a step, and for each row the last step in which it was named. */
  private readonly chosen: Int32Array;
  private readonly named: Float64Array;
  private count = 0;

  /** @internal */
  constructor(
    model: Model,
    /** Number of rows. */
    readonly batch: number,
  ) {
    this.steps = new Steps(model, batch);
    this.chosen = new Int32Array(batch);
    this.named = new Float64Array(batch);
  }

  /**
   * Reads one step of some rows, or of all. The other rows stay as they are.
   *
   * @param inputs for each of these rows a token, or a vector [inputSize], nested or concatenated
   * @param rows distinct indices of rows, in any order. Default: all, in order
   * @returns for each row of the batch, by index, its outputs of the last step in which it took part, as those of
   *   {@link LstmStream.step}. The arrays are the same at every step
   * @throws InputError for rows that do not exist or come twice, or inputs that do not fit them or the model
   * @throws LstmError if the model was freed, or its outputs overflow. After any error all rows are as before the step
   */
  step(inputs: StepInputs<Reads>, rows?: ArrayLike<number>): readonly Float32Array[] {
    const { steps } = this;
    const chosen = rows === undefined ? steps.all : this.choose(rows);
    const B = rows === undefined ? this.batch : rows.length;
    const isNested = steps.checkInputs(inputs, B);
    if (B === 0) return steps.outputs;
    const plan = steps.plan(B);
    if (isNested) for (let b = 0; b < B; b++) steps.write(plan, b, inputs[b], `inputs[${b}]`);
    else for (let b = 0; b < B; b++) steps.writeFlat(plan, b, inputs as ArrayLike<number>);
    steps.run(plan, chosen);
    return steps.outputs;
  }

  /**
   * A copy of a row's state.
   *
   * @throws InputError for a row that does not exist
   */
  snapshot(row: number): StreamSnapshot {
    return this.steps.snapshot(this.checkRow(row));
  }

  /**
   * Gives a row a state: a user's who comes back, or that of another row, or of a stream of its own.
   *
   * @param state as for {@link LstmStream.restore}
   * @throws InputError for a row that does not exist, or a state of a model of other sizes
   */
  restore(state: StreamState, row: number): void {
    this.steps.restore(state, this.checkRow(row));
  }

  /**
   * Starts a new sequence in a row, or in all: the state becomes zero.
   *
   * @throws InputError for a row that does not exist
   */
  reset(row?: number): void {
    const { states } = this.steps;
    if (row === undefined) states.clear();
    else clearState(states, this.checkRow(row));
  }

  private choose(rows: ArrayLike<number>): Int32Array {
    const { chosen, named, batch } = this;
    const length = rows?.length;
    if (!Number.isSafeInteger(length)) throw new InputError(`rows: expected an array of indices, got ${show(rows)}`);
    if (length > batch) throw new InputError(`rows: expected at most ${batch}, got ${length}`);
    this.count++;
    for (let b = 0; b < length; b++) {
      const row = this.checkRow(rows[b]!);
      if (named[row] === this.count) throw new InputError(`rows: expected each at most once, got ${row} twice`);
      named[row] = this.count;
      chosen[b] = row;
    }
    return chosen;
  }

  private checkRow(row: number): number {
    if (Number.isInteger(row) && row >= 0 && row < this.batch) return row;
    throw new InputError(`row: expected an integer from 0 to ${this.batch - 1}, got ${show(row)}`);
  }
}
