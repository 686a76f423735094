import { InputError, OptionError } from "../common/errors.js";
import { type Batches, type TextBatches, TokenStreams, TokenWindows } from "../data/batches.js";
import { check, type Example, ExampleBatches } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import type { TrainConfig } from "./config.js";
import type { Model } from "./model.js";

/** What a model is trained on and evaluated with: a text, its tokens, or examples. */
export type Data = string | Int32Array | readonly Example[];

/** Rows of one pass that only looks: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;
/** Windows or examples side by side in such a pass. */
const SIDE_BY_SIDE = 64;

/** How many of a text's tokens, or of the examples, are trained on: all but the held-out ones at the end. */
export const trainedOn = (length: number, { validationFraction }: TrainConfig): number =>
  length - Math.floor(length * validationFraction);

/** Data cut up for training: the first part to train on, the last to validate with. */
export interface Dataset {
  readonly training: Batches;
  readonly validation: Batches | undefined;
  readonly fingerprint: string;
}

/**
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or data that do not fit the model
 * @throws OptionError where the held-out part would be too small
 */
export function cutForTraining(model: Model, data: Data, config: TrainConfig): Dataset {
  const { batchSize, sequenceLength, validationFraction } = config;
  const all = encoded(model, data);
  const cut = trainedOn(all.length, config);
  const held = all.length - cut;
  const needed = all instanceof Int32Array ? Math.max(2, model.config.window + 1) : 1;
  if (validationFraction > 0 && held < needed)
    throw new OptionError("validationFraction", `at least ${needed} of ${all.length} held out`, validationFraction);
  const part = (from: number, to: number) => (all instanceof Int32Array ? all.subarray(from, to) : all.slice(from, to));
  // Streams too short for a chunk would mostly begin without what came before; so a short text has fewer of them.
  const streams = all instanceof Int32Array ? Math.min(batchSize, Math.ceil(held / CHUNK)) : batchSize;
  return {
    training: cutUp(model, part(0, cut), batchSize, sequenceLength),
    validation: held > 0 ? cutUp(model, part(cut, all.length), streams, CHUNK) : undefined,
    fingerprint: fingerprint(all),
  };
}

/**
 * Data cut up to be looked at once, a text as one stream.
 *
 * @throws as {@link cutForTraining}
 */
export function cutForReading(model: Model, data: Data): Batches {
  const all = encoded(model, data);
  const isStream = all instanceof Int32Array && model.config.window === 0;
  return cutUp(model, all, isStream ? 1 : SIDE_BY_SIDE, CHUNK);
}

/**
 * A text cut up to be foretold token by token.
 *
 * @throws as {@link cutForTraining}
 */
export function cutForPrediction(model: Model, text: string | Int32Array, batchSize: number): TextBatches {
  return cutUpText(model, encoded(model, text) as Int32Array, batchSize, Math.ceil(CHUNK / batchSize));
}

/** @throws InputError for what is neither a text nor examples, or does not fit the model */
function encoded(model: Model, data: Data): Int32Array | readonly Example[] {
  const isText = typeof data === "string" || data instanceof Int32Array;
  if (!isText && !Array.isArray(data)) throw new InputError("expected a text, its tokens, or an array of examples");
  if (isText && !model.isLanguageModel)
    throw new InputError("this model does not foretell the next token: give it examples in place of a text");
  if (typeof data === "string") return model.vocabulary.encode(data);
  if (data instanceof Int32Array) check(data, model.input, "tokens");
  return data;
}

function cutUp(
  model: Model,
  data: Int32Array | readonly Example[],
  batchSize: number,
  sequenceLength: number,
): Batches {
  if (data instanceof Int32Array) return cutUpText(model, data, batchSize, sequenceLength);
  return new ExampleBatches(data, batchSize, model.input, model.output, model.config.returnSequences);
}

function cutUpText(model: Model, tokens: Int32Array, batchSize: number, sequenceLength: number): TextBatches {
  const { window } = model.config;
  if (window > 0) return new TokenWindows(tokens, batchSize, window);
  return new TokenStreams(tokens, batchSize, sequenceLength);
}
