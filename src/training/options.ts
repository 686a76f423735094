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
import type { ClassWeights } from "../data/examples.js";
import type { ProcessGroup } from "../inference/process-group.js";
import type { Data } from "../model/dataset.js";
import { MAX_BATCH_SIZE } from "../model/options.js";
import { OPTIMIZER_OPTIONS } from "../optim/optimizers.js";
import { SCHEDULE_OPTIONS } from "../optim/schedule.js";
import { checkClassWeights } from "./class-weights.js";
import { checkFrozen } from "./frozen.js";
import { isTrainingGroup } from "./process-group.js";

/** Guards against typos. */
export const MAX_SHARDS = 256;

/** Options that define a run, and are saved in its checkpoint. */
export const TRAIN_OPTIONS = {
  /** Passes over the data. */
  epochs: integer({ default: 10, min: 1 }),
  /** Sequences per update: parallel streams of a text, or examples. */
  batchSize: integer({ default: 32, min: 1, max: MAX_BATCH_SIZE, isFixed: true }),
  /** Time steps per update; 0 reads each stream of a text as one sequence. */
  sequenceLength: integer({ default: 50, min: 0, max: 2 ** 31 - 1, isFixed: true }),
  /** Fraction of the data, at the end, that is held out and evaluated after each epoch. Classes are stratified. */
  validationFraction: number({ default: 0, min: 0, below: 1, isFixed: true }),
  /** Holds out the same fraction of each class, at random by the model's seed. Default: if each example has one class. */
  stratify: optionalBoolean({ isFixed: true, requires: { validationFraction: "above 0" } }),
  /** Reads examples in a new random order each epoch; texts are always read in order. */
  shuffle: boolean({ default: true, isFixed: true }),
  /** Epochs without a better validation loss before training stops early, with held-out or validation data; 0 never. */
  patience: integer({ default: 0, min: 0, requires: { validationFraction: "above 0" } }),
  /** What the loss of each class is multiplied by: a list by class, or an object by name. Default: 1 for all. */
  classWeights: other<ClassWeights | Readonly<Record<string, number>>>(checkClassWeights, { default: [] }),
  /** Dropout probability of each layer's outputs. */
  dropout: number({ default: 0, min: 0, below: 1 }),
  /** Whether the loss of an update is the mean or the sum over its predictions. */
  lossReduction: choice(["mean", "sum"], { default: "mean" }),
  /** Batches per update, whose gradients are accumulated as if they were one batch. */
  accumulate: integer({ default: 1, min: 1, max: 65536, isFixed: true }),
  /** Tensors that keep their values: their names, or how these start, such as lstm.weight_hh. */
  frozen: other<readonly string[]>(checkFrozen, { default: [] }),
  /** Clips each gradient element to this magnitude; 0 disables clipping by value. */
  clipValue: number({ default: 0, min: 0 }),
  /** Clips the gradients to this global L2 norm, after clipping by value; 0 disables clipping by norm. */
  clipNorm: number({ default: 0, min: 0 }),
  ...OPTIMIZER_OPTIONS,
  ...SCHEDULE_OPTIONS,
  /** Shards that a batch is split into, which affects the last bits of the result; 0 chooses by batch and network. */
  gradientShards: integer({ default: 0, min: 0, max: MAX_SHARDS }),
};

const { validationFraction, patience } = TRAIN_OPTIONS;

/** {@link TRAIN_OPTIONS} of a run with separate validation data. */
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

/** Data besides the training data. */
export const DATA_OPTIONS = {
  /** Data to evaluate after each epoch, instead of a held-out part. A resumed run needs the same again. */
  validationData: other<Data | undefined>((_, value) => value as Data),
};

/** How a run is carried out, which leaves no trace in its result. */
export const EXECUTION_OPTIONS = {
  /** Number of threads; 0 takes as many as are useful on this machine. */
  threads: integer({ default: 0, min: 0, max: MAX_SHARDS }),
  /** Processes that share the run, from `initMpi` of `lstm-wasm/mpi`: each makes the same calls on the same data. */
  processGroup: other<ProcessGroup | undefined>((option, value) => {
    if (isTrainingGroup(value)) return value;
    throw new OptionError(option, "what initMpi of lstm-wasm/mpi gives", value);
  }),
  /** Resumes the model's run, whose options become the defaults. */
  resume: boolean({ default: false }),
  /** Aborts training at the next step, with the signal's reason. */
  signal: SIGNAL,
  /** Milliseconds between `progress` reports. Default: reports epochs only. */
  progressInterval: number({ default: Number.POSITIVE_INFINITY, min: 0 }),
};

/** How a model is trained: the options of {@link train}. */
export interface TrainOptions
  extends OptionsOf<typeof TRAIN_OPTIONS>,
    OptionsOf<typeof DATA_OPTIONS>,
    OptionsOf<typeof EXECUTION_OPTIONS> {}

/** The {@link TrainOptions} that are saved with the run, with every default filled in. */
export interface TrainConfig extends SettledOptions<typeof TRAIN_OPTIONS> {}

/**
 * Validates the options of how a run is executed, and fills in defaults.
 *
 * @throws OptionError for an invalid option value or an unknown option
 */
export function settleExecution(options: TrainOptions): SettledOptions<typeof EXECUTION_OPTIONS> {
  refuseUnknown(Object.keys({ ...TRAIN_OPTIONS, ...DATA_OPTIONS, ...EXECUTION_OPTIONS }), options);
  return settle(EXECUTION_OPTIONS, pick(EXECUTION_OPTIONS, options));
}

/** The declarations of a run's options. @param hasValidationData whether there are separate validation data */
export const trainingSpecs = (hasValidationData: boolean): typeof TRAIN_OPTIONS =>
  hasValidationData ? BESIDE_VALIDATION_DATA : TRAIN_OPTIONS;

/**
 * Validates the options that are saved with a run, and fills in defaults.
 *
 * @param before the configuration of the run that is resumed
 * @param hasValidationData whether there are separate validation data
 * @throws OptionError for a value that is not allowed, or that a resumed run cannot change
 */
export function settleTraining(
  all: TrainOptions,
  before?: TrainConfig,
  hasValidationData = all.validationData !== undefined,
): TrainConfig {
  const specs = trainingSpecs(hasValidationData);
  const options = pick(specs, all);
  if (!before) return settle(specs, options);
  for (const [name, { isFixed }] of Object.entries<OptionSpecs[string]>(TRAIN_OPTIONS)) {
    const wanted = options[name as keyof TrainConfig];
    const has = before[name as keyof TrainConfig];
    if (isFixed && wanted !== undefined && wanted !== has)
      throw new OptionError(name, `${has}, as in the resumed run`, wanted);
  }
  // Unless set, the length of the cosine follows the number of epochs.
  const scheduleEpochs =
    options.scheduleEpochs ?? (before.scheduleEpochs === before.epochs ? options.epochs : before.scheduleEpochs);
  return settle(specs, options, scheduleEpochs === undefined ? before : { ...before, scheduleEpochs });
}
