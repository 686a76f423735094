import { OptionError } from "../common/errors.js";
import { naturalLogarithm } from "../common/exact-math.js";
import { Random } from "../common/random.js";
import type { Example } from "../data/examples.js";
import { evaluate } from "../inference/evaluate.js";
import { createModel, type Model } from "../model/model.js";
import type { TrainOptions } from "../training/options.js";
import { stratified } from "../training/stratified.js";
import { awaitable, type TrainReport, train } from "../training/train.js";
import { describe, examplesOf, getClassifier, type ValidationFigures } from "./classifier.js";
import { CLASSIFIER_RECIPE } from "./recipe.js";
import { StandardScaler } from "./scaler.js";
import type { LabeledSequences } from "./sequences.js";

/** Options of {@link trainClassifier}: those of train, except `validationData`. */
export type ClassifierTrainOptions = Omit<TrainOptions, "validationData">;

/** A report on the progress of training a classifier. */
export type ClassifierReport = TrainReport & {
  /** `search` while the number of epochs is chosen, with a model that is then left; after that `training`. */
  readonly phase: "search" | "training";
};

/** A run of training: to iterate over its reports, or to await the last of them. */
export interface ClassifierTraining
  extends AsyncGenerator<ClassifierReport, void, void>,
    PromiseLike<ClassifierReport> {}

/** The fraction of the sequences that is held out to choose the number of epochs. */
const HELD_OUT = 0.2;
/** How many epochs the training has for each that the search found best: its learning rate falls to zero meanwhile. */
const STRETCH = 1.5;
/** Updates that the training makes at least. */
const SHORTEST = 500;
/** Updates without a better loss after which the search ends, and epochs of at least as many. */
const PATIENCE = { updates: 300, epochs: 10 };
/**
 * Once the loss is below this share of what guessing costs, it must have fallen by this much within the patience: later, the
 * classifier hardly changes, and the noise of a few held-out sequences would decide.
 */
const NOTICEABLE = { below: 0.5, fall: 0.05 };
/** Updates that the search makes at most, and epochs of at least as many. */
const LONGEST = { updates: 3000, epochs: 50 };

/**
 * Trains a classifier. Unless `epochs` says for how long, that is chosen first: another model is trained without a fifth
 * of the sequences, the same fraction of each class (`validationFraction`), until the loss on these has not fallen for
 * `patience` epochs, or by less than a twentieth once it is below half of that of guessing. Then the classifier is trained on all sequences, for half as many epochs again as were best and 500
 * updates at least, and keeps the figures of the other model on those that were held out.
 *
 * Defaults: batches of 16, a learning rate of 0.003 that falls to zero along a cosine, dropout 0.2, gradients clipped to
 * the norm 1.
 *
 * @throws as train
 * @throws InputError for a model that was not made by createClassifier, or sequences that do not fit it
 */
export function trainClassifier(
  model: Model,
  data: LabeledSequences,
  options: ClassifierTrainOptions = {},
): ClassifierTraining {
  if (typeof options !== "object" || options === null) throw new OptionError("options", "an object", options);
  let last: ClassifierReport | undefined;

  async function* reports(): AsyncGenerator<ClassifierReport, void, void> {
    const isChosen = options.epochs === undefined && !options.resume;
    const epochs = isChosen ? yield* chooseEpochs(model, data, options) : options.epochs;
    const final = options.resume ? options : finalOptions(options, epochs);
    const training = train(model, examplesOf(model, data), final);
    for await (const report of training) {
      last = { ...report, phase: "training" };
      yield last;
    }
    // A resumed run may have had nothing left to do.
    last = { ...(await training), phase: "training" };
  }

  return awaitable(reports(), () => last);
}

/** Training options with the defaults of classifiers. */
const withRecipe = (options: ClassifierTrainOptions): TrainOptions => ({
  ...CLASSIFIER_RECIPE.training,
  ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
});

/**
 * The options of the training itself, with the defaults of classifiers.
 *
 * @param epochs the number that was chosen; the part that was held out for that is then trained on, too
 */
export function finalOptions(options: ClassifierTrainOptions, epochs?: number): TrainOptions {
  const final = withRecipe(options);
  if (options.epochs !== undefined) return final;
  const { validationFraction: _, patience: __, ...others } = final;
  return { ...others, epochs };
}

/** How long the search for the number of epochs goes on. */
export function searchLength({ sequences }: LabeledSequences, options: ClassifierTrainOptions) {
  const { validationFraction = HELD_OUT, patience } = options;
  const updates = updatesOf(sequences.length * (1 - validationFraction), withRecipe(options));
  return {
    patience: patience ?? Math.max(PATIENCE.epochs, Math.ceil(PATIENCE.updates / updates)),
    epochs: Math.max(LONGEST.epochs, Math.ceil(LONGEST.updates / updates)),
  };
}

/** Updates in an epoch. */
const updatesOf = (sequences: number, { batchSize = 1, accumulate = 1 }: TrainOptions): number =>
  Math.max(1, Math.ceil(sequences / (batchSize * accumulate)));

/** The examples that training holds out, of those of {@link examplesOf}. */
export function heldOutOf(model: Model, examples: readonly Example[], fraction: number): Example[] {
  const held = Math.round(examples.length * fraction);
  const chosen = stratified(examples, held, new Random(model.config.seed));
  return examples.filter((_, i) => chosen.has(i));
}

/**
 * Chooses for how many epochs to train a classifier, and keeps with it how the search went. The classifier is not trained.
 *
 * @throws as {@link trainClassifier}
 */
export async function* chooseEpochs(
  model: Model,
  data: LabeledSequences,
  options: ClassifierTrainOptions = {},
): AsyncGenerator<ClassifierReport, number, void> {
  const { validationFraction = HELD_OUT, ...others } = options;
  const description = getClassifier(model);
  const [kept, held] = splitClasses(model, data, validationFraction);
  const scratch = await createModel({ ...model.config, backend: model.backend });
  try {
    const scaler = StandardScaler.fit(kept.sequences, kept.dimensions);
    const reading = { scaler, frame: description.frame ?? 1 };
    const validationData = examplesOf(scratch, held, reading);
    const { schedule = "constant" } = others;
    const search = { ...withRecipe(others), ...searchLength(data, options), schedule, validationData };
    let best = 1;
    /** The least loss up to each epoch. */
    const least: number[] = [];
    for await (const report of train(scratch, examplesOf(scratch, kept, reading), search)) {
      best = report.bestEpoch ?? best;
      yield { ...report, phase: "search" };
      if (report.event !== "epoch") continue;
      least.push(Math.min(least.at(-1) ?? Number.POSITIVE_INFINITY, report.validationLoss!));
      if (hardlyFalls(least, search.patience, model.config.classes.length)) break;
    }
    const { loss, accuracy = 0, confusion } = await evaluate(scratch, validationData, { signal: options.signal });
    const validation: ValidationFigures = {
      ...{ epochs: best, sequences: held.sequences.length, loss, accuracy },
      ...(confusion ? { confusion } : {}),
    };
    describe(model, { ...description, validation });
    const shortest = SHORTEST / updatesOf(data.sequences.length, withRecipe(others));
    return Math.ceil(Math.max(STRETCH * best, shortest));
  } finally {
    scratch.free();
  }
}

/** Whether a loss has all but stopped falling ({@link NOTICEABLE}). */
function hardlyFalls(least: readonly number[], patience: number, classes: number): boolean {
  const before = least.at(-1 - patience);
  const now = least.at(-1)!;
  const { below, fall } = NOTICEABLE;
  return before !== undefined && now < below * naturalLogarithm(classes) && now > (1 - fall) * before;
}

/** Sequences without a held-out part, and that part: the same fraction of each class. */
function splitClasses(
  model: Model,
  data: LabeledSequences,
  fraction: number,
): readonly [LabeledSequences, LabeledSequences] {
  const { sequences } = data;
  const held = Math.round(sequences.length * fraction);
  if (!(fraction > 0 && fraction < 1) || held === 0 || held === sequences.length)
    throw new OptionError(
      "validationFraction",
      `a fraction of the ${sequences.length} sequences, or \`epochs\`, to train on all of them for as long`,
      fraction,
    );
  const chosen = stratified(examplesOf(model, data), held, new Random(model.config.seed));
  const part = (isHeld: boolean) => ({ ...data, sequences: sequences.filter((_, i) => chosen.has(i) === isHeld) });
  return [part(false), part(true)];
}
