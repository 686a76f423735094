import { seed as checkSeed, integer, positive } from "./config.js";
import { InputError, LstmError, OptionError } from "./errors.js";
import { padded } from "./kernels/kernels.js";
import type { Model } from "./model.js";
import { Pauses } from "./pause.js";
import { Random } from "./random.js";
import { Reader } from "./reader.js";
import { argmax, draw, keepMostProbable } from "./sample.js";

export interface GenerateOptions {
  /** What the model reads first, at least one token. It is not part of the output. */
  prompt: string;
  /** Tokens to write. Default 200. */
  length?: number;
  /** Divides the scores before the softmax: below 1 bolder, above 1 wilder. Default 1. */
  temperature?: number;
  /** Draws among so many most probable tokens only. Default: all. */
  topK?: number;
  /** Draws among the fewest most probable tokens that have this probability together, above 0 to 1. Default 1. */
  topP?: number;
  /** Takes the most probable token every time. Default false. */
  greedy?: boolean;
  /** Seeds the drawing: an integer from 0 to 2³² − 1. Default 1. */
  seed?: number;
  /** Ends once this has been written. Default: never. */
  stop?: string;
  /** Leaves out characters of the prompt that the model does not know. Default false: they are an error. */
  skipUnknown?: boolean;
  /** Ends the writing, with the signal's reason thrown. */
  signal?: AbortSignal;
}

/**
 * Lets the model write: after the prompt, each token is drawn from what the model says comes next, and handed out at
 * once. The same model, options and seed write the same.
 *
 * @throws OptionError for an option that cannot be
 * @throws UnknownTokenError for a character of the prompt that the model does not know
 */
export async function* generate(model: Model, options: GenerateOptions): AsyncGenerator<string, void, void> {
  const { vocabulary } = model;
  if (!model.foretellsTokens) throw new InputError("this model does not foretell the next token: it cannot write");
  const length = integer("length", options.length ?? 200, 0, Number.MAX_SAFE_INTEGER);
  // Beyond the limit, all but the most probable have probability 0, and infinity would make no number of the others.
  const inverseTemperature = Math.min(1e30, 1 / positive("temperature", options.temperature ?? 1));
  const topK = integer("topK", options.topK ?? vocabulary.size, 1, Number.MAX_SAFE_INTEGER);
  const topP = positive("topP", options.topP ?? 1);
  if (topP > 1) throw new OptionError("topP", "a number above 0, up to 1", topP);
  const random = new Random(checkSeed(options.seed ?? 1));
  if (typeof options.prompt !== "string") throw new OptionError("prompt", "a text", options.prompt);
  const prompt = vocabulary.encode(options.skipUnknown ? vocabulary.keepKnown(options.prompt) : options.prompt);
  if (prompt.length === 0) throw new OptionError("prompt", "at least one known character", options.prompt);
  const { stop } = options;
  if (stop === "") throw new OptionError("stop", "at least one character", stop);

  const order = Uint32Array.from(vocabulary.tokens, (_, index) => index);
  const pauses = new Pauses(options.signal);
  const reader = new Reader(model);
  const next = new Int32Array(1);
  let written = "";
  let previous = prompt.at(-1);
  for (let i = 0; i < length; i++) {
    if (pauses.due) await pauses.take();
    const { scores } = reader.read(i === 0 ? prompt : next);
    const { kernels, floats } = model.engine;
    const row = scores / 4;
    let token: number;
    if (options.greedy) token = argmax(floats, row, vocabulary.size);
    else {
      kernels.softmax(scores, 1, vocabulary.size, padded(vocabulary.size), inverseTemperature);
      if (topK < vocabulary.size || topP < 1) keepMostProbable(floats, row, order, topK, topP);
      token = draw(floats, row, vocabulary.size, random);
    }
    if (!Number.isFinite(floats[row + token]))
      throw new LstmError("the model's numbers are not finite: it cannot write");
    const piece = vocabulary.piece(token, previous);
    yield piece;
    next[0] = token;
    previous = token;
    if (stop === undefined) continue;
    written = (written + piece).slice(-(stop.length + piece.length));
    if (written.includes(stop)) return;
  }
}
