import { packedRowWeights } from "../engine/packed-weights.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";
import { CarriedStates } from "./carried-states.js";

/** Steps per pass: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

/** Reads a text, token by token, with either carried states or the model's window as context. */
export class Stepper {
  readonly states: CarriedStates;
  /** [window]: the last `contextLength` tokens, if the model has a window. */
  private readonly context: Int32Array;
  private contextLength = 0;

  /**
   * @param length tokens that the text will have, at most
   * @throws OutOfMemoryError where a window of those does not fit
   */
  constructor(
    private readonly model: Model,
    length = Number.POSITIVE_INFINITY,
  ) {
    const window = Math.min(model.config.window, length);
    this.states = new CarriedStates(model, 1, Math.max(1, window));
    this.context = new Int32Array(window);
  }

  /**
   * Reads the next tokens.
   *
   * @param tokens [T], at least one
   * @returns a plan whose logits [1, 1, V] predict the next token, valid until the next pass of the model
   */
  step(tokens: Int32Array): PassPlan {
    if (this.model.config.window > 0) {
      this.remember(tokens);
      this.states.clear();
      return this.forward(this.context, 0, this.contextLength);
    }
    let from = 0;
    for (; from + CHUNK < tokens.length; from += CHUNK) this.forward(tokens, from, from + CHUNK);
    return this.forward(tokens, from, tokens.length);
  }

  private remember(tokens: Int32Array): void {
    const { context } = this;
    const fresh = Math.min(tokens.length, context.length);
    const kept = Math.min(this.contextLength, context.length - fresh);
    context.copyWithin(0, this.contextLength - kept, this.contextLength);
    for (let i = 0; i < fresh; i++) context[kept + i] = tokens[tokens.length - fresh + i]!;
    this.contextLength = kept + fresh;
  }

  private forward(tokens: Int32Array, from: number, to: number): PassPlan {
    const { states } = this;
    const { engine } = this.model;
    const packed = to - from === 1 ? packedRowWeights(engine) : undefined;
    const plan = states.plan(to - from);
    const { integers } = engine;
    for (let i = 0; i < to - from; i++) integers[plan.inputs / 4 + i] = tokens[from + i]!;
    states.forward(plan, packed);
    states.keep(plan);
    return plan;
  }
}
