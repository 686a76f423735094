import { LstmError } from "../common/errors.js";
import type { Random } from "../common/random.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PackedWeightsOf } from "./carried-states.js";
import type { filterTopKTopP } from "./filter.js";
import { argmax, sample } from "./sampling.js";
import { Stepper } from "./stepper.js";

/** How tokens are chosen. */
export interface SamplingOptions {
  readonly inverseTemperature: number;
  readonly topK: number;
  readonly topP: number;
  /** What keeps to these, unless they let all tokens through. */
  readonly filter: typeof filterTopKTopP | undefined;
  readonly greedy: boolean;
  readonly repetitionPenalty: number;
  readonly suppressUnk: boolean;
}

/** Generates texts side by side from the same prompt, one per random generator. A step allocates no objects. */
export class Decoder {
  /** The last token of each text, after the first {@link step}. */
  readonly tokens: Int32Array;
  private readonly stepper: Stepper;
  /** Scratch space for the order of a row of probabilities. */
  private readonly order: Uint32Array;
  /** [texts, V]: whether a token has been read or written; empty where that does not matter. */
  private readonly seen: Uint8Array;
  private hasBegun = false;

  constructor(
    private readonly model: Model,
    private readonly prompt: Int32Array,
    private readonly sampling: SamplingOptions,
    private readonly randoms: readonly Random[],
    maxTokens: number,
    packedWeights?: PackedWeightsOf,
  ) {
    this.stepper = new Stepper(model, randoms.length, prompt.length + maxTokens, packedWeights);
    this.tokens = new Int32Array(randoms.length);
    this.order = new Uint32Array(model.vocabulary.size);
    const { size } = model.vocabulary;
    this.seen = new Uint8Array(sampling.repetitionPenalty === 1 ? 0 : randoms.length * size);
    for (let from = 0; from < this.seen.length; from += size) for (const token of prompt) this.seen[from + token] = 1;
  }

  /**
   * Samples the next token of every text.
   *
   * @throws LstmError if the model's logits are not finite
   */
  step(): void {
    const { model, stepper, prompt, tokens, randoms, sampling } = this;
    const { size, hasUnkToken } = model.vocabulary;
    const stride = padded(size);
    const isFirst = !this.hasBegun;
    const { logits } = stepper.step(isFirst ? prompt : tokens);
    const { kernels, floats } = model.engine;
    const rows = isFirst ? 1 : tokens.length;
    const { seen } = this;
    for (let i = 0; i < rows * size && seen.length > 0; i++) {
      if (!seen[i]) continue;
      const at = logits / 4 + Math.floor(i / size) * stride + (i % size);
      const logit = floats[at]!;
      floats[at] = logit > 0 ? logit / sampling.repetitionPenalty : logit * sampling.repetitionPenalty;
    }
    if (!sampling.greedy) kernels.softmax(logits, rows, size, stride, sampling.inverseTemperature);
    if (sampling.suppressUnk && hasUnkToken)
      // It is the first token. Of probabilities, none is less than 0.
      for (let r = 0; r < rows; r++) floats[logits / 4 + r * stride] = sampling.greedy ? Number.NEGATIVE_INFINITY : 0;
    if (!sampling.greedy && sampling.filter)
      for (let r = 0; r < rows; r++)
        sampling.filter(floats, logits / 4 + r * stride, this.order, sampling.topK, sampling.topP);
    for (let i = 0; i < tokens.length; i++) {
      const row = logits / 4 + (isFirst ? 0 : i * stride);
      const token = sampling.greedy ? argmax(floats, row, size) : sample(floats, row, size, randoms[i]!);
      if (!Number.isFinite(floats[row + token]))
        throw new LstmError("the model's logits are not finite: use a checkpoint from before training diverged");
      tokens[i] = token;
      if (seen.length > 0) seen[i * size + token] = 1;
    }
    if (!isFirst) return;
    stepper.fork();
    this.hasBegun = true;
  }
}
