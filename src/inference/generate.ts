import { TimeSlice } from "../common/event-loop.js";
import type { Model } from "../model/model.js";
import { createDecoder } from "./decoding.js";
import type { GenerateOptions } from "./generate-options.js";
import type { SampleOptions } from "./samples.js";

/**
 * Generates text: after the prompt, each token is sampled from the distribution that the model predicts, and yielded
 * immediately. The same model, options and seed give the same text.
 *
 * @throws OptionError for an invalid option value
 * @throws UnknownTokenError for a token of the prompt that the model does not know
 */
export async function* generate(model: Model<"tokens">, options: GenerateOptions): AsyncGenerator<string, void, void> {
  const { decoder, maxTokens, stopMatcher, prompt } = await createDecoder(model, options, 1);
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
  const { generateSampleTokens } = await import("./samples.js");
  return (await generateSampleTokens(model, options)).texts;
}
