import { OptionError } from "./errors.js";
import type { Initialization } from "./initialize.js";
import { INITIALIZATIONS } from "./initialize.js";
import { BACKENDS, type Backend } from "./kernels/kernels.js";
import { OPTIMIZERS, type OptimizerName } from "./optimizer.js";

/** Beyond this, the recurrent weights alone (4·H² float32) would fill a quarter of the addressable 4 GiB. */
export const MAXIMUM_HIDDEN_SIZE = 8192;
/** A guard against typing errors, not a limit of the kernels. */
export const MAXIMUM_LAYERS = 64;
/** So is this. */
export const MAXIMUM_BATCH_SIZE = 65536;
const MAXIMUM_SEED = 2 ** 32 - 1;

/** What a model is made of. */
export interface ModelOptions {
  /** Hidden units of every layer. Default 128. */
  hiddenSize?: number;
  /** LSTM layers on top of one another. Default 1. */
  layers?: number;
  /** Seeds the initial parameters: an integer from 0 to 2³² − 1. Default 1. */
  seed?: number;
  /** How the weights start. Default `pytorch-uniform`. */
  initialization?: Initialization;
  /** The standard deviation of the `normal` initialisation. Default 0.01. */
  initializationDeviation?: number;
  /** What the forget gates' biases start from, in place of what the initialisation gives them. Default: no change. */
  forgetBias?: number;
  /** The kernels to use. Default `auto`: the fastest that run here. */
  backend?: Backend | "auto";
}

/** {@link ModelOptions} with every default filled in. */
export type ModelConfig = Required<Omit<ModelOptions, "forgetBias" | "backend">> & {
  forgetBias: number | undefined;
};

/** How a model is trained. */
export interface TrainOptions {
  /** Passes over the text. Default 10. */
  epochs?: number;
  /** Streams that the text is cut into and that are read side by side. Default 32. */
  batchSize?: number;
  /** Time steps per update; 0 takes each stream as one sequence. Default 50. */
  sequenceLength?: number;
  /** Default `adam`. */
  optimizer?: OptimizerName;
  /** Default 0.002. */
  learningRate?: number;
  /** Whether the gradient is the mean over the tokens of an update, or their sum. Default `mean`. */
  lossReduction?: "mean" | "sum";
  /** Clips every gradient to [−clipValue, clipValue]. Default: not. */
  clipValue?: number | undefined;
  /** Scales the gradients down to this global L2 norm, after clipping by value. Default: not. */
  clipNorm?: number | undefined;
  /** Ends training at the next step, with the signal's reason thrown. */
  signal?: AbortSignal;
  /** Asks for a `progress` report about every so many milliseconds. Default: only epochs are reported. */
  progressInterval?: number;
}

/** {@link TrainOptions} with every default filled in. */
export type TrainConfig = Required<Omit<TrainOptions, "clipValue" | "clipNorm" | "signal" | "progressInterval">> & {
  clipValue: number | undefined;
  clipNorm: number | undefined;
};

/** @throws OptionError for a value that cannot be */
export function resolveModel(options: ModelOptions): ModelConfig {
  return {
    hiddenSize: integer("hiddenSize", options.hiddenSize ?? 128, 1, MAXIMUM_HIDDEN_SIZE),
    layers: integer("layers", options.layers ?? 1, 1, MAXIMUM_LAYERS),
    seed: seed(options.seed ?? 1),
    initialization: oneOf("initialization", options.initialization ?? "pytorch-uniform", INITIALIZATIONS),
    initializationDeviation: positive("initializationDeviation", options.initializationDeviation ?? 0.01),
    forgetBias: options.forgetBias === undefined ? undefined : finite("forgetBias", options.forgetBias),
  };
}

/** @throws OptionError for a value that cannot be */
export function resolveTraining(options: TrainOptions): TrainConfig {
  const { clipValue, clipNorm } = options;
  return {
    epochs: integer("epochs", options.epochs ?? 10, 1, Number.MAX_SAFE_INTEGER),
    batchSize: integer("batchSize", options.batchSize ?? 32, 1, MAXIMUM_BATCH_SIZE),
    sequenceLength: integer("sequenceLength", options.sequenceLength ?? 50, 0, 2 ** 31 - 1),
    optimizer: oneOf("optimizer", options.optimizer ?? "adam", OPTIMIZERS),
    learningRate: positive("learningRate", options.learningRate ?? 0.002),
    lossReduction: oneOf("lossReduction", options.lossReduction ?? "mean", ["mean", "sum"]),
    clipValue: clipValue === undefined ? undefined : positive("clipValue", clipValue),
    clipNorm: clipNorm === undefined ? undefined : positive("clipNorm", clipNorm),
  };
}

/** @throws OptionError unless `value` names a backend or is `auto` */
export function resolveBackend(value: Backend | "auto" = "auto"): Backend | "auto" {
  return oneOf("backend", value, ["auto", ...BACKENDS]);
}

/** @throws OptionError unless `value` is an integer from `low` to `high` */
export function integer(option: string, value: number, low: number, high: number): number {
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
  if (Number.isFinite(value) && value > 0) return value;
  throw new OptionError(option, "a number above 0", value);
}

function finite(option: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new OptionError(option, "a finite number", value);
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new OptionError(option, `one of ${allowed.join(", ")}`, value);
}
