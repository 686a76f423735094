import { InputError, OptionError } from "../common/errors.js";
import { boolean, integer, number, type OptionsOf, other, SIGNAL, settle } from "../common/options.js";
import { checkString } from "../common/validate.js";
import { encodeText } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { SEED, THREADS } from "../model/options.js";

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
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Aborts generation with the signal's reason. */
  signal: SIGNAL,
};

/** Options of {@link generate}. */
export interface GenerateOptions extends OptionsOf<typeof GENERATE_OPTIONS> {
  /** What the model reads first. It is not part of the output. Nothing stands for a line break, or for the first token of a vocabulary without. */
  prompt: string;
}

/** Validates the options. */
export function settleGenerate(model: Model, options: OptionsOf<typeof GENERATE_OPTIONS>) {
  checkModel(model);
  if (!model.isLanguageModel)
    throw new InputError("this model does not predict the next token: it cannot generate text");
  const { vocabulary } = model;
  const settled = settle(GENERATE_OPTIONS, options);
  const { maxTokens, temperature, topK, topP, greedy, repetitionPenalty, seed, stop, skipUnknown } = settled;
  const text = checkString("prompt", options.prompt);
  const prompt =
    text === ""
      ? Int32Array.of(Math.max(0, vocabulary.tokens.indexOf("\n")))
      : encodeText(model, skipUnknown ? vocabulary.filterKnown(text) : text);
  if (prompt.length === 0) throw new OptionError("prompt", "at least one known character", options.prompt);
  // Beyond this limit, all but the most probable token have probability 0, and infinity would give NaN.
  const inverseTemperature = Math.min(1e30, 1 / temperature);
  const suppressFirst = settled.suppressUnk && vocabulary.hasUnkToken === true;
  const sampling = { inverseTemperature, topK, topP, greedy, repetitionPenalty, suppressFirst };
  return { maxTokens, prompt, sampling, seed, stop, threads: settled.threads, signal: settled.signal };
}

function checkStop(option: string, value: unknown): string | string[] {
  for (const stop of [value].flat())
    if (typeof stop !== "string" || stop === "")
      throw new OptionError(option, "a non-empty string, or an array of them", stop);
  return value as string | string[];
}
