import { LstmError } from "../common/errors.js";
import type { Random } from "../common/random.js";
import { NO_TOKEN, type Sampling, type TokenSampler, tokenSampler } from "../decoding/token-sampler.js";
import type { StepTeam } from "../engine/step-team.js";
import type { Model } from "../model/model.js";
import { Stepper } from "./stepper.js";

/** Generates one text. A step allocates no objects. */
export class Decoder {
  /** The last token, after the first {@link step}. */
  readonly token = new Int32Array(1);
  private readonly stepper: Stepper;
  private readonly sample: TokenSampler;
  private hasBegun = false;

  constructor(
    private readonly model: Model,
    private readonly prompt: Int32Array,
    sampling: Sampling,
    random: Random,
    maxTokens: number,
    /** Threads that compute its steps together. */
    private readonly team?: StepTeam,
  ) {
    const { engine, vocabulary } = model;
    this.stepper = new Stepper(model, prompt.length + maxTokens);
    const seen = new Uint8Array(sampling.repetitionPenalty === 1 ? 0 : vocabulary.size);
    if (seen.length > 0) for (const token of prompt) seen[token] = 1;
    this.sample = tokenSampler(engine.network, sampling, [random], seen);
  }

  /**
   * Samples the next token.
   *
   * @throws LstmError if the model's logits are not finite
   */
  step(): void {
    const { model, stepper, prompt, token, team } = this;
    const shared = this.hasBegun ? team?.step(stepper.states, token[0]!) : undefined;
    const { logits } = shared ?? stepper.step(this.hasBegun ? token : prompt);
    this.hasBegun = true;
    this.sample(model.engine.floats, logits, 1, token);
    checkToken(token[0]!);
    team?.end();
  }
}

/** @throws LstmError if no token could be chosen, since logits have overflowed */
export function checkToken(token: number): void {
  if (token === NO_TOKEN)
    throw new LstmError("the model's logits are not finite: use a checkpoint from before training diverged");
}
