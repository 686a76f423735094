import { OptionError } from "../common/errors.js";
import type { Backend } from "../kernels/kernels.js";
import { INITIALIZATIONS, type Initialization } from "../network/initialize.js";
import { LOSSES, type LossName } from "../network/network.js";
import { OPTIMIZERS, type OptimizerName } from "../optim/optimizer.js";
import { SCHEDULES, type Schedule } from "../optim/schedule.js";

/** Beyond this, the recurrent weights alone (4·H² float32) would fill a quarter of the addressable 4 GiB. */
export const MAXIMUM_HIDDEN_SIZE = 8192;
/** A guard against typing errors, not a limit of the kernels. */
export const MAXIMUM_LAYERS = 64;
/** So is this. */
export const MAXIMUM_BATCH_SIZE = 65536;
/** And these. */
export const MAXIMUM_THREADS = 256;
const MAXIMUM_WINDOW = 1_000_000;
const MAXIMUM_OUTPUTS = 10_000_000;
const MAXIMUM_SEED = 2 ** 32 - 1;

/** What a model is made of. */
export interface ModelOptions {
  /** Hidden units of every layer. Default 128. */
  hiddenSize?: number;
  /** LSTM layers on top of one another. Default 1. */
  layers?: number;
  /** Width of a learned vector that stands for each token; 0 feeds tokens in one-hot. Default 0. */
  embeddingSize?: number;
  /** Width of the vectors that the model reads, where it reads no tokens: then there is no vocabulary. Default 0. */
  inputSize?: number;
  /**
   * Numbers that come out: scores of so many classes, or values. Default: a score for each token or class, or as many
   * values as come in.
   */
  outputSize?: number;
  /** What the outputs stand for, where the model tells sequences apart. */
  classes?: readonly string[];
  /** What outputs are compared with targets by. Default `cross-entropy` for tokens in or classes out, else `mse`. */
  loss?: LossName;
  /** Where `huber` turns from a square into a line. Default 1. */
  huberDelta?: number;
  /**
   * How many steps back the model sees. 0, the default, carries its state through a whole text; a window of W steps starts
   * from a zero state each time, and only its last step has an output.
   */
  window?: number;
  /** Which steps of a sequence have an output. Default `every`, with a window or classes `last`. */
  returnSequences?: boolean;
  /** Seeds the initial parameters and all randomness of training: an integer from 0 to 2³² − 1. Default 1. */
  seed?: number;
  /** How the weights start. Default `pytorch-uniform`. */
  initialization?: Initialization;
  /** The standard deviation of the `normal` initialisation. Default 0.01. */
  initStd?: number;
  /** What the forget gates' biases start from, in place of what the initialisation gives them. Default: no change. */
  forgetBias?: number | undefined;
  /** The kernels to use. Default `auto`: the fastest that run here. */
  backend?: Backend | "auto";
}

/** {@link ModelOptions} with every default filled in; an `outputSize` of 0 is a score for each token. */
export type ModelConfig = Readonly<Required<Omit<ModelOptions, "backend">>>;

/** How a model is trained. */
export interface TrainOptions {
  /** Passes over the text. Default 10. */
  epochs?: number;
  /** Sequences per update: streams that the text is cut into and that are read side by side, or examples. Default 32. */
  batchSize?: number;
  /** Time steps per update; 0 takes each stream as one sequence. Default 50. Windows and examples have their own. */
  sequenceLength?: number;
  /** The share of the text or the examples, at the end, that is held out and only evaluated after each epoch. Default 0. */
  validationFraction?: number;
  /** Takes examples in another order in each epoch. Default true; texts are always read in order. */
  shuffle?: boolean;
  /** Ends training after so many epochs without a better validation loss. Default: never. */
  patience?: number | undefined;
  /** The share of each layer's outputs that is left out at random while training. Default 0. */
  dropout?: number;
  /** Whether the gradient is the mean over the tokens of an update, or their sum. Default `mean`. */
  lossReduction?: "mean" | "sum";
  /** Clips every gradient to [−clipValue, clipValue]. Default: not. */
  clipValue?: number | undefined;
  /** Scales the gradients down to this global L2 norm, after clipping by value. Default: not. */
  clipNorm?: number | undefined;
  /** What turns gradients into an update. Default `adam`. */
  optimizer?: OptimizerName;
  /** The size of an update, where the schedule does not move it. Default 0.002. */
  learningRate?: number;
  /** Of `sgd`. Default 0. */
  momentum?: number;
  /** Pulls parameters towards zero. Default 0.01 for `adamw`, else 0. */
  weightDecay?: number;
  /** How the learning rate moves. Default `constant`. */
  schedule?: Schedule;
  /** Updates in which the learning rate rises from zero. Default 0. */
  warmupSteps?: number;
  /** What `step` multiplies the learning rate with. Default 0.5. */
  decayRate?: number;
  /** After how many epochs `step` does so. Default 1. */
  decayEpochs?: number;
  /** Where `cosine` ends. Default 0. */
  minLearningRate?: number;
  /** Epochs over which `cosine` falls. Default: epochs. */
  scheduleEpochs?: number;
  /**
   * Into how many parts each batch is split, each computed by a thread of its own where the host has shared memory. The bits
   * of the result depend on their number. 0, the default, takes as many as are useful here: one for a single sequence, else
   * at most one for each core. A run that goes on keeps its number.
   */
  threads?: number;
  /** Goes on with the run that the model comes from, whose options then are the defaults. Default false. */
  resume?: boolean;
  /** Ends training at the next step, with the signal's reason thrown. */
  signal?: AbortSignal;
  /** Asks for a `progress` report about every so many milliseconds. Default: only epochs are reported. */
  progressInterval?: number;
}

/** {@link TrainOptions} with every default filled in. */
export type TrainConfig = Readonly<
  Required<Omit<TrainOptions, "signal" | "resume" | "progressInterval" | "patience" | "clipValue" | "clipNorm">> &
    Record<"patience" | "clipValue" | "clipNorm", number | undefined>
>;

/** What a run that goes on cannot change: the shapes and the meaning of what it carries over depend on it. */
const FIXED = ["batchSize", "sequenceLength", "validationFraction", "optimizer", "momentum", "shuffle"] as const;

/** @throws OptionError for a value that cannot be */
export function resolveModel(options: ModelOptions): ModelConfig {
  withoutUndefined(options);
  const { forgetBias, classes = [] } = options;
  const inputSize = integer("inputSize", options.inputSize ?? 0, 0, MAXIMUM_HIDDEN_SIZE);
  const window = integer("window", options.window ?? 0, 0, MAXIMUM_WINDOW);
  const embeddingSize = integer("embeddingSize", options.embeddingSize ?? 0, 0, MAXIMUM_HIDDEN_SIZE);
  if (inputSize > 0 && embeddingSize > 0)
    throw new OptionError("embeddingSize", "0 beside an inputSize: only tokens are embedded", embeddingSize);
  const fewest = inputSize > 0 ? 1 : 0;
  const outputSize = integer(
    "outputSize",
    options.outputSize ?? (classes.length || inputSize),
    fewest,
    MAXIMUM_OUTPUTS,
  );
  const isValues = inputSize > 0 && classes.length === 0;
  const loss = oneOf("loss", options.loss ?? (isValues ? "mse" : "cross-entropy"), LOSSES);
  if (loss !== "cross-entropy" && classes.length > 0)
    throw new OptionError("loss", "cross-entropy beside classes", loss);
  if (loss !== "cross-entropy" && outputSize === 0)
    throw new OptionError("outputSize", `the number of values beside the loss ${loss}`, outputSize);
  if (
    !Array.isArray(classes) ||
    classes.some((name) => typeof name !== "string") ||
    new Set(classes).size < classes.length
  )
    throw new OptionError("classes", "an array of different names", classes);
  if (classes.length > 0 && outputSize !== classes.length)
    throw new OptionError("outputSize", `${classes.length}, one for each class`, outputSize);
  return {
    hiddenSize: integer("hiddenSize", options.hiddenSize ?? 128, 1, MAXIMUM_HIDDEN_SIZE),
    layers: integer("layers", options.layers ?? 1, 1, MAXIMUM_LAYERS),
    embeddingSize,
    inputSize,
    outputSize,
    classes,
    loss,
    huberDelta: positive("huberDelta", options.huberDelta ?? 1),
    window,
    returnSequences: flag("returnSequences", options.returnSequences ?? (window === 0 && classes.length === 0)),
    seed: seed(options.seed ?? 1),
    initialization: oneOf("initialization", options.initialization ?? "pytorch-uniform", INITIALIZATIONS),
    initStd: positive("initStd", options.initStd ?? 0.01),
    forgetBias:
      forgetBias === undefined
        ? undefined
        : number("forgetBias", forgetBias, "a float32 number", (x) => Math.abs(x) < 3.4e38),
  };
}

/**
 * @param before the configuration of the run that goes on
 * @throws OptionError for a value that cannot be, or that such a run cannot change
 */
export function resolveTraining(options: TrainOptions, before?: TrainConfig): TrainConfig {
  const given = withoutUndefined(options);
  for (const name of FIXED) {
    const wanted = given[name];
    if (before && wanted !== undefined && wanted !== before[name])
      throw new OptionError(name, `${before[name]}, as in the run that goes on`, wanted);
  }
  const o: TrainOptions = { ...before, ...given };
  // Unless it was chosen, a cosine's length follows the number of epochs.
  if (before && given.scheduleEpochs === undefined && before.scheduleEpochs === before.epochs) delete o.scheduleEpochs;
  const optimizer = oneOf("optimizer", o.optimizer ?? "adam", OPTIMIZERS);
  const epochs = integer("epochs", o.epochs ?? 10, 1);
  if (o.patience !== undefined && !o.validationFraction)
    throw new OptionError("patience", "a validationFraction above 0 beside it", o.patience);
  if (o.momentum && optimizer !== "sgd") throw new OptionError("momentum", "the optimizer sgd beside it", o.momentum);
  const fraction = "a number from 0 to below 1";
  return {
    epochs,
    batchSize: integer("batchSize", o.batchSize ?? 32, 1, MAXIMUM_BATCH_SIZE),
    sequenceLength: integer("sequenceLength", o.sequenceLength ?? 50, 0, 2 ** 31 - 1),
    validationFraction: number("validationFraction", o.validationFraction ?? 0, fraction, (x) => x >= 0 && x < 1),
    shuffle: flag("shuffle", o.shuffle ?? true),
    patience: o.patience === undefined ? undefined : integer("patience", o.patience, 1),
    dropout: number("dropout", o.dropout ?? 0, fraction, (x) => x >= 0 && x < 1),
    lossReduction: oneOf("lossReduction", o.lossReduction ?? "mean", ["mean", "sum"]),
    threads: integer("threads", o.threads ?? 0, 0, MAXIMUM_THREADS),
    clipValue: o.clipValue === undefined ? undefined : positive("clipValue", o.clipValue),
    clipNorm: o.clipNorm === undefined ? undefined : positive("clipNorm", o.clipNorm),
    optimizer,
    learningRate: positive("learningRate", o.learningRate ?? 0.002),
    momentum: number("momentum", o.momentum ?? 0, fraction, (x) => x >= 0 && x < 1),
    weightDecay: notNegative("weightDecay", o.weightDecay ?? (optimizer === "adamw" ? 0.01 : 0)),
    schedule: oneOf("schedule", o.schedule ?? "constant", SCHEDULES),
    warmupSteps: integer("warmupSteps", o.warmupSteps ?? 0, 0),
    decayRate: positive("decayRate", o.decayRate ?? 0.5),
    decayEpochs: integer("decayEpochs", o.decayEpochs ?? 1, 1),
    minLearningRate: notNegative("minLearningRate", o.minLearningRate ?? 0),
    scheduleEpochs: integer("scheduleEpochs", o.scheduleEpochs ?? epochs, 1),
  };
}

/**
 * The options that were given. One that is undefined was not.
 *
 * @throws OptionError for one that is null
 */
function withoutUndefined<Options extends object>(options: Options): Options {
  for (const [name, value] of Object.entries(options))
    if (value === null) throw new OptionError(name, "a value, or nothing", value);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** @throws OptionError unless `value` is an integer from `low` to `high` */
export function integer(option: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`;
  throw new OptionError(option, `an integer ${range}`, value);
}

/** @throws OptionError unless `value` is an integer that seeds the generator */
export function seed(value: number): number {
  return integer("seed", value, 0, MAXIMUM_SEED);
}

/** @throws OptionError unless `value` is a finite number above 0 */
export function positive(option: string, value: number): number {
  return number(option, value, "a number above 0", (x) => x > 0);
}

/** @throws OptionError unless `value` is a boolean */
export function flag(option: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new OptionError(option, "true or false", value);
}

function notNegative(option: string, value: number): number {
  return number(option, value, "a number of at least 0", (x) => x >= 0);
}

/** @throws OptionError unless `value` is a finite number that `fits` */
export function number(option: string, value: number, expected: string, fits: (value: number) => boolean): number {
  if (Number.isFinite(value) && fits(value)) return value;
  throw new OptionError(option, expected, value);
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new OptionError(option, `one of ${allowed.join(", ")}`, value);
}
