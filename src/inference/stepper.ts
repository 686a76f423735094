import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";
import { CarriedStates, type PackedWeightsOf } from "./carried-states.js";

/** Steps per pass: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

/** Reads B texts side by side, token by token, with either carried states or the model's window as context. */
export class Stepper {
  private readonly states: CarriedStates;
  /** [window, B]: the last `contextLength` tokens of every text, if the model has a window. */
  private context: Int32Array;
  private contextLength = 0;
  private B = 1;

  /**
   * @param most texts that it is to be forked into
   * @param length tokens that each of them will have, at most
   * @param packedWeights of an engine
   * @throws OutOfMemoryError where those do not fit
   */
  constructor(
    private readonly model: Model,
    private readonly most = 1,
    length = Number.POSITIVE_INFINITY,
    packedWeights?: PackedWeightsOf,
  ) {
    const window = Math.min(model.config.window, length);
    this.states = new CarriedStates(model, most, Math.max(1, window), packedWeights);
    this.context = new Int32Array(window);
  }

  /**
   * Reads the next tokens.
   *
   * @param tokens [T, B], at least one step
   * @returns a plan whose logits [1, B, V] predict the next tokens, valid until the next pass of the model
   */
  step(tokens: Int32Array): PassPlan {
    if (this.model.config.window > 0) {
      this.remember(tokens);
      this.states.clear();
      return this.forward(this.context, 0, this.contextLength);
    }
    const T = tokens.length / this.B;
    let from = 0;
    for (; from + CHUNK < T; from += CHUNK) this.forward(tokens, from, from + CHUNK);
    return this.forward(tokens, from, T);
  }

  /** Turns the one text read so far into `most` texts that start with it. */
  fork(): void {
    this.states.fork();
    this.context = eachRepeated(this.context, this.most);
    this.B = this.most;
  }

  private remember(tokens: Int32Array): void {
    const { context, B } = this;
    const window = context.length / B;
    const fresh = Math.min(tokens.length / B, window);
    const kept = Math.min(this.contextLength, window - fresh);
    context.copyWithin(0, (this.contextLength - kept) * B, this.contextLength * B);
    for (let i = 0; i < fresh * B; i++) context[kept * B + i] = tokens[tokens.length - fresh * B + i]!;
    this.contextLength = kept + fresh;
  }

  private forward(tokens: Int32Array, from: number, to: number): PassPlan {
    const { B, states } = this;
    const plan = states.plan(to - from, B);
    const { integers } = this.model.engine;
    for (let i = 0; i < (to - from) * B; i++) integers[plan.inputs / 4 + i] = tokens[from * B + i]!;
    states.forward(plan, states.all);
    states.keep(plan, states.all);
    return plan;
  }
}

/** Repeats every number `times` times. */
const eachRepeated = (numbers: Int32Array, times: number): Int32Array =>
  Int32Array.from({ length: numbers.length * times }, (_, i) => numbers[Math.floor(i / times)]!);
