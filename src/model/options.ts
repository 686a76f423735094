import { OptionError } from "../common/errors.js";
import {
  boolean,
  choice,
  integer,
  number,
  type OptionSpec,
  type OptionsOf,
  optionalNumber,
  other,
  pick,
  refuseUnknown,
  type SettledOptions,
  settle,
} from "../common/options.js";
import { MAX_SEED } from "../common/validate.js";
import { BACKENDS } from "../kernels/kernels.js";
import { INITIALIZATIONS } from "../network/initialize.js";
import { LOSSES } from "../network/loss.js";
import { HEADS, outputSizeOf } from "../network/shape.js";

/** Beyond this, the recurrent weights alone (4·H² float32) would fill a quarter of the addressable 4 GiB. */
export const MAX_HIDDEN_SIZE = 8192;
// The following limits guard against typos; the kernels have none.
const MAX_LAYERS = 64;
const MAX_WINDOW = 1_000_000;
const MAX_OUTPUTS = 10_000_000;
/** Characters of the names of all classes, as JSON. A checkpoint has room for twice as many. */
const MAX_CLASS_NAMES = 2 ** 21;
export const MAX_BATCH_SIZE = 65536;

/** The most threads. */
export const MAX_THREADS = 256;

/** How many threads to compute on; 0 takes as many as are useful on this machine. */
export const THREADS: OptionSpec<number> = integer({ default: 0, min: 0, max: MAX_THREADS });

/** Called as work goes on, with how much of it is done, and how much there is. */
export const PROGRESS: OptionSpec<((completed: number, total: number) => void) | undefined> = other((option, value) => {
  if (typeof value === "function") return value as (completed: number, total: number) => void;
  throw new OptionError(option, "a function", value);
});

/** The seed of random choices. */
export const SEED: OptionSpec<number> = integer({ default: 1, min: 0, max: MAX_SEED });

/** Options that define a model. */
export const MODEL_OPTIONS = {
  /** Hidden units per layer. */
  hiddenSize: integer({ default: 128, min: 1, max: MAX_HIDDEN_SIZE }),
  /** Number of stacked LSTM layers. */
  layers: integer({ default: 1, min: 1, max: MAX_LAYERS }),
  /** Whether each layer reads sequences from both ends. Not for predicting the next token. */
  bidirectional: boolean({ default: false }),
  /** The layer on top: linear, or none, whose outputs are the hidden states of the last layer. */
  head: choice(HEADS, { default: "linear" }),
  /** Width of input vectors, for a model without a vocabulary; 0 reads tokens. */
  inputSize: integer({ default: 0, min: 0, max: MAX_HIDDEN_SIZE }),
  /** Width of the learned token embedding; 0 reads tokens one-hot. */
  embeddingSize: integer({ default: 0, min: 0, max: MAX_HIDDEN_SIZE }),
  /** Names of the classes, for sequence classification. */
  classes: other<readonly string[]>(checkClasses, { default: [] }),
  /** Logits or values per output. Default: one per token or class, or the inputSize; without a head, the hidden units. */
  outputSize: integer({
    default: ({ classes, inputSize, head, hiddenSize, bidirectional }) =>
      head === "none"
        ? (bidirectional ? 2 : 1) * (hiddenSize as number)
        : (classes as string[]).length || (inputSize as number),
    min: 0,
    max: MAX_OUTPUTS,
  }),
  /** Loss function. Default cross-entropy for tokens and classes, else mse. */
  loss: choice(LOSSES, {
    default: ({ classes, inputSize, head }) =>
      head === "none" || ((inputSize as number) > 0 && (classes as string[]).length === 0) ? "mse" : "cross-entropy",
  }),
  /** Error at which the Huber loss changes from quadratic to linear. */
  huberDelta: number({ default: 1, above: 0, requires: { loss: ["huber"] } }),
  /**
   * Quantiles of the pinball loss, between 0 and 1, ascending. Output i is that of index i mod their number, so a target is
   * repeated for each of them.
   */
  quantiles: other<readonly number[]>(checkQuantiles, { default: [], isLater: true }),
  /** Steps of context, read from a zero state each time; 0 carries the state through the whole text. */
  window: integer({ default: 0, min: 0, max: MAX_WINDOW }),
  /** Whether every step has an output, or only the last. Default: every step, unless there is a window or classes. */
  returnSequences: boolean({ default: ({ window, classes }) => window === 0 && (classes as string[]).length === 0 }),
  /** Seed of the initial parameters and of all randomness in training. */
  seed: SEED,
  /** Weight initialization. */
  initialization: choice(INITIALIZATIONS, { default: "pytorch-uniform" }),
  /** Standard deviation of the normal initialization. */
  initStd: number({ default: 0.01, above: 0, max: 1e37, requires: { initialization: ["normal"] } }),
  /** Initial bias of the forget gates. Default: as the initialization sets it. */
  forgetBias: optionalNumber({ min: -3.4e38, max: 3.4e38 }),
};

/** Options of how a model is run, which are not saved with it. */
export const CREATE_OPTIONS = {
  /** Kernels to compute with; auto takes the fastest available. */
  backend: choice(["auto", ...BACKENDS], { default: "auto" }),
};

/** Options of {@link createModel}. */
export interface ModelOptions extends OptionsOf<typeof MODEL_OPTIONS>, OptionsOf<typeof CREATE_OPTIONS> {}

/** {@link ModelOptions} with every default filled in; an `outputSize` of 0 means one logit per token. */
export interface ModelConfig extends SettledOptions<typeof MODEL_OPTIONS> {}

/** @throws OptionError for an invalid value, or options that contradict each other */
export function settleModel(options: ModelOptions): ModelConfig {
  refuseUnknown([...Object.keys(MODEL_OPTIONS), ...Object.keys(CREATE_OPTIONS)], options);
  const config = settle(MODEL_OPTIONS, pick(MODEL_OPTIONS, options));
  const { inputSize, embeddingSize, outputSize, classes, loss, head, bidirectional, window, quantiles } = config;
  if (inputSize > 0 && embeddingSize > 0)
    throw new OptionError("embeddingSize", "0 with an inputSize, since only tokens are embedded", embeddingSize);
  if (inputSize > 0 && outputSize === 0) throw new OptionError("outputSize", "at least 1", outputSize);
  if (loss !== "cross-entropy" && classes.length > 0) throw new OptionError("loss", "cross-entropy with classes", loss);
  if (loss !== "cross-entropy" && outputSize === 0)
    throw new OptionError("outputSize", `the number of output values with the loss ${loss}`, outputSize);
  const units = outputSizeOf({ ...config, vocabularySize: 0 });
  if (head === "none" && classes.length > 0) throw new OptionError("classes", "none without a head", classes);
  if (head === "none" && loss === "cross-entropy") throw new OptionError("loss", "mse or huber without a head", loss);
  if (quantiles.length > 0 !== (loss === "pinball"))
    throw new OptionError("quantiles", loss === "pinball" ? "at least one" : "none unless loss is pinball", quantiles);
  if (quantiles.length > 0 && units % quantiles.length > 0)
    throw new OptionError("outputSize", `a multiple of ${quantiles.length}, the number of quantiles`, units);
  if (head === "none" && outputSize !== units)
    throw new OptionError("outputSize", `${units}, the hidden units, without a head`, outputSize);
  if (bidirectional && outputSize === 0 && window === 0)
    throw new OptionError(
      "bidirectional",
      "false for a model that predicts the next token, which reading from the end would give away; set classes, an " +
        "outputSize or a window",
      bidirectional,
    );
  if (classes.length > 0 && outputSize !== classes.length)
    throw new OptionError("outputSize", `${classes.length}, one per class`, outputSize);
  return config;
}

/** Guards against typos. */
const MOST_QUANTILES = 99;

/** @throws OptionError for anything but ascending numbers between 0 and 1 */
export function checkQuantiles(option: string, value: unknown): readonly number[] {
  const isQuantile = (one: unknown, i: number, all: readonly unknown[]) =>
    typeof one === "number" && one > 0 && one < 1 && (i === 0 || one > Number(all[i - 1]));
  if (Array.isArray(value) && value.length <= MOST_QUANTILES && Array.from(value).every(isQuantile)) return value;
  throw new OptionError(option, `up to ${MOST_QUANTILES} ascending numbers between 0 and 1`, value);
}

function checkClasses(option: string, value: unknown): readonly string[] {
  const isNames = Array.isArray(value) && value.every((name) => typeof name === "string");
  if (!isNames || new Set(value).size < value.length || JSON.stringify(value).length > MAX_CLASS_NAMES)
    throw new OptionError(option, "an array of distinct names, of at most 2 MB", value);
  return value;
}
