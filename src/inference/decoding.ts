import { InputError, OptionError } from "../common/errors.js";
import { settle } from "../common/options.js";
import { Random } from "../common/random.js";
import { checkString } from "../common/validate.js";
import { encodeText } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import type { PackedWeightsOf } from "./carried-states.js";
import { Decoder } from "./decoder.js";
import { GENERATE_OPTIONS, type GenerateOptions } from "./generate-options.js";

/**
 * Validates the options, and creates a decoder for texts.
 *
 * @param samples the number of all texts
 * @param own which of them it is for. Default: all
 */
export async function createDecoder(
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
  const filter = topK < vocabulary.size || topP < 1 ? (await import("./filter.js")).filterTopKTopP : undefined;
  const sampling = { inverseTemperature, topK, topP, filter, greedy, ...others };
  return {
    maxTokens,
    prompt,
    stopMatcher: new StopMatcher(stop),
    decoder: new Decoder(model, prompt, sampling, randoms, maxTokens, packedWeights),
  };
}

/** Recognizes the texts after which generation ends. */
export class StopMatcher {
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
