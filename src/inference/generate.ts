import { InputError, OptionError } from "../common/errors.js";
import { TimeSlice } from "../common/event-loop.js";
import { boolean, integer, number, type OptionsOf, other, pick, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import { checkString } from "../common/validate.js";
import { tokenSampler } from "../decoding/token-sampler.js";
import { packedWeights } from "../engine/packed-weights.js";
import type { StepTeam } from "../engine/step-team.js";
import { encodeText } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, PROGRESS, SEED, THREADS } from "../model/options.js";
import { checkToken, Decoder } from "./decoder.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import type { Generated, Start, Wanted } from "./samples.js";
import { Stepper } from "./stepper.js";
import { StopMatcher } from "./stop-matcher.js";

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

/** Further options of {@link generateSamples}. */
export const SAMPLES_OPTION = {
  /** Number of texts to generate side by side. */
  samples: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Processes that share the texts, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Called every few steps with the number of tokens that are generated, and the most there may be, in this process. */
  onProgress: PROGRESS,
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
  const group = groupOf(options);
  const prepare = (chosen?: (samples: number) => readonly number[]) => {
    const given = Object(options) as SampleOptions;
    const { samples, onProgress } = settle({ ...GENERATE_OPTIONS, ...SAMPLES_OPTION }, given);
    const { seed, ...settled } = settleGenerate(model, pick(GENERATE_OPTIONS, given));
    const seeds = new Random(seed);
    const randoms = Array.from({ length: samples }, (_, i) => new Random(i === 0 ? seed : seeds.next()));
    const own = chosen?.(samples).map((i) => randoms[i]!) ?? randoms;
    const generate = async () => {
      // Loaded on demand, for pages that generate one text.
      const { generateTexts } = await import("./samples.js");
      const tools = { readPrompt, packedWeights, checkToken };
      const processes = group?.localSize;
      return generateTexts(model, { ...settled, randoms: own, processes, onProgress }, tools);
    };
    return { samples, generate };
  };
  if (!group) return prepare().generate();
  const { shareSamples } = await import("./shared-samples.js");
  return shareSamples(group, model, options, prepare);
}

/** @throws LstmError if the model's logits are not finite */
function readPrompt(model: Model, { prompt, sampling, randoms, maxTokens }: Wanted): Start {
  const { engine, vocabulary } = model;
  const stepper = new Stepper(model, prompt.length + maxTokens);
  const { logits } = stepper.step(prompt);
  const first = new Int32Array(randoms.length);
  // All texts share the row of logits, which depends on the prompt alone.
  const seen = new Uint8Array(sampling.repetitionPenalty === 1 ? 0 : randoms.length * vocabulary.size);
  if (seen.length > 0) for (const token of prompt) seen[token] = 1;
  tokenSampler(engine.network, sampling, randoms, seen)(engine.floats, logits, 1, first);
  checkToken(first[0]!);
  return { first, states: stepper.states.states };
}

/** Validates the options. */
function settleGenerate(model: Model, options: OptionsOf<typeof GENERATE_OPTIONS>) {
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

/** Parameters of a model whose steps threads may compute together unless they are asked to. */
const LARGE = 8e5;

/** Threads that compute the steps of one text together. Fetched only where they may pay. */
async function teamFor({ engine, config }: Model, steps: number, threads: number): Promise<StepTeam | undefined> {
  // A window is read again at each step, in a pass of many.
  if (threads === 1 || config.window > 0 || (threads === 0 && engine.table.length < LARGE)) return undefined;
  const { stepTeamOf } = await import("../engine/step-team.js");
  return stepTeamOf(engine, steps, threads, "generate");
}

function checkStop(option: string, value: unknown): string | string[] {
  for (const stop of [value].flat())
    if (typeof stop !== "string" || stop === "")
      throw new OptionError(option, "a non-empty string, or an array of them", stop);
  return value as string | string[];
}
