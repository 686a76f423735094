import { TimeSlice } from "../common/event-loop.js";
import { Random } from "../common/random.js";
import { packedWeights } from "../engine/packed-weights.js";
import type { StepTeam } from "../engine/step-team.js";
import type { Model } from "../model/model.js";
import { checkToken, Decoder } from "./decoder.js";
import { type GenerateOptions, settleGenerate } from "./generate-options.js";
import type { Generated, SampleOptions } from "./sample-options.js";
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
  const decoder = new Decoder(model, prompt, sampling, new Random(seed), maxTokens, team);
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
  return (await generateSampleTokens(model, options)).texts;
}

/** {@link generateSamples}, with the number of tokens generated. */
export async function generateSampleTokens(model: Model, options: SampleOptions): Promise<Generated> {
  // Loaded on demand, for pages that generate one text.
  const { generatedSamples } = await import("./samples.js");
  return generatedSamples(model, options, { packedWeights, checkToken });
}

/** Parameters of a model whose steps threads may compute together unless they are asked to. */
const LARGE = 8e5;

/** Threads that compute the steps of one text together. Fetched only where they may pay. */
async function teamFor({ engine, config }: Model, steps: number, threads: number): Promise<StepTeam | undefined> {
  // A window is read again at each step, in a pass of many.
  if (threads === 1 || config.window > 0 || (threads === 0 && engine.table.length < LARGE)) return undefined;
  const { stepTeamOf } = await import("../engine/step-team.js");
  return stepTeamOf(engine, steps, threads, "generate");
}
