import { InputError, OptionError } from "../common/errors.js";
import { TimeSlice } from "../common/event-loop.js";
import { Random } from "../common/random.js";
import { seed as checkSeed, integer, MAXIMUM_BATCH_SIZE, positive } from "../model/config.js";
import type { Model } from "../model/model.js";
import { Decoder } from "./decoder.js";

/** What {@link generate} writes. */
export interface GenerateOptions {
  /** What the model reads first, at least one token. It is not part of the output. */
  prompt: string;
  /** Tokens to write. Default 200. */
  maxTokens?: number;
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

/** What {@link generateSamples} writes. */
export interface SampleOptions extends GenerateOptions {
  /** How many texts. Default 1. */
  samples?: number;
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
  const { writer, length, ending, prompt } = createDecoder(model, options, 1);
  const pauses = new TimeSlice(options.signal);
  let previous = prompt.at(-1);
  for (let i = 0; i < length; i++) {
    if (pauses.isOver) await pauses.yieldToEventLoop();
    writer.step();
    const token = writer.tokens[0]!;
    const piece = vocabulary.decodeToken(token, previous);
    yield piece;
    previous = token;
    if (ending.isMatched(piece)) return;
  }
}

/**
 * Lets the model write several texts side by side, which takes much less time than one after the other. They are those that
 * {@link generate} writes with the seeds `seed`, `seed + 1` and so on.
 *
 * @returns the texts, without the prompt
 * @throws as {@link generate} does
 */
export async function generateSamples(model: Model, options: SampleOptions): Promise<string[]> {
  return (await generateSampleTokens(model, options)).texts;
}

/** {@link generateSamples}, and how many tokens they have. */
export async function generateSampleTokens(
  model: Model,
  options: SampleOptions,
): Promise<{ texts: string[]; tokens: number }> {
  const { vocabulary } = model;
  const samples = integer("samples", options.samples ?? 1, 1, MAXIMUM_BATCH_SIZE);
  const { writer, length, prompt } = createDecoder(model, options, samples);
  const pauses = new TimeSlice(options.signal);
  const texts = Array.from({ length: samples }, () => ({
    written: "",
    previous: prompt.at(-1),
    ending: new StopMatcher(options.stop),
    isDone: false,
  }));
  let tokens = 0;
  for (let i = 0; i < length && texts.some(({ isDone }) => !isDone); i++) {
    if (pauses.isOver) await pauses.yieldToEventLoop();
    writer.step();
    for (const [s, text] of texts.entries()) {
      if (text.isDone) continue;
      const token = writer.tokens[s]!;
      const piece = vocabulary.decodeToken(token, text.previous);
      text.written += piece;
      tokens++;
      text.previous = token;
      text.isDone = text.ending.isMatched(piece);
    }
  }
  return { texts: texts.map(({ written }) => written), tokens };
}

/** Checks the options, and makes what writes so many texts. */
function createDecoder(model: Model, options: GenerateOptions, samples: number) {
  const { vocabulary } = model;
  if (!model.isLanguageModel) throw new InputError("this model does not foretell the next token: it cannot write");
  const length = integer("length", options.maxTokens ?? 200, 0, Number.MAX_SAFE_INTEGER);
  // Beyond the limit, all but the most probable have probability 0, and infinity would make no number of the others.
  const inverseTemperature = Math.min(1e30, 1 / positive("temperature", options.temperature ?? 1));
  const topK = integer("topK", options.topK ?? vocabulary.size, 1, Number.MAX_SAFE_INTEGER);
  const topP = positive("topP", options.topP ?? 1);
  if (topP > 1) throw new OptionError("topP", "a number above 0, up to 1", topP);
  const seed = checkSeed(options.seed ?? 1);
  if (typeof options.prompt !== "string") throw new OptionError("prompt", "a text", options.prompt);
  const prompt = vocabulary.encode(options.skipUnknown ? vocabulary.filterKnown(options.prompt) : options.prompt);
  if (prompt.length === 0) throw new OptionError("prompt", "at least one known character", options.prompt);
  const choice = { inverseTemperature, topK, topP, greedy: options.greedy ?? false };
  const randoms = Array.from({ length: samples }, (_, i) => new Random((seed + i) % 2 ** 32));
  return { length, prompt, ending: new StopMatcher(options.stop), writer: new Decoder(model, prompt, choice, randoms) };
}

/** Tells when a text is to end. */
class StopMatcher {
  private tail = "";

  /** @throws OptionError for an empty stop text */
  constructor(private readonly stop: string | undefined) {
    if (stop === "") throw new OptionError("stop", "at least one character", stop);
  }

  /** Whether the stop text has been written, once this piece is. */
  isMatched(piece: string): boolean {
    const { stop } = this;
    if (stop === undefined) return false;
    this.tail = (this.tail + piece).slice(-(stop.length + piece.length));
    return this.tail.includes(stop);
  }
}
