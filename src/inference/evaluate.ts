import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import { padded } from "../kernels/kernels.js";
import { type Data, predictionBatches, readingBatches } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { MAX_BATCH_SIZE, SEED } from "../model/options.js";
import type { PassPlan } from "../network/plan.js";
import { argmax, sample } from "./sampling.js";

/** Options of {@link evaluate}. */
export const EVALUATE_OPTIONS = {
  /** Aborts the evaluation with the signal's reason. */
  signal: SIGNAL,
};

/** Options of {@link predictNextTokens}. */
export const NEXT_TOKENS_OPTIONS = {
  /** Streams that the text is split into, as in training with this batch size. */
  batchSize: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Seed of the sampled predictions. */
  seed: SEED,
  ...EVALUATE_OPTIONS,
};

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends OptionsOf<typeof EVALUATE_OPTIONS> {}

/** Options of {@link predictNextTokens}. */
export interface PredictNextTokensOptions extends OptionsOf<typeof NEXT_TOKENS_OPTIONS> {}

/** How well a model predicts a text, or the targets of examples. */
export interface Evaluation {
  /** Number of predictions: for a text, one fewer than its tokens. */
  readonly predictions: number;
  /** Mean loss per prediction: for tokens the cross-entropy in nats. */
  readonly loss: number;
  /** Perplexity, e to the loss: the number of equally likely tokens that would be as uncertain. For tokens. */
  readonly perplexity?: number;
  /** The loss in bits: loss / ln 2. For characters. */
  readonly bitsPerCharacter?: number;
  /** Fraction of predictions whose most probable token was correct. For tokens. */
  readonly accuracy?: number;
}

/** A model's predictions of every next token of a text. */
export interface NextTokenPredictions {
  /** The most probable tokens, starting with the one after the text's first token. */
  readonly text: string;
  /** Fraction of them that match the text. */
  readonly accuracy: number;
  /** The same with tokens sampled from the softmax. */
  readonly sampledText: string;
  /** Fraction of the sampled tokens that match the text. */
  readonly sampledAccuracy: number;
}

/**
 * Evaluates the model's predictions of each next token of a text, read as one sequence from a zero state, or of the
 * targets of examples.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or examples that do not fit the model
 */
export async function evaluate(model: Model, data: Data, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { signal } = settle(EVALUATE_OPTIONS, options);
  let total = 0;
  let correct = 0;
  const batches = readingBatches(model, data);
  const { kind, size } = model.output;
  await forEachChunk(model, batches, new TimeSlice(signal), (plan) => {
    const { engine } = model;
    const { floats, integers } = engine;
    const rows = plan.outputSteps * plan.B;
    for (let r = 0; kind === "categorical" && r < rows; r++) {
      const best = argmax(floats, plan.logits / 4 + r * padded(size), size);
      if (best === integers[plan.targets / 4 + r]) correct++;
    }
    total += engine.loss(plan, 0);
  });
  const predictions = batches.predictionsPerEpoch;
  const loss = total / predictions;
  if (kind === "continuous") return { predictions, loss };
  const evaluation = { predictions, loss, perplexity: Math.exp(loss), accuracy: correct / predictions };
  const isText = !Array.isArray(data) && model.vocabulary.level === "char";
  return isText ? { ...evaluation, bitsPerCharacter: loss / Math.LN2 } : evaluation;
}

/**
 * Predicts each next token of a text from the true tokens before it: the most probable one, and one sampled from the
 * softmax. A model with a window sees only its window; any other starts from a zero state.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for a text too short for one prediction in every stream
 * @throws OptionError for an invalid option value
 */
export async function predictNextTokens(
  model: Model,
  text: string | Int32Array,
  options: PredictNextTokensOptions = {},
): Promise<NextTokenPredictions> {
  const { batchSize, seed, signal } = settle(NEXT_TOKENS_OPTIONS, options);
  const random = new Random(seed);
  const batches = predictionBatches(model, text, batchSize);
  const best = new Int32Array(batches.predictionsPerEpoch);
  const sampled = new Int32Array(batches.predictionsPerEpoch);
  let correct = 0;
  let sampledCorrect = 0;
  const { size } = model.output;
  const stride = padded(size);
  await forEachChunk(model, batches, new TimeSlice(signal), (plan) => {
    const { kernels, floats, integers } = model.engine;
    const rows = plan.outputSteps * plan.B;
    kernels.softmax(plan.logits, rows, size, stride, 1);
    for (let r = 0; r < rows; r++) {
      const row = plan.logits / 4 + r * stride;
      const target = integers[plan.targets / 4 + r];
      const place = batches.positionOf(Math.floor(r / plan.B), r % plan.B, plan.outputSteps, plan.B);
      best[place] = argmax(floats, row, size);
      sampled[place] = sample(floats, row, size, random);
      if (best[place] === target) correct++;
      if (sampled[place] === target) sampledCorrect++;
    }
  });
  return {
    text: model.vocabulary.decode(best),
    accuracy: correct / best.length,
    sampledText: model.vocabulary.decode(sampled),
    sampledAccuracy: sampledCorrect / best.length,
  };
}

/** The mean loss per prediction on held-out data. */
export async function meanLoss(model: Model, batches: Batches, timeSlice: TimeSlice): Promise<number> {
  let total = 0;
  batches.cursor = 0;
  await forEachChunk(model, batches, timeSlice, (plan) => {
    total += model.engine.loss(plan, 0);
  });
  return total / batches.predictionsPerEpoch;
}

/** Runs the model over all chunks, from a zero state, and passes each chunk's plan to a callback. */
async function forEachChunk(
  model: Model,
  batches: Batches,
  timeSlice: TimeSlice,
  visit: (plan: PassPlan) => void,
): Promise<void> {
  const { batchSize } = batches;
  // Before a state is taken that is as large as what a step needs.
  model.engine.plan(1, batchSize, { outputSteps: 1 });
  const state = model.engine.createState(batchSize);
  while (batches.nextLength > 0) {
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
    const { engine } = model;
    if (!batches.continuous) state.fill(0);
    const T = batches.nextLength;
    const plan = engine.plan(T, batches.nextBatchSize, { outputSteps: batches.returnSequences ? T : 1 });
    engine.loadBatch(batches, plan);
    engine.forward(plan, state);
    visit(plan);
  }
}
