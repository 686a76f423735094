import { InputError } from "../common/errors.js";
import { show } from "../common/show.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";
import { checkFinite } from "./finite.js";
import { RowStates } from "./row-states.js";
import { readState, writeState } from "./single-states.js";
import { checkState, StreamSnapshot, type StreamState } from "./stream-state.js";

/** What streams of one sequence and of several have in common: steps of N sequences. A step allocates nothing. */
export class Steps {
  readonly states: RowStates;
  /** For each sequence, the outputs of its last step. */
  readonly outputs: readonly Float32Array[];

  constructor(
    private readonly model: Model,
    N: number,
  ) {
    this.states = new RowStates(model, N);
    this.outputs = Array.from({ length: N }, () => new Float32Array(model.output.size));
  }

  get all(): Int32Array {
    return this.states.all;
  }

  /** The plan of a step of B sequences. */
  plan(B: number): PassPlan {
    return this.states.planRows(B);
  }

  /**
   * Writes the input of the b-th sequence of a step.
   *
   * @param where what the input is, for errors
   * @throws InputError unless it is a token, or a vector of the right width
   */
  write(plan: PassPlan, b: number, input: unknown, where: string): void {
    const { kind, size } = this.model.input;
    if (kind === "categorical") {
      this.writeToken(plan, b, input, where);
      return;
    }
    const vector = input as ArrayLike<number>;
    if (typeof vector !== "object" || vector?.length !== size)
      throw new InputError(`${where}: expected a vector of ${numbers(size)}, got ${lengthOf(vector)}`);
    this.writeVector(plan, b, vector, 0, where);
  }

  /** Writes the input of the b-th sequence of a step, from the tokens or concatenated vectors of all. */
  writeFlat(plan: PassPlan, b: number, inputs: ArrayLike<number>): void {
    const { kind, size } = this.model.input;
    if (kind === "categorical") this.writeToken(plan, b, inputs[b], "inputs");
    else this.writeVector(plan, b, inputs, b * size, "inputs");
  }

  /**
   * @returns whether the inputs are one vector for each of B sequences, rather than tokens or numbers
   * @throws InputError for inputs of another length
   */
  checkInputs(inputs: ArrayLike<unknown>, B: number): boolean {
    const { kind, size } = this.model.input;
    if (typeof inputs !== "object" || !Number.isSafeInteger(inputs?.length))
      throw new InputError(
        `inputs: expected an array with ${kind === "categorical" ? "a token" : "a vector"} for each row, got ${show(inputs)}`,
      );
    const isVectors = kind === "continuous" && typeof inputs[0] === "object";
    const expected = kind === "categorical" || isVectors ? B : B * size;
    if (inputs.length === expected) return isVectors;
    const each = kind === "categorical" ? `${B} tokens` : `${B} vectors of ${numbers(size)}`;
    throw new InputError(
      `inputs: expected ${each}, one for each row, got ${inputs.length} ${isVectors ? "of them" : "numbers"}`,
    );
  }

  /** Steps the plan's sequences: the first of `rows`. */
  run(plan: PassPlan, rows: Int32Array): void {
    const { model, states, outputs } = this;
    const { engine, output } = model;
    const { size, kind } = output;
    const stride = padded(size);
    states.forwardRows(plan, rows);
    if (kind === "categorical") engine.kernels.softmax(plan.logits, plan.B, size, stride, 1);
    const { floats } = engine;
    const first = plan.logits / 4;
    for (let b = 0; b < plan.B; b++) checkFinite(floats, first + b * stride, first + b * stride + size);
    for (let b = 0; b < plan.B; b++) {
      const to = outputs[rows[b]!]!;
      const from = first + b * stride;
      for (let i = 0; i < size; i++) to[i] = floats[from + i]!;
    }
    states.keepRows(plan, rows);
  }

  snapshot(row: number): StreamSnapshot {
    const { layers, hiddenSize } = this.model.config;
    return new StreamSnapshot(layers, hiddenSize, readState(this.states, row, 0), readState(this.states, row, 1));
  }

  restore(state: StreamState, row: number): void {
    const { layers, hiddenSize } = this.model.config;
    const { h, c } = checkState(state, layers, hiddenSize);
    writeState(this.states, row, 0, h);
    writeState(this.states, row, 1, c);
  }

  private writeToken(plan: PassPlan, b: number, token: unknown, where: string): void {
    const { engine, input } = this.model;
    if (!(Number.isInteger(token) && (token as number) >= 0 && (token as number) < input.size))
      throw new InputError(`${where}: expected a token, an integer from 0 to ${input.size - 1}, got ${show(token)}`);
    engine.integers[plan.inputs / 4 + b] = token as number;
  }

  /** Writes the vector that starts at an element of `from`. */
  private writeVector(plan: PassPlan, b: number, from: ArrayLike<number>, start: number, where: string): void {
    const { engine, input } = this.model;
    const { size } = input;
    const stride = padded(size);
    const { floats } = engine;
    const at = plan.inputs / 4 + b * stride;
    for (let i = 0; i < size; i++) {
      const number = from[start + i];
      if (typeof number === "number") floats[at + i] = number;
      // As float32, which a large float64 is beyond.
      if (typeof number !== "number" || !Number.isFinite(floats[at + i]))
        throw new InputError(`${where}[${start + i}]: expected a finite number, got ${show(number)}`);
    }
    for (let i = size; i < stride; i++) floats[at + i] = 0;
  }
}

const numbers = (count: number): string => (count === 1 ? "1 number" : `${count} numbers`);

const lengthOf = (value: ArrayLike<number> | undefined): string =>
  typeof value === "object" && Number.isSafeInteger(value?.length) ? `one of ${value.length}` : show(value);
