import { OptionError } from "../common/errors.js";
import {
  boolean,
  choice,
  integer,
  number,
  type OptionSpecs,
  type OptionsOf,
  optionalBoolean,
  other,
  pick,
  refuseUnknown,
  type SettledOptions,
  SIGNAL,
  settle,
} from "../common/options.js";
import type { Data } from "../model/dataset.js";
import { MAX_BATCH_SIZE } from "../model/options.js";
import { OPTIMIZER_OPTIONS } from "../optim/optimizers.js";
import { SCHEDULE_OPTIONS } from "../optim/schedule.js";

/** Guards against typing errors. */
export const MAX_SHARDS = 256;

/** What a run is made of, and keeps in its checkpoint. */
export const TRAIN_OPTIONS = {
  /** Passes over the data. */
  epochs: integer({ default: 10, min: 1 }),
  /** Sequences per update: streams that a text is read in, side by side, or examples. */
  batchSize: integer({ default: 32, min: 1, max: MAX_BATCH_SIZE, isFixed: true }),
  /** Time steps per update; 0 takes each stream of a text as one sequence. */
  sequenceLength: integer({ default: 50, min: 0, max: 2 ** 31 - 1, isFixed: true }),
  /** Share of the data, rounded, that is held out and evaluated after each epoch: a text's end, the last examples. */
  validationFraction: number({ default: 0, min: 0, below: 1, isFixed: true }),
  /**
   * Where examples have a class each, holds out the same share of every class, drawn with the model's seed. Default true; none
   * for other data, of which the end is held out.
   */
  stratify: optionalBoolean({ isFixed: true, requires: { validationFraction: "above 0" } }),
  /** Takes examples in another order in each epoch; texts are always read in order. */
  shuffle: boolean({ default: true, isFixed: true }),
  /** Epochs without a better validation loss after which training ends; 0 never ends it early. */
  patience: integer({ default: 0, min: 0, requires: { validationFraction: "above 0" } }),
  /** Share of each layer's outputs that is dropped at random. */
  dropout: number({ default: 0, min: 0, below: 1 }),
  /** Whether the gradient is the mean over an update's predictions, or their sum. */
  lossReduction: choice(["mean", "sum"], { default: "mean" }),
  /** Clips every gradient to this magnitude; 0 does not clip. */
  clipValue: number({ default: 0, min: 0 }),
  /** Scales the gradients down to this global L2 norm, after clipping by value; 0 does not clip. */
  clipNorm: number({ default: 0, min: 0 }),
  ...OPTIMIZER_OPTIONS,
  ...SCHEDULE_OPTIONS,
  /** Shards that a batch's gradient is summed over; their number decides the result's last bits. 0 chooses by batch and network. */
  gradientShards: integer({ default: 0, min: 0, max: MAX_SHARDS }),
};

const { validationFraction, patience } = TRAIN_OPTIONS;

/** {@link TRAIN_OPTIONS} of a run that has validation data of its own. */
const BESIDE_VALIDATION_DATA = {
  ...TRAIN_OPTIONS,
  validationFraction: {
    ...validationFraction,
    check(option: string, value: unknown): number {
      if (value === 0) return value;
      throw new OptionError(option, "no value beside validationData", value);
    },
  },
  patience: { ...patience, requires: {} },
};

/** Data of a run besides those that it is trained on. */
export const DATA_OPTIONS = {
  /** Data to evaluate after each epoch, in place of a held-out part. A resumed run needs the same again. */
  validationData: other<Data | undefined>((_, value) => value as Data),
};

/** How a run is carried out, which leaves no trace in its result. */
export const EXECUTION_OPTIONS = {
  /** Threads that compute the shards; 0 takes as many as are useful on this machine. */
  threads: integer({ default: 0, min: 0, max: MAX_SHARDS }),
  /** Continues the run that the model comes from, whose options then are the defaults. */
  resume: boolean({ default: false }),
  /** Ends training at the next step, with the signal's reason thrown. */
  signal: SIGNAL,
  /** Milliseconds between two `progress` reports. Default: only epochs are reported. */
  progressInterval: number({ default: Number.POSITIVE_INFINITY, min: 0 }),
};

/** How a model is trained: the options of {@link train}. */
export interface TrainOptions
  extends OptionsOf<typeof TRAIN_OPTIONS>,
    OptionsOf<typeof DATA_OPTIONS>,
    OptionsOf<typeof EXECUTION_OPTIONS> {}

/** {@link TrainOptions} that are kept with the run, with every default filled in. */
export interface TrainConfig extends SettledOptions<typeof TRAIN_OPTIONS> {}

/**
 * How a run is carried out, with every default filled in.
 *
 * @throws OptionError for a value that is not allowed, or an option that does not exist
 */
export function settleExecution(options: TrainOptions): SettledOptions<typeof EXECUTION_OPTIONS> {
  refuseUnknown(Object.keys({ ...TRAIN_OPTIONS, ...DATA_OPTIONS, ...EXECUTION_OPTIONS }), options);
  return settle(EXECUTION_OPTIONS, pick(EXECUTION_OPTIONS, options));
}

/**
 * What is kept of a run's options, with every default filled in.
 *
 * @param before the configuration of the run that is resumed
 * @param hasValidationData whether there are validation data of their own
 * @throws OptionError for a value that is not allowed, or that a resumed run cannot change
 */
export function settleTraining(
  all: TrainOptions,
  before?: TrainConfig,
  hasValidationData = all.validationData !== undefined,
): TrainConfig {
  const specs = hasValidationData ? BESIDE_VALIDATION_DATA : TRAIN_OPTIONS;
  const options = pick(specs, all);
  if (!before) return settle(specs, options);
  for (const [name, { isFixed }] of Object.entries<OptionSpecs[string]>(TRAIN_OPTIONS)) {
    const wanted = options[name as keyof TrainConfig];
    const has = before[name as keyof TrainConfig];
    if (isFixed && wanted !== undefined && wanted !== has)
      throw new OptionError(name, `${has}, as in the run that is resumed`, wanted);
  }
  // Unless it was chosen, a cosine's length follows the number of epochs.
  const scheduleEpochs =
    options.scheduleEpochs ?? (before.scheduleEpochs === before.epochs ? options.epochs : before.scheduleEpochs);
  return settle(specs, options, scheduleEpochs === undefined ? before : { ...before, scheduleEpochs });
}
