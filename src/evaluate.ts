import { seed as checkSeed, integer, MAXIMUM_BATCH_SIZE } from "./config.js";
import { TokenStreams } from "./data/batches.js";
import { padded } from "./kernels/kernels.js";
import type { PassPlan } from "./layout.js";
import type { Model } from "./model.js";
import { Pauses } from "./pause.js";
import { Random } from "./random.js";
import { argmax, draw } from "./sample.js";

/** Steps of one forward pass: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

export interface EvaluateOptions {
  /** Ends the evaluation, with the signal's reason thrown. */
  signal?: AbortSignal;
}

export interface PredictOptions extends EvaluateOptions {
  /** Reads the text as so many streams, as training with this batch size does. Default 1. */
  batchSize?: number;
  /** Seeds the sampled predictions: an integer from 0 to 2³² − 1. Default 1. */
  seed?: number;
}

/** How well a model foretells a text. */
export interface Evaluation {
  /** Predictions made: one fewer than the text has tokens. */
  readonly tokens: number;
  /** Mean cross-entropy in nats per token. */
  readonly loss: number;
  /** e to the loss: the model is as unsure as one that chooses evenly among so many tokens. */
  readonly perplexity: number;
  /** The loss in bits: loss / ln 2. */
  readonly bitsPerCharacter: number;
  /** Share of predictions, 0 to 1, where the most probable token was the right one. */
  readonly accuracy: number;
}

/** What a model says comes next, at every place of a text. */
export interface Prediction {
  /** The most probable tokens, the first one following the text's first token. */
  readonly text: string;
  /** Share of them, 0 to 1, that are the text's own. */
  readonly accuracy: number;
  /** The same with tokens drawn from the softmax. */
  readonly sampledText: string;
  readonly sampledAccuracy: number;
}

/**
 * Scores the model's prediction of each next token of a text, read as one sequence from a zero state.
 *
 * @throws UnknownTokenError for a character that the model does not know
 * @throws InputError for a text of fewer than two tokens
 */
export async function evaluate(model: Model, text: string, { signal }: EvaluateOptions = {}): Promise<Evaluation> {
  let total = 0;
  let correct = 0;
  const streams = new TokenStreams(model.vocabulary.encode(text), 1, CHUNK);
  await read(model, streams, new Pauses(signal), (plan, stride) => {
    const { engine, vocabulary } = model;
    const { floats, integers } = engine;
    for (let t = 0; t < plan.T; t++) {
      const best = argmax(floats, plan.scores / 4 + t * stride, vocabulary.size);
      if (best === integers[plan.targets / 4 + t]) correct++;
    }
    total += engine.loss(plan, 0);
  });
  const tokens = streams.tokensPerEpoch;
  const loss = total / tokens;
  return { tokens, loss, perplexity: Math.exp(loss), bitsPerCharacter: loss / Math.LN2, accuracy: correct / tokens };
}

/**
 * Predicts each next token of a text from the text itself up to there, from a zero state: the most probable one, and
 * one drawn with the model's probabilities.
 *
 * @throws UnknownTokenError for a character that the model does not know
 * @throws InputError for a text too short for one prediction in every stream
 * @throws OptionError for an option that cannot be
 */
export async function predict(model: Model, text: string, options: PredictOptions = {}): Promise<Prediction> {
  const { vocabulary } = model;
  const batchSize = integer("batchSize", options.batchSize ?? 1, 1, MAXIMUM_BATCH_SIZE);
  const random = new Random(checkSeed(options.seed ?? 1));
  const streams = new TokenStreams(vocabulary.encode(text), batchSize, Math.ceil(CHUNK / batchSize));
  const best = new Int32Array(streams.tokensPerEpoch);
  const drawn = new Int32Array(streams.tokensPerEpoch);
  let correct = 0;
  let drawnCorrect = 0;
  let start = 0;
  await read(model, streams, new Pauses(options.signal), (plan, stride) => {
    const { kernels, floats, integers } = model.engine;
    const rows = plan.T * plan.B;
    kernels.softmax(plan.scores, rows, vocabulary.size, stride, 1);
    for (let r = 0; r < rows; r++) {
      const row = plan.scores / 4 + r * stride;
      const target = integers[plan.targets / 4 + r];
      const place = (r % batchSize) * streams.streamLength + start + Math.floor(r / batchSize);
      best[place] = argmax(floats, row, vocabulary.size);
      drawn[place] = draw(floats, row, vocabulary.size, random);
      if (best[place] === target) correct++;
      if (drawn[place] === target) drawnCorrect++;
    }
    start += plan.T;
  });
  return {
    text: vocabulary.decode(best),
    accuracy: correct / best.length,
    sampledText: vocabulary.decode(drawn),
    sampledAccuracy: drawnCorrect / best.length,
  };
}

/**
 * The mean loss in nats per token on held-out tokens, read in as many streams as training reads, or in fewer where they
 * would be too short.
 */
export async function meanLoss(model: Model, tokens: Int32Array, batchSize: number, pauses: Pauses): Promise<number> {
  const streams = new TokenStreams(tokens, Math.max(1, Math.min(batchSize, Math.floor(tokens.length / CHUNK))), CHUNK);
  let total = 0;
  await read(model, streams, pauses, (plan) => {
    total += model.engine.loss(plan, 0);
  });
  return total / streams.tokensPerEpoch;
}

/** Runs the model over all chunks of the streams, from a zero state, and shows each chunk's scores. */
async function read(
  model: Model,
  streams: TokenStreams,
  pauses: Pauses,
  see: (plan: PassPlan, stride: number) => void,
): Promise<void> {
  const state = model.engine.createState(streams.batchSize);
  while (streams.nextLength > 0) {
    if (pauses.due) await pauses.take();
    const { engine } = model;
    const plan = engine.plan(streams.nextLength, streams.batchSize);
    streams.read(engine.integers, plan.tokens / 4, plan.targets / 4);
    engine.forward(plan, state);
    see(plan, padded(model.vocabulary.size));
  }
}
