import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import { IGNORED } from "../data/examples.js";
import { UNK_INDEX } from "../data/vocabulary.js";
import { padded } from "../kernels/kernels.js";
import { type Data, isText, predictionBatches, readingBatches } from "../model/dataset.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, SEED, THREADS } from "../model/options.js";
import { lossOf } from "../network/loss.js";
import type { PassPlan } from "../network/plan.js";
import { forEachChunk } from "./chunks.js";
import { type ClassFigures, ConfusionMatrix } from "./confusion.js";
import { checkFinite } from "./finite.js";
import { argmax, sample } from "./sampling.js";

/** Options of {@link evaluate}. */
export const EVALUATE_OPTIONS = {
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Aborts the evaluation with the signal's reason. */
  signal: SIGNAL,
};

/** Options of {@link predictNextTokens}. */
export const NEXT_TOKENS_OPTIONS = {
  /** Streams that the text is split into, as in training with this batch size. */
  batchSize: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Seed of the sampled predictions. */
  seed: SEED,
  /** Aborts with the signal's reason. */
  signal: SIGNAL,
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
  /**
   * How often a target of each class (row) was predicted as each class (column), as in scikit-learn. For examples with at
   * most 1000 classes.
   */
  readonly confusion?: readonly (readonly number[])[];
  /** Precision and recall of each class. With `confusion`. */
  readonly classes?: readonly ClassFigures[];
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
  const { threads, signal } = settle(EVALUATE_OPTIONS, options);
  const batches = await readingBatches(model, data);
  const { kind, size } = model.output;
  const vocabulary = isText(data) ? model.vocabulary : undefined;
  const hasUnkToken = vocabulary?.hasUnkToken ?? false;
  const confusion = kind === "categorical" && !isText(data) ? ConfusionMatrix.of(size) : undefined;
  const all = new Tally();
  const known = new Tally();
  await forEachChunk(
    model,
    batches,
    { timeSlice: new TimeSlice(signal), parts: { threads, name: "evaluation" } },
    (plan) => {
      const { engine } = model;
      const { floats, integers } = engine;
      const { targets, logits, weights, outputRows } = plan;
      let start = 0;
      for (let r = 0; kind === "categorical" && r < outputRows; r++) {
        const target = integers[targets / 4 + r]!;
        const isUnknown = hasUnkToken && target === UNK_INDEX;
        const tallies = isUnknown ? [all] : [all, known];
        if (target !== IGNORED) {
          const predicted = argmax(floats, logits / 4 + r * padded(size), size);
          const isHit = predicted === target;
          confusion?.add(target, predicted);
          const weight = weights ? floats[weights / 4 + r]! : 1;
          for (const tally of tallies) tally.count(isHit, weight);
        }
        // The kernel sums over rows, so it is called once per run of rows of the same kind.
        const isNextUnknown = hasUnkToken && integers[targets / 4 + r + 1] === UNK_INDEX;
        if (r + 1 < outputRows && isNextUnknown === isUnknown) continue;
        const loss = lossOf(engine, rowsOf(plan, start, r + 1, padded(size)), 0);
        for (const tally of tallies) tally.total += loss;
        start = r + 1;
      }
      if (kind === "categorical") return;
      all.predictions += valueRows(plan, floats, size);
      all.total += lossOf(engine, plan, 0);
    },
  );
  const { predictions } = all;
  const loss = all.total / batches.predictionsPerEpoch;
  checkFinite([loss]);
  if (kind === "continuous") return { predictions, loss };
  return {
    ...all.figures,
    ...(confusion ? { confusion: confusion.rows, classes: confusion.figures(model.config.classes) } : {}),
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
  checkModel(model);
  const { batchSize, seed, signal } = settle(NEXT_TOKENS_OPTIONS, options);
  const random = new Random(seed);
  const batches = predictionBatches(model, text, batchSize);
  const best = new Int32Array(batches.predictionsPerEpoch);
  const sampled = new Int32Array(batches.predictionsPerEpoch);
  let correct = 0;
  let sampledCorrect = 0;
  const { size } = model.output;
  const stride = padded(size);
  await forEachChunk(model, batches, { timeSlice: new TimeSlice(signal) }, (plan) => {
    const { kernels, floats, integers } = model.engine;
    kernels.softmax(plan.logits, plan.outputRows, size, stride, 1);
    for (let r = 0; r < plan.outputRows; r++) {
      const row = plan.logits / 4 + r * stride;
      const target = integers[plan.targets / 4 + r];
      const place = batches.positionOf(Math.floor(r / plan.B), r % plan.B);
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
  /** The sum of the weighted losses, and of their weights. */
  total = 0;
  private weight = 0;
  private correct = 0;

  count(isHit: boolean, weight: number): void {
    this.predictions++;
    this.weight += weight;
    if (isHit) this.correct++;
  }

  get loss(): number {
    return this.total / this.weight;
  }

  get figures() {
    const { predictions, loss, correct } = this;
    return { predictions, loss, perplexity: Math.exp(loss), accuracy: correct / predictions };
  }
}

/** The outputs of a pass that are rows `from` to `to` − 1, as if they were all; a row of tokens or classes each. */
const rowsOf = (plan: PassPlan, from: number, to: number, stride: number): PassPlan => ({
  ...plan,
  logits: plan.logits + 4 * from * stride,
  targets: plan.targets + 4 * from,
  weights: plan.weights && plan.weights + 4 * from,
  outputRows: to - from,
});

/** The number of rows with a target that counts. */
function valueRows({ targets, outputRows }: PassPlan, floats: Float32Array, size: number): number {
  let rows = 0;
  for (let r = 0; r < outputRows; r++) {
    const row = targets / 4 + r * padded(size);
    if (!floats.subarray(row, row + size).every(Number.isNaN)) rows++;
  }
  return rows;
}
