import { TimeSlice } from "../common/event-loop.js";
import { type AbortSignalLike, pick, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import {
  continueTexts,
  MOST_STEPS,
  type TextsHost,
  type TextsShape,
  textsBytes,
  tokensOf,
  writeTexts,
} from "../decoding/texts.js";
import { type Sampling, tokenSampler } from "../decoding/token-sampler.js";
import type { Engine, Region } from "../engine/engine.js";
import { holdPackedWeights } from "../engine/held-weights.js";
import { threadsFor } from "../engine/inference-threads.js";
import type { WorkerPool } from "../engine/worker-pool.js";
import type { Model } from "../model/model.js";
import type { PackedWeightsOf } from "./carried-states.js";
import type { checkToken } from "./decoder.js";
import { GENERATE_OPTIONS, settleGenerate } from "./generate-options.js";
import { groupOf } from "./process-group.js";
import { type Generated, SAMPLES_OPTION, type SampleOptions } from "./sample-options.js";
import { Stepper } from "./stepper.js";
import { StopMatcher } from "./stop-matcher.js";

// Fetched by `generateSamples`, which hands it what most programs have: bundlers would put that into files of its own.

/** Fewest texts that keep a thread busy: matrix products are computed several rows at a time. */
const MIN_TEXTS = 4;

/** How long a round is to take, in milliseconds: less than a frame, but much longer than to hand it to a thread. */
const ROUND = 8;

/** Texts to generate. */
interface Wanted {
  readonly prompt: Int32Array;
  readonly sampling: Sampling;
  /** One for each text. */
  readonly randoms: readonly Random[];
  readonly maxTokens: number;
  /** Threads that were asked for; 0 takes as many as are useful. */
  readonly threads: number;
  /** Processes that share this host's threads. Default: this one. */
  readonly processes: number | undefined;
}

/** How generating goes on. */
interface Course {
  readonly stop: string | readonly string[] | undefined;
  readonly signal: AbortSignalLike | undefined;
  readonly onProgress: ((completed: number, total: number) => void) | undefined;
}

/** What `generateSamples` hands over. */
interface Tools {
  readonly packedWeights: PackedWeightsOf;
  readonly checkToken: typeof checkToken;
}

/** What texts start with: the first token of each, and the states before it. */
interface Start {
  readonly first: Int32Array;
  readonly states: readonly Float32Array[];
}

/** What `generateSamples` gives, with the number of tokens. */
export async function generatedSamples(model: Model, options: SampleOptions, tools: Tools): Promise<Generated> {
  const group = groupOf(options);
  const prepare = (chosen?: (samples: number) => readonly number[]) => {
    const given = Object(options) as SampleOptions;
    const { samples, onProgress } = settle({ ...GENERATE_OPTIONS, ...SAMPLES_OPTION }, given);
    const { seed, ...settled } = settleGenerate(model, pick(GENERATE_OPTIONS, given));
    const seeds = new Random(seed);
    const randoms = Array.from({ length: samples }, (_, i) => new Random(i === 0 ? seed : seeds.next()));
    const own = chosen?.(samples).map((i) => randoms[i]!) ?? randoms;
    const generate = () =>
      generateTexts(model, { ...settled, randoms: own, processes: group?.localSize, onProgress }, tools);
    return { samples, generate };
  };
  if (!group) return prepare().generate();
  const { shareSamples } = await import("./shared-samples.js");
  return shareSamples(group, model, options, prepare);
}

/**
 * Generates texts side by side.
 *
 * @throws LstmError if the model's logits are not finite, or it was freed
 * @throws OutOfMemoryError where the texts do not fit
 * @throws WorkerError if a thread fails
 */
async function generateTexts(
  model: Model,
  { stop, signal, onProgress, ...wanted }: Wanted & Course,
  tools: Tools,
): Promise<Generated> {
  const { vocabulary } = model;
  const { prompt, randoms, maxTokens } = wanted;
  const timeSlice = new TimeSlice(signal);
  const texts = randoms.map(() => ({
    generated: "",
    previous: prompt.at(-1),
    stopMatcher: new StopMatcher(stop),
    isDone: false,
  }));
  let tokens = 0;
  const extend = (i: number, token: number) => {
    const text = texts[i]!;
    const piece = vocabulary.decodeToken(token, text.previous);
    text.generated += piece;
    tokens++;
    text.previous = token;
    text.isDone = text.stopMatcher.isMatched(piece);
  };
  const isWanted = (i: number) => !texts[i]!.isDone;
  const report = () => onProgress?.(tokens, texts.length * maxTokens);
  const results = () => ({ texts: texts.map(({ generated }) => generated), tokens });
  if (maxTokens === 0) return results();
  const samples = await Samples.start(model, wanted, tools);
  try {
    for (const [i, token] of samples.first.entries()) extend(i, token);
    report();
    for (let left = maxTokens - 1; left > 0 && texts.some(({ isDone }) => !isDone); ) {
      if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
      left -= await samples.run(left, isWanted, extend);
      report();
    }
  } finally {
    samples.free();
  }
  return results();
}

/** Some of the texts, which one thread continues: their number, the first of them, where they lie, and their generators. */
interface Share {
  readonly shape: TextsShape;
  readonly first: number;
  readonly region: Region;
  readonly randoms: readonly Random[];
}

/**
 * Texts that go on from one prompt, shared between threads. No text depends on another, so each thread continues its own by many
 * steps before it reports.
 */
class Samples {
  /** Steps of the next round. */
  private pace = 4;

  private constructor(
    private readonly engine: Engine,
    private readonly pool: WorkerPool | undefined,
    private readonly shares: readonly Share[],
    /** The first token of each text. */
    readonly first: Int32Array,
    private readonly tools: Tools,
  ) {}

  /** Reads the prompt, chooses the first token of each text, and starts the missing workers, where they pay. */
  static async start(model: Model, wanted: Wanted, tools: Tools): Promise<Samples> {
    const { prompt, sampling, randoms, maxTokens, threads, processes } = wanted;
    const { engine, config } = model;
    const N = randoms.length;
    const most = Math.ceil(N / MIN_TEXTS);
    const work = { most, steps: N * maxTokens, threads, processes, name: "generateSamples" };
    const { pool, size } = await threadsFor(engine, work);
    const window = Math.min(config.window, prompt.length + maxTokens);
    const shapes = Array.from({ length: size }, (_, k) => ({ B: Math.ceil((N - k) / size), window, sampling }));
    const shares: Share[] = [];
    try {
      let start = 0;
      for (const shape of shapes) {
        const own = randoms.slice(start, start + shape.B);
        const region = engine.takeRegion(textsBytes(hostOf(engine), shape));
        shares.push({ shape, first: start, region, randoms: own });
        start += shape.B;
      }
      const { first, states } = readPrompt(model, wanted, tools);
      for (const { shape, first: start, region, randoms } of shares) {
        const tokens = first.slice(start, start + shape.B);
        writeTexts(hostOf(engine), shape, { randoms, tokens, prompt, states }, region.start);
      }
      return new Samples(engine, pool, shares, first, tools);
    } catch (error) {
      release(engine, shares);
      throw error;
    }
  }

  /**
   * Continues the texts by one round.
   *
   * @param limit most steps
   * @param isWanted whether a text is to go on
   * @param take called for each step and text that goes on, step by step: the text, and its token
   * @returns steps
   */
  async run(
    limit: number,
    isWanted: (text: number) => boolean,
    take: (text: number, token: number) => void,
  ): Promise<number> {
    const { engine } = this;
    const steps = Math.min(limit, this.pace);
    const shares = this.shares.filter(({ shape, first }) => {
      for (let i = 0; i < shape.B; i++) if (isWanted(first + i)) return true;
      return false;
    });
    const start = performance.now();
    await this.compute(shares, steps);
    const fitting = Math.floor((steps * ROUND) / Math.max(0.1, performance.now() - start));
    this.pace = Math.max(1, Math.min(2 * steps, fitting, MOST_STEPS));
    const tokens = shares.map(({ shape, region }) => tokensOf(hostOf(engine), shape, region.start));
    for (let t = 0; t < steps; t++)
      for (const [k, { shape, first }] of shares.entries())
        for (let i = 0; i < shape.B; i++) {
          if (!isWanted(first + i)) continue;
          const token = tokens[k]![t * shape.B + i]!;
          this.tools.checkToken(token);
          take(first + i, token);
        }
    return steps;
  }

  /** Continues shares by some steps: the first on this thread. */
  private async compute([own, ...others]: readonly Share[], steps: number): Promise<void> {
    const { engine, pool, tools } = this;
    const held = own!.shape.B > 1 ? holdPackedWeights(engine, tools.packedWeights) : undefined;
    const { region, randoms } = own!;
    const computeOwn = () => continueTexts(hostOf(engine), region.start, steps, randoms, held?.addresses);
    try {
      if (others.length === 0) computeOwn();
      else {
        const tasks = others.map(({ shape, region }) => ({
          ...{ texts: region.start, count: shape.B, steps },
          packed: held?.start ?? 0,
        }));
        await pool!.share(tasks, computeOwn);
      }
    } finally {
      held?.release();
    }
  }

  /** Releases the texts' memory. */
  free(): void {
    release(this.engine, this.shares);
  }
}

function release(engine: Engine, shares: readonly Share[]): void {
  for (const { region } of shares) engine.releaseRegion(region);
}

/** What continues texts on this thread. */
const hostOf = (engine: Engine): TextsHost => ({
  network: engine.network,
  buffer: engine.instance.memory.buffer,
  plan: (T, B, address) => engine.planAt(address, T, B, { outputRows: B }),
  writeLists: (plan) => engine.writeLists(plan),
});

/** @throws LstmError if the model's logits are not finite */
function readPrompt(model: Model, { prompt, sampling, randoms, maxTokens }: Wanted, { checkToken }: Tools): Start {
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
