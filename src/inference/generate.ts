import { InputError, OptionError } from "../common/errors.js";
import { TimeSlice } from "../common/event-loop.js";
import { boolean, integer, number, type OptionsOf, other, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import { checkString } from "../common/validate.js";
import { packedWeights } from "../engine/packed-weights.js";
import { encodeText } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, SEED } from "../model/options.js";
import type { PackedWeightsOf } from "./carried-states.js";
import { Decoder } from "./decoder.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import type { Generated } from "./shared-samples.js";

/** Options of {@link generate}. */
export const GENERATE_OPTIONS = {
  /** What the model reads first. It is not part of the output. Nothing stands for a line break, or for the first token of a vocabulary without. */
  prompt: other<string>(checkString),
  /** Tokens to generate. */
  maxTokens: integer({ default: 200, min: 0 }),
  /** Softmax temperature: below 1 for more predictable, above 1 for more varied text. */
  temperature: number({ default: 1, above: 0 }),
  /** Samples from only this many of the most probable tokens. Default: all. */
  topK: integer({ default: Number.MAX_SAFE_INTEGER, min: 1 }),
  /** Samples from the smallest set of most probable tokens whose total probability reaches this value. */
  topP: number({ default: 1, above: 0, max: 1 }),
  /** Always takes the most probable token. */
  greedy: boolean({ default: false }),
  /** Makes what has been read or written less likely above 1, as in CTRL (Keskar et al. 2019), and likelier below. */
  repetitionPenalty: number({ default: 1, above: 0 }),
  /** Never generates the token for unknown words. */
  suppressUnk: boolean({ default: false }),
  /** Seed of the sampling. */
  seed: SEED,
  /** Text after which generation stops, or several. Default: none. */
  stop: other<string | readonly string[] | undefined>(checkStop),
  /** Skips unknown tokens in the prompt, which are otherwise an error. */
  skipUnknown: boolean({ default: false }),
  /** Aborts generation with the signal's reason. */
  signal: SIGNAL,
};

/** Further options of {@link generateSamples}. */
export const SAMPLES_OPTION = {
  /** Number of texts to generate side by side. */
  samples: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Processes that share the texts, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
};

/** Options of {@link generate}. */
export interface GenerateOptions extends OptionsOf<typeof GENERATE_OPTIONS> {
  /** What the model reads first. It is not part of the output. Nothing stands for a line break, or for the first token of a vocabulary without. */
  prompt: string;
}

/** Options of {@link generateSamples}. */
export interface SampleOptions extends GenerateOptions, OptionsOf<typeof SAMPLES_OPTION> {}

/**
 * Generates text: after the prompt, each token is sampled from the distribution that the model predicts, and yielded
 * immediately. The same model, options and seed give the same text.
 *
 * @throws OptionError for an invalid option value
 * @throws UnknownTokenError for a token of the prompt that the model does not know
 */
export async function* generate(model: Model<"tokens">, options: GenerateOptions): AsyncGenerator<string, void, void> {
  const { decoder, maxTokens, stopMatcher, prompt } = createDecoder(model, options, 1, packedWeights);
  const { vocabulary } = model;
  const timeSlice = new TimeSlice(options.signal);
  let previous = prompt.at(-1);
  for (let i = 0; i < maxTokens; i++) {
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
    decoder.step();
    const token = decoder.tokens[0]!;
    const piece = vocabulary.decodeToken(token, previous);
    yield piece;
    previous = token;
    if (stopMatcher.isMatched(piece)) return;
  }
}

/**
 * Generates several texts side by side, which takes much less time than one after the other. The first is the one that
 * {@link generate} gives with the same seed; the i-th depends on the seed and i alone.
 *
 * @returns the texts, without the prompt
 * @throws as {@link generate}
 * @throws RankError if another process of `processGroup` fails or differs
 */
export async function generateSamples(model: Model<"tokens">, options: SampleOptions): Promise<string[]> {
  return (await generateSampleTokens(model, options)).texts;
}

/** {@link generateSamples}, with the number of tokens generated. */
export async function generateSampleTokens(model: Model, options: SampleOptions): Promise<Generated> {
  const group = groupOf(options);
  const prepare = (own?: (samples: number) => readonly number[]) => {
    const { samples: count, processGroup, ...others } = Object(options) as SampleOptions;
    const { samples } = settle(SAMPLES_OPTION, { samples: count, processGroup });
    const chosen = own?.(samples);
    const decoding = createDecoder(model, others, samples, packedWeights, chosen);
    return { samples, generate: () => generateTexts(model, decoding, chosen?.length ?? samples, options) };
  };
  if (!group) return prepare().generate();
  const { shareSamples } = await import("./shared-samples.js");
  return shareSamples(group, model, options, prepare);
}

async function generateTexts(
  model: Model,
  { decoder, maxTokens, prompt }: ReturnType<typeof createDecoder>,
  count: number,
  { signal, stop }: GenerateOptions,
): Promise<Generated> {
  const { vocabulary } = model;
  const timeSlice = new TimeSlice(signal);
  const texts = Array.from({ length: count }, () => ({
    generated: "",
    previous: prompt.at(-1),
    stopMatcher: new StopMatcher(stop),
    isDone: false,
  }));
  let tokens = 0;
  for (let i = 0; i < maxTokens && texts.some(({ isDone }) => !isDone); i++) {
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
    decoder.step();
    for (const [s, text] of texts.entries()) {
      if (text.isDone) continue;
      const token = decoder.tokens[s]!;
      const piece = vocabulary.decodeToken(token, text.previous);
      text.generated += piece;
      tokens++;
      text.previous = token;
      text.isDone = text.stopMatcher.isMatched(piece);
    }
  }
  return { texts: texts.map(({ generated }) => generated), tokens };
}

/**
 * Validates the options, and creates a decoder for texts.
 *
 * @param samples the number of all texts
 * @param own which of them it is for. Default: all
 */
function createDecoder(
  model: Model,
  options: GenerateOptions,
  samples: number,
  packedWeights?: PackedWeightsOf,
  own?: readonly number[],
) {
  checkModel(model);
  if (!model.isLanguageModel)
    throw new InputError("this model does not predict the next token: it cannot generate text");
  const { vocabulary } = model;
  const { maxTokens, temperature, topK, topP, greedy, seed, stop, skipUnknown, ...others } = settle(
    GENERATE_OPTIONS,
    options,
  );
  const text = checkString("prompt", options.prompt);
  const prompt =
    text === ""
      ? Int32Array.of(Math.max(0, vocabulary.tokens.indexOf("\n")))
      : encodeText(model, skipUnknown ? vocabulary.filterKnown(text) : text);
  if (prompt.length === 0) throw new OptionError("prompt", "at least one known character", options.prompt);
  // Beyond this limit, all but the most probable token have probability 0, and infinity would give NaN.
  const inverseTemperature = Math.min(1e30, 1 / temperature);
  const seeds = new Random(seed);
  const all = Array.from({ length: samples }, (_, i) => new Random(i === 0 ? seed : seeds.next()));
  const randoms = own ? own.map((i) => all[i]!) : all;
  const sampling = { inverseTemperature, topK, topP, greedy, ...others };
  return {
    maxTokens,
    prompt,
    stopMatcher: new StopMatcher(stop),
    decoder: new Decoder(model, prompt, sampling, randoms, maxTokens, packedWeights),
  };
}

function checkStop(option: string, value: unknown): string | string[] {
  for (const stop of [value].flat())
    if (typeof stop !== "string" || stop === "")
      throw new OptionError(option, "a non-empty string, or an array of them", stop);
  return value as string | string[];
}

/** Recognizes the texts after which generation ends. */
class StopMatcher {
  private tail = "";
  private readonly stops: readonly string[];

  constructor(stop: string | readonly string[] = []) {
    this.stops = [stop].flat();
  }

  /** Whether one of them has been generated, once this piece is. */
  isMatched(piece: string): boolean {
    this.tail += piece;
    const isMatched = this.stops.some((stop) => this.tail.includes(stop));
    this.tail = this.tail.slice(-Math.max(1, ...this.stops.map((stop) => stop.length)));
    return isMatched;
  }
}
