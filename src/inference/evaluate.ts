import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import { UNK_INDEX } from "../data/vocabulary.js";
import { padded } from "../kernels/kernels.js";
import { type Data, isText, predictionBatches, READING_STEPS, readingBatches } from "../model/dataset.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, SEED } from "../model/options.js";
import type { PassPlan } from "../network/plan.js";
import { checkFinite } from "./finite.js";
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
  /** Fraction of the target tokens that are `<unk>`. The other figures include these. For a vocabulary with `<unk>`. */
  readonly unknown?: number;
  /** The figures without targets that are `<unk>`; absent if all are. */
  readonly known?: Required<Pick<Evaluation, "predictions" | "loss" | "perplexity" | "accuracy">>;
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
 * @throws LstmError if the model's weights are so large that its outputs overflow
 */
export async function evaluate<Reads extends InputKind>(
  model: Model<Reads>,
  data: Data<Reads>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkModel(model);
  const { signal } = settle(EVALUATE_OPTIONS, options);
  const batches = readingBatches(model, data);
  const { kind, size } = model.output;
  const vocabulary = isText(data) ? model.vocabulary : undefined;
  const hasUnkToken = vocabulary?.hasUnkToken ?? false;
  const all = new Tally();
  const known = new Tally();
  await forEachChunk(model, batches, new TimeSlice(signal), (plan) => {
    const { engine } = model;
    const { floats, integers } = engine;
    const targets = plan.targets / 4;
    const rows = plan.outputSteps * plan.B;
    let start = 0;
    for (let r = 0; kind === "categorical" && r < rows; r++) {
      const isUnknown = hasUnkToken && integers[targets + r] === UNK_INDEX;
      const hit = argmax(floats, plan.logits / 4 + r * padded(size), size) === integers[targets + r] ? 1 : 0;
      all.correct += hit;
      if (!isUnknown) known.correct += hit;
      // The kernel sums over rows, so it is called once per run of rows of the same kind.
      const isNextUnknown = hasUnkToken && integers[targets + r + 1] === UNK_INDEX;
      if (r + 1 < rows && isNextUnknown === isUnknown) continue;
      const loss = engine.loss(rowsOf(plan, start, r + 1, padded(size)), 0);
      all.add(loss, r + 1 - start);
      if (!isUnknown) known.add(loss, r + 1 - start);
      start = r + 1;
    }
    if (kind === "continuous") all.add(engine.loss(plan, 0), rows);
  });
  checkFinite([all.loss]);
  const { predictions, loss } = all;
  if (kind === "continuous") return { predictions, loss };
  return {
    ...all.figures,
    ...(vocabulary?.level === "char" ? { bitsPerCharacter: loss / Math.LN2 } : {}),
    ...(hasUnkToken ? { unknown: 1 - known.predictions / predictions } : {}),
    ...(hasUnkToken && known.predictions > 0 ? { known: known.figures } : {}),
  };
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

/** Predictions counted together. */
class Tally {
  predictions = 0;
  correct = 0;
  private total = 0;

  add(loss: number, predictions: number): void {
    this.total += loss;
    this.predictions += predictions;
  }

  get loss(): number {
    return this.total / this.predictions;
  }

  get figures() {
    const { predictions, loss, correct } = this;
    return { predictions, loss, perplexity: Math.exp(loss), accuracy: correct / predictions };
  }
}

/** A pass's outputs restricted to rows `from` to `to` − 1, one row per token or class target. */
const rowsOf = (plan: PassPlan, from: number, to: number, stride: number): PassPlan => ({
  ...plan,
  logits: plan.logits + 4 * from * stride,
  targets: plan.targets + 4 * from,
  outputSteps: to - from,
  B: 1,
});

/** The mean loss per prediction on held-out data. */
export async function meanLoss(model: Model, batches: Batches, timeSlice: TimeSlice): Promise<number> {
  let total = 0;
  batches.cursor = 0;
  await forEachChunk(model, batches, timeSlice, (plan) => {
    total += model.engine.loss(plan, 0);
  });
  return total / batches.predictionsPerEpoch;
}

/**
 * Runs the model over all chunks, from a zero state, and passes the plan of each to a callback. Long chunks are run in parts,
 * so that the memory for activations is bounded.
 */
async function forEachChunk(
  model: Model,
  batches: Batches,
  timeSlice: TimeSlice,
  visit: (plan: PassPlan) => void,
): Promise<void> {
  const { batchSize } = batches;
  // Plan first: the carried state may be as large as all that a step needs.
  model.engine.plan(1, batchSize, { outputSteps: 1 });
  const state = model.engine.createState(batchSize);
  while (batches.nextLength > 0) {
    const { nextLength: T, nextBatchSize: B, returnSequences } = batches;
    if (!batches.continuous) state.fill(0);
    for (let from = 0; from < T; from += READING_STEPS) {
      if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
      const { engine } = model;
      const to = Math.min(T, from + READING_STEPS);
      const plan = engine.plan(to - from, B, { outputSteps: returnSequences ? to - from : 1 });
      batches.writeNext({ floats: engine.floats, integers: engine.integers, ...plan }, from, to);
      engine.forward(plan, state);
      if (returnSequences || to === T) visit(plan);
    }
  }
}
