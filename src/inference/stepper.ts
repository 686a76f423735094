import type { State } from "../engine/engine.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";

/** Steps per pass: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

/** Reads B texts side by side, token by token, with either a carried state or the model's window as context. */
export class Stepper {
  private state: State;
  /** [window, B]: the last `contextLength` tokens of every text, if the model has a window. */
  private context: Int32Array;
  private contextLength = 0;
  private B = 1;
  /** Only the prediction after the last step is needed. One object, so that the plan is found at once. */
  private options = { outputRows: 1 };

  /**
   * @param most texts that it is to be forked into
   * @param length tokens that each of them will have, at most
   * @throws OutOfMemoryError where those do not fit
   */
  constructor(
    private readonly model: Model,
    most = 1,
    length = Number.POSITIVE_INFINITY,
  ) {
    const window = Math.min(model.config.window, length);
    // Before anything is taken here that is as large.
    model.engine.plan(Math.max(1, window), most, { outputRows: most });
    this.state = model.engine.createState(1);
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
      this.state.fill(0);
      return this.forward(this.context, 0, this.contextLength);
    }
    const T = tokens.length / this.B;
    let from = 0;
    for (; from + CHUNK < T; from += CHUNK) this.forward(tokens, from, from + CHUNK);
    return this.forward(tokens, from, T);
  }

  /** Turns the one text read so far into B texts that start with it. */
  fork(B: number): void {
    this.state = repeated(this.state, this.model.engine.createState(1).length / (2 * this.model.config.layers), B);
    this.context = repeated(this.context, 1, B);
    this.B = B;
    this.options = { outputRows: B };
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
    const { B } = this;
    const { engine } = this.model;
    const plan = engine.plan(to - from, B, this.options);
    const { integers } = engine;
    for (let i = 0; i < (to - from) * B; i++) integers[plan.inputs / 4 + i] = tokens[from * B + i]!;
    engine.forward(plan, this.state);
    return plan;
  }
}

/** Repeats every block of `length` numbers `times` times. */
function repeated<Numbers extends Float32Array | Int32Array>(numbers: Numbers, length: number, times: number): Numbers {
  const all = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * times);
  for (let i = 0; i < all.length; i++) all[i] = numbers[Math.floor(i / (length * times)) * length + (i % length)]!;
  return all;
}
