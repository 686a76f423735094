import { integer } from "./config.js";
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
  /** Draws each prediction from the softmax, seeded with this, instead of taking the most probable token. */
  sampleSeed?: number;
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
  /** The predicted tokens, the first one following the text's first token. */
  readonly text: string;
  /** Share of them, 0 to 1, that are the text's own. */
  readonly accuracy: number;
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
  const tokens = await read(model, text, signal, (plan, stride) => {
    const { engine, vocabulary } = model;
    const { floats, integers } = engine;
    for (let t = 0; t < plan.T; t++) {
      const best = argmax(floats, plan.scores / 4 + t * stride, vocabulary.size);
      if (best === integers[plan.targets / 4 + t]) correct++;
    }
    total += engine.loss(plan, 0);
  });
  const loss = total / tokens;
  return { tokens, loss, perplexity: Math.exp(loss), bitsPerCharacter: loss / Math.LN2, accuracy: correct / tokens };
}

/**
 * Predicts each next token of a text from the text itself up to there, from a zero state.
 *
 * @throws UnknownTokenError for a character that the model does not know
 * @throws InputError for a text of fewer than two tokens
 * @throws OptionError for a seed that is none
 */
export async function predict(model: Model, text: string, options: PredictOptions = {}): Promise<Prediction> {
  const { sampleSeed, signal } = options;
  const random = sampleSeed === undefined ? undefined : new Random(integer("sampleSeed", sampleSeed, 0, 2 ** 32 - 1));
  const predicted: number[] = [];
  let correct = 0;
  const tokens = await read(model, text, signal, (plan, stride) => {
    const { engine, vocabulary } = model;
    const { floats, integers } = engine;
    if (random) engine.kernels.softmax(plan.scores, plan.T, vocabulary.size, stride, 1);
    for (let t = 0; t < plan.T; t++) {
      const row = plan.scores / 4 + t * stride;
      const token = random ? draw(floats, row, vocabulary.size, random) : argmax(floats, row, vocabulary.size);
      if (token === integers[plan.targets / 4 + t]) correct++;
      predicted.push(token);
    }
  });
  return { text: model.vocabulary.decode(predicted), accuracy: correct / tokens };
}

/** Runs the model over a text, chunk by chunk, and shows each chunk's scores. Returns the number of predictions. */
async function read(
  model: Model,
  text: string,
  signal: AbortSignal | undefined,
  see: (plan: PassPlan, stride: number) => void,
): Promise<number> {
  const streams = new TokenStreams(model.vocabulary.encode(text), 1, CHUNK);
  const state = model.engine.createState(1);
  const pauses = new Pauses(signal);
  while (streams.nextLength > 0) {
    if (pauses.due) await pauses.take();
    const { engine } = model;
    const plan = engine.plan(streams.nextLength, 1);
    streams.read(engine.integers, plan.tokens / 4, plan.targets / 4);
    engine.forward(plan, state);
    see(plan, padded(model.vocabulary.size));
  }
  return streams.tokensPerEpoch;
}
