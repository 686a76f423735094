import type { PassPlan } from "./layout.js";
import type { Model } from "./model.js";

/** Steps of one pass: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

/** Reads a text token by token, with the memory that the model has: its carried state, or its window. */
export class Reader {
  private readonly state: Float32Array;
  private context: number[] = [];

  constructor(private readonly model: Model) {
    this.state = model.engine.createState(1);
  }

  /**
   * Reads on.
   *
   * @param tokens at least one
   * @returns a plan whose scores are those of the token that comes next, until the next pass of the model
   */
  read(tokens: ArrayLike<number>): PassPlan {
    const { window } = this.model.config;
    if (window > 0) {
      this.context = [...this.context, ...Array.from(tokens)].slice(-window);
      this.state.fill(0);
      return this.pass(this.context, 0, this.context.length);
    }
    let from = 0;
    for (; from + CHUNK < tokens.length; from += CHUNK) this.pass(tokens, from, from + CHUNK);
    return this.pass(tokens, from, tokens.length);
  }

  private pass(tokens: ArrayLike<number>, from: number, to: number): PassPlan {
    const { engine } = this.model;
    const plan = engine.plan(to - from, 1, { scored: 1 });
    const { integers } = engine;
    for (let i = from; i < to; i++) integers[plan.inputs / 4 + i - from] = tokens[i]!;
    engine.forward(plan, this.state);
    return plan;
  }
}
