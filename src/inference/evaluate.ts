import { TimeSlice } from "../common/event-loop.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import { padded } from "../kernels/kernels.js";
import { seed as checkSeed, integer, MAXIMUM_BATCH_SIZE } from "../model/config.js";
import { cutForPrediction, cutForReading, type Data } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/layout.js";
import { argmax, sample } from "./sampling.js";

/** How {@link evaluate} can be ended. */
export interface EvaluateOptions {
  /** Ends the evaluation, with the signal's reason thrown. */
  signal?: AbortSignal;
}

/** How {@link predictNextTokens} reads and draws. */
export interface PredictNextTokensOptions extends EvaluateOptions {
  /** Reads the text as so many streams, as training with this batch size does. Default 1. */
  batchSize?: number;
  /** Seeds the sampled predictions: an integer from 0 to 2³² − 1. Default 1. */
  seed?: number;
}

/** How well a model foretells a text, or what examples should give. */
export interface Evaluation {
  /** Predictions made: for a text, one fewer than it has tokens. */
  readonly predictions: number;
  /** Mean loss per prediction: for tokens the cross-entropy in nats. */
  readonly loss: number;
  /** e to the loss: the model is as unsure as one that chooses evenly among so many tokens. For tokens. */
  readonly perplexity?: number;
  /** The loss in bits: loss / ln 2. For characters. */
  readonly bitsPerCharacter?: number;
  /** Share of predictions, 0 to 1, where the most probable token was the right one. For tokens. */
  readonly accuracy?: number;
}

/** What a model says comes next, at every place of a text. */
export interface NextTokenPredictions {
  /** The most probable tokens, the first one following the text's first token. */
  readonly text: string;
  /** Share of them, 0 to 1, that are the text's own. */
  readonly accuracy: number;
  /** The same with tokens drawn from the softmax. */
  readonly sampledText: string;
  /** Share of the drawn tokens, 0 to 1, that are the text's own. */
  readonly sampledAccuracy: number;
}

/**
 * Scores the model's predictions: of each next token of a text, read as one sequence from a zero state, or of what each
 * example should give.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or examples that do not fit the model
 */
export async function evaluate(model: Model, data: Data, { signal }: EvaluateOptions = {}): Promise<Evaluation> {
  let total = 0;
  let correct = 0;
  const batches = cutForReading(model, data);
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
 * Predicts each next token of a text from the text itself up to there: the most probable one, and one drawn with the
 * model's probabilities. A model with a window sees as far as that; another begins from a zero state.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for a text too short for one prediction in every stream
 * @throws OptionError for an option that cannot be
 */
export async function predictNextTokens(
  model: Model,
  text: string | Int32Array,
  options: PredictNextTokensOptions = {},
): Promise<NextTokenPredictions> {
  const batchSize = integer("batchSize", options.batchSize ?? 1, 1, MAXIMUM_BATCH_SIZE);
  const random = new Random(checkSeed(options.seed ?? 1));
  const batches = cutForPrediction(model, text, batchSize);
  const best = new Int32Array(batches.predictionsPerEpoch);
  const drawn = new Int32Array(batches.predictionsPerEpoch);
  let correct = 0;
  let drawnCorrect = 0;
  const { size } = model.output;
  const stride = padded(size);
  await forEachChunk(model, batches, new TimeSlice(options.signal), (plan) => {
    const { kernels, floats, integers } = model.engine;
    const rows = plan.outputSteps * plan.B;
    kernels.softmax(plan.logits, rows, size, stride, 1);
    for (let r = 0; r < rows; r++) {
      const row = plan.logits / 4 + r * stride;
      const target = integers[plan.targets / 4 + r];
      const place = batches.positionOf(Math.floor(r / plan.B), r % plan.B, plan.outputSteps, plan.B);
      best[place] = argmax(floats, row, size);
      drawn[place] = sample(floats, row, size, random);
      if (best[place] === target) correct++;
      if (drawn[place] === target) drawnCorrect++;
    }
  });
  return {
    text: model.vocabulary.decode(best),
    accuracy: correct / best.length,
    sampledText: model.vocabulary.decode(drawn),
    sampledAccuracy: drawnCorrect / best.length,
  };
}

/** The mean loss per prediction on held-out data. */
export async function meanLoss(model: Model, batches: Batches, pauses: TimeSlice): Promise<number> {
  let total = 0;
  batches.cursor = 0;
  await forEachChunk(model, batches, pauses, (plan) => {
    total += model.engine.loss(plan, 0);
  });
  return total / batches.predictionsPerEpoch;
}

/** Runs the model over all chunks, from a zero state, and shows each chunk's scores. */
async function forEachChunk(
  model: Model,
  batches: Batches,
  pauses: TimeSlice,
  see: (plan: PassPlan) => void,
): Promise<void> {
  const state = model.engine.createState(batches.batchSize);
  while (batches.nextLength > 0) {
    if (pauses.isOver) await pauses.yieldToEventLoop();
    const { engine } = model;
    if (!batches.continuous) state.fill(0);
    const T = batches.nextLength;
    const plan = engine.plan(T, batches.nextBatchSize, { outputSteps: batches.returnSequences ? T : 1 });
    engine.loadBatch(batches, plan);
    engine.forward(plan, state);
    see(plan);
  }
}
