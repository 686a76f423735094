import { TimeSlice } from "../common/event-loop.js";
import { Random } from "../common/random.js";
import type { StepTeam } from "../engine/step-team.js";
import { usefulStepThreads } from "../engine/thread-count.js";
import type { Model } from "../model/model.js";
import { Decoder } from "./decoder.js";
import { type GenerateOptions, settleGenerate } from "./generate-options.js";
import type { SampleOptions } from "./sample-options.js";
import { StopMatcher } from "./stop-matcher.js";

/**
 * Generates text: after the prompt, each token is sampled from the distribution that the model predicts, and yielded
 * immediately. The same model, options and seed give the same text.
 *
 * @throws OptionError for an invalid option value
 * @throws UnknownTokenError for a token of the prompt that the model does not know
 */
export async function* generate(model: Model<"tokens">, options: GenerateOptions): AsyncGenerator<string, void, void> {
  const { maxTokens, prompt, sampling, seed, stop, threads, signal } = settleGenerate(model, options);
  const team = await teamFor(model, maxTokens, threads);
  const isFiltered = sampling.topK < model.vocabulary.size || sampling.topP < 1;
  const filter = isFiltered ? (await import("../decoding/filter.js")).filterTopKTopP : undefined;
  const decoder = new Decoder(model, prompt, sampling, new Random(seed), maxTokens, team, filter);
  const stopMatcher = new StopMatcher(stop);
  const { vocabulary } = model;
  const timeSlice = new TimeSlice(signal);
  let previous = prompt.at(-1);
  for (let i = 0; i < maxTokens; i++) {
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
    decoder.step();
    const token = decoder.token[0]!;
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
  const { generateSampleTokens } = await import("./sample-options.js");
  return (await generateSampleTokens(model, options)).texts;
}

/** Threads that compute the steps of one text together, where they pay. Fetched only then. */
async function teamFor({ engine, config }: Model, steps: number, threads: number): Promise<StepTeam | undefined> {
  const size = threads || (engine.isShared ? usefulStepThreads(steps, engine) : 1);
  // A window is read again at each step, in a pass of many.
  if (size === 1 || config.window > 0) return undefined;
  const { stepTeamOf } = await import("../engine/step-team.js");
  return stepTeamOf(engine, size, "generate");
}
