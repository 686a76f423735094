import { LstmError } from "../common/errors.js";
import type { Random } from "../common/random.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { argmax, draw, keepMostProbable } from "./sampling.js";
import { Reader } from "./stepper.js";

/** How tokens are chosen. */
export interface Choice {
  readonly inverseTemperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly greedy: boolean;
}

/**
 * Texts that a model writes side by side, all beginning with the same prompt, one for each generator. From one token to the
 * next no object is made.
 */
export class Writer {
  /** The token that each text ends with, after the first {@link write}. */
  readonly tokens: Int32Array;
  private readonly reader: Reader;
  /** Room for the order of a row of probabilities. */
  private readonly order: Uint32Array;
  private hasBegun = false;

  constructor(
    private readonly model: Model,
    private readonly prompt: Int32Array,
    private readonly choice: Choice,
    private readonly randoms: readonly Random[],
  ) {
    this.tokens = new Int32Array(randoms.length);
    this.order = new Uint32Array(model.vocabulary.size);
    this.reader = new Reader(model);
  }

  /**
   * Draws the next token of every text.
   *
   * @throws LstmError where the model's numbers are not finite
   */
  write(): void {
    const { model, reader, prompt, tokens, randoms, choice } = this;
    const { size } = model.vocabulary;
    const stride = padded(size);
    const isFirst = !this.hasBegun;
    const { scores } = reader.read(isFirst ? prompt : tokens);
    const { kernels, floats } = model.engine;
    const rows = isFirst ? 1 : tokens.length;
    if (!choice.greedy) {
      kernels.softmax(scores, rows, size, stride, choice.inverseTemperature);
      if (choice.topK < size || choice.topP < 1)
        for (let r = 0; r < rows; r++)
          keepMostProbable(floats, scores / 4 + r * stride, this.order, choice.topK, choice.topP);
    }
    for (let i = 0; i < tokens.length; i++) {
      const row = scores / 4 + (isFirst ? 0 : i * stride);
      const token = choice.greedy ? argmax(floats, row, size) : draw(floats, row, size, randoms[i]!);
      if (!Number.isFinite(floats[row + token]))
        throw new LstmError("the model's numbers are not finite: it cannot write");
      tokens[i] = token;
    }
    if (!isFirst) return;
    reader.fork(tokens.length);
    this.hasBegun = true;
  }
}
